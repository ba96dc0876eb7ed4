package dev.tidemark.standalone.policy;

import dev.tidemark.schemas.settings.Settings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What each service may do in the bucket. A backup that its own writers cannot delete survives their keys being stolen, so only
 * prune may, of all that a restore reads; and only the compactor writes what a restore believes.
 *
 * @param below the source's place: {@code root/source/}
 * @param kmsKey the ARN of the key that the bucket encrypts with
 */
public record BucketPolicy(String bucket, String below, Optional<String> kmsKey) {
    private static final String PUT = "s3:PutObject";
    private static final String GET = "s3:GetObject";
    private static final String ABORT = "s3:AbortMultipartUpload";
    private static final String DELETE = "s3:DeleteObject";

    /** HEAD and GET are one right; so are a PUT and all steps of an upload in parts. */
    private static final List<BucketRight> RIGHTS = List.of(
            new BucketRight(Service.CAPTURE, List.of(PUT, ABORT, GET), List.of("blobs/*")),
            new BucketRight(
                    Service.COMPACTOR,
                    List.of(PUT, ABORT, GET),
                    List.of("segments/*", "changes/*", "rolled/*", "gaps/*", "logs/*", "_progress/*", "_probe*")),
            new BucketRight(Service.COMPACTOR, List.of(PUT, ABORT, GET), List.of("baselines/*")),
            // What the last drill found, for its metrics.
            new BucketRight(Service.COMPACTOR, List.of(GET), List.of("drills/*")),
            // Whose turn it is to take a baseline: nothing of the backup, and nothing that a restore reads.
            new BucketRight(Service.COMPACTOR, List.of(PUT, GET, DELETE), List.of("_baseline-turns/*")),
            // What is given up, so that nobody writes it anew.
            new BucketRight(Service.COMPACTOR, List.of(GET), List.of("pruned/*")),
            new BucketRight(Service.RESTORER, List.of(GET), List.of("*")),
            new BucketRight(Service.RESTORER, List.of(PUT), List.of("drills/*")),
            new BucketRight(Service.PRUNE, List.of(GET, DELETE), List.of("*")),
            new BucketRight(Service.PRUNE, List.of(PUT), List.of("pruned/*")));

    public static BucketPolicy of(Settings settings, Optional<String> kmsKey) {
        String root = settings.s3().root().isEmpty() ? "" : settings.s3().root() + "/";
        return new BucketPolicy(settings.s3().bucket(), root + settings.source().name() + "/", kmsKey);
    }

    public static List<BucketRight> of(Service service) {
        return RIGHTS.stream().filter(each -> each.service() == service).toList();
    }

    /** An IAM policy document, as Amazon reads it. */
    public Map<String, Object> document(Service service) {
        List<Map<String, Object>> statements = new ArrayList<>();
        Map<String, Object> list = statement(List.of("s3:ListBucket"), List.of("arn:aws:s3:::" + bucket));
        // Without it S3 answers 403 where it should answer 404, and what is not there yet could not be told from what
        // is forbidden.
        list.put("Condition", Map.of("StringLike", Map.of("s3:prefix", List.of(below + "*"))));
        statements.add(list);
        if (service == Service.COMPACTOR) {
            // What a baseline that died had sent is found and given up by the next one; no condition narrows this
            // right.
            statements.add(statement(List.of("s3:ListBucketMultipartUploads"), List.of("arn:aws:s3:::" + bucket)));
        }
        boolean writes = false;
        for (BucketRight right : of(service)) {
            statements.add(statement(
                    right.actions(),
                    right.below().stream()
                            .map(each -> "arn:aws:s3:::" + bucket + "/" + below + each)
                            .toList()));
            writes |= right.actions().contains(PUT);
        }
        List<String> kms = writes ? List.of("kms:GenerateDataKey", "kms:Decrypt") : List.of("kms:Decrypt");
        kmsKey.ifPresent(key -> statements.add(statement(kms, List.of(key))));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("Version", "2012-10-17");
        document.put("Statement", statements);
        return document;
    }

    private static Map<String, Object> statement(List<String> actions, List<String> resources) {
        Map<String, Object> statement = new LinkedHashMap<>();
        statement.put("Effect", "Allow");
        statement.put("Action", actions);
        statement.put("Resource", resources);
        return statement;
    }
}
