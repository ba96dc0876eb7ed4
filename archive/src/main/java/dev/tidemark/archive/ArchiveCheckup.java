package dev.tidemark.archive;

import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.checkup.Mend;
import dev.tidemark.schemas.checkup.Mend.Place;
import dev.tidemark.schemas.settings.Checksums;
import dev.tidemark.schemas.settings.S3Settings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;

/**
 * Tries every request that the archive makes, on objects of its own below {@code <root>/<source>/_probe/}, which it deletes
 * again. Nothing that was in the bucket before is read or touched.
 */
public final class ArchiveCheckup {
    private static final Duration REQUEST_MAX = Duration.ofSeconds(4);
    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 412;
    private static final int CONFLICT = 409;
    private static final int NOT_IMPLEMENTED = 501;
    private static final byte[] CONTENT = "tidemark".getBytes(StandardCharsets.US_ASCII);

    private final S3Settings settings;
    private final String source;
    private final Findings findings;
    private final String probe;
    private final List<String> written = new ArrayList<>();

    public ArchiveCheckup(S3Settings settings, String source, Findings findings) {
        this.settings = settings;
        this.source = source;
        this.findings = findings;
        this.probe = prefix() + "_probe/doctor-" + UUID.randomUUID();
    }

    /** Adds what it finds. */
    public void run() {
        NativeCode.examine(findings);
        try (S3Client client = S3Clients.of(settings)) {
            if (!listed(client)) {
                return;
            }
            try {
                if (put(client)) {
                    rangedGet(client);
                }
                createOnly(client);
                multipart(client);
            } finally {
                // Before the answer to anything else: nothing of ours stays because something else failed.
                delete(client);
            }
        } catch (SdkException unreachable) {
            away(unreachable);
        }
    }

    private boolean listed(S3Client client) {
        Optional<AwsServiceException> refusal = refusal(() -> client.listObjectsV2(list ->
                list.bucket(settings.bucket()).prefix(prefix()).maxKeys(1).overrideConfiguration(bounded())));
        if (refusal.isEmpty()) {
            findings.ok("reachable", endpoint() + " answers");
            findings.ok("list", "allowed");
            return true;
        }
        AwsServiceException why = refusal.get();
        // Some stores say no more than 404, and a listing has nothing else that could be missing.
        if (why.statusCode() == NOT_FOUND) {
            findings.missing(
                    "bucket",
                    "bucket %s is not there".formatted(settings.bucket()),
                    Mend.in(Place.SHELL, aws("s3api create-bucket --bucket " + settings.bucket())));
            return false;
        }
        if (Attempts.isAboutCredentials(why)) {
            findings.missing(
                    "credentials",
                    said(why),
                    settings.accessKeyId().isPresent()
                            ? Mend.in(
                                    Place.TIDEMARK_YML,
                                    "s3.secret-access-key-file: /path/to/the/secret-of-s3.access-key-id")
                            : Mend.in(
                                    Place.HANDS, "get new ones where AWS's tools look: the environment, the profile"));
            return false;
        }
        findings.ok("reachable", endpoint() + " answers");
        findings.missing("list", said(why), grant("s3:ListBucket", ""));
        return true;
    }

    private boolean put(S3Client client) {
        AtomicReference<PutObjectResponse> response = new AtomicReference<>();
        Optional<AwsServiceException> refusal =
                refusal(() -> response.set(client.putObject(write(probe, false), RequestBody.fromBytes(CONTENT))));
        if (refusal.isPresent()) {
            findings.missing("put", said(refusal.get()), mendOfWrite(refusal.get()));
            return false;
        }
        written.add(probe);
        findings.ok("put", "allowed");
        String encryption = response.get().serverSideEncryptionAsString();
        if (encryption == null) {
            findings.ok("encryption", "the store says nothing of encryption");
        } else {
            findings.ok(
                    "encryption",
                    encryption
                            + (response.get().ssekmsKeyId() == null
                                    ? ""
                                    : ", key " + response.get().ssekmsKeyId()));
        }
        return true;
    }

    private void rangedGet(S3Client client) {
        AtomicReference<byte[]> read = new AtomicReference<>();
        Optional<AwsServiceException> refusal =
                refusal(() -> read.set(client.getObjectAsBytes(get -> get.bucket(settings.bucket())
                                .key(probe)
                                .range("bytes=2-4")
                                .overrideConfiguration(bounded()))
                        .asByteArray()));
        if (refusal.isPresent()) {
            findings.missing("get", said(refusal.get()), grant("s3:GetObject", "/*"));
        } else if (Arrays.equals(read.get(), Arrays.copyOfRange(CONTENT, 2, 5))) {
            findings.ok("get", "a range of bytes came as asked");
        } else {
            findings.missing(
                    "get",
                    "asked for 3 bytes out of %d the store sent %d others".formatted(CONTENT.length, read.get().length),
                    Mend.in(Place.HANDS, "use a store that honours Range"));
        }
    }

    private void createOnly(S3Client client) {
        String key = probe + "-once";
        Optional<AwsServiceException> first =
                refusal(() -> client.putObject(write(key, true), RequestBody.fromBytes(CONTENT)));
        Mend other = Mend.in(Place.HANDS, "use a store that has conditional writes");
        if (first.isPresent()) {
            boolean lacking = first.get().statusCode() == NOT_IMPLEMENTED;
            findings.missing("create-only put", said(first.get()), lacking ? other : mendOfWrite(first.get()));
            return;
        }
        written.add(key);
        AtomicReference<PutObjectResponse> taken = new AtomicReference<>();
        Optional<AwsServiceException> second =
                refusal(() -> taken.set(client.putObject(write(key, true), RequestBody.fromBytes(CONTENT))));
        if (second.isEmpty()) {
            boolean keepsVersions = taken.get().versionId() != null;
            findings.missing(
                    "create-only put",
                    "the store ignores If-None-Match%s: a second write replaced the first, so two compactors could lose each other's rows"
                            .formatted(keepsVersions ? " in this bucket, which keeps versions" : ""),
                    keepsVersions
                            ? Mend.in(
                                    Place.HANDS,
                                    "use a bucket that keeps no versions, or a store that has conditional writes in one that does")
                            : other);
        } else if (isRefusedAsTaken(second.get())) {
            findings.ok("create-only put", "the second of two writes was refused");
        } else {
            findings.missing("create-only put", said(second.get()), other);
        }
    }

    private static boolean isRefusedAsTaken(AwsServiceException refused) {
        return refused.statusCode() == PRECONDITION_FAILED || refused.statusCode() == CONFLICT;
    }

    private void multipart(S3Client client) {
        String key = probe + "-parts";
        AtomicReference<String> upload = new AtomicReference<>();
        Optional<AwsServiceException> refusal = refusal(() -> {
            upload.set(begin(client, key));
            complete(client, key, upload.get(), false);
        });
        if (refusal.isPresent()) {
            findings.missing("multipart", said(refusal.get()), mendOfWrite(refusal.get()));
            if (upload.get() != null) {
                refusal(() -> abort(client, key, upload.get()));
            }
            return;
        }
        findings.ok("multipart", "begun, a part sent, completed");
        createOnlyInParts(client, key);
        tidied(
                "multipart abort",
                () -> abort(client, key, begin(client, key)),
                "parts of uploads that failed would stay and be paid for",
                grant("s3:AbortMultipartUpload", "/*"));
        tidied(
                "multipart list",
                () -> client.listMultipartUploads(
                        list -> list.bucket(settings.bucket()).prefix(probe).overrideConfiguration(bounded())),
                "parts of baselines that were killed would stay and be paid for",
                grant("s3:ListBucketMultipartUploads", ""));
    }

    /** Large roll-ups and snapshots for others are written so; neither is what a restore rests on. */
    private void createOnlyInParts(S3Client client, String key) {
        Mend other = Mend.in(Place.HANDS, "use a store that has conditional writes of uploads in parts");
        AtomicReference<String> upload = new AtomicReference<>();
        Optional<AwsServiceException> second = refusal(() -> {
            upload.set(begin(client, key));
            complete(client, key, upload.get(), true);
        });
        if (second.isEmpty()) {
            findings.warning(
                    "create-only multipart",
                    "the store ignores If-None-Match when an upload in parts is completed: of two compactors that end a large roll-up in the same moment the second would replace the first one's",
                    other);
            return;
        }
        if (isRefusedAsTaken(second.get())) {
            findings.ok("create-only multipart", "the second of two uploads was refused");
        } else {
            findings.missing("create-only multipart", said(second.get()), other);
        }
        if (upload.get() != null) {
            refusal(() -> abort(client, key, upload.get()));
        }
    }

    private void tidied(String check, Runnable request, String otherwise, Mend mend) {
        Optional<AwsServiceException> refused = refusal(request);
        if (refused.isPresent()) {
            findings.warning(check, said(refused.get()) + "; " + otherwise, mend);
        } else {
            findings.ok(check, "allowed");
        }
    }

    private String begin(S3Client client, String key) {
        return client.createMultipartUpload(
                        upload -> upload.bucket(settings.bucket()).key(key).overrideConfiguration(bounded()))
                .uploadId();
    }

    private void complete(S3Client client, String key, String upload, boolean createOnly) {
        String tag = client.uploadPart(
                        part -> part.bucket(settings.bucket())
                                .key(key)
                                .uploadId(upload)
                                .partNumber(1)
                                .overrideConfiguration(bounded()),
                        RequestBody.fromBytes(CONTENT))
                .eTag();
        if (!written.contains(key)) {
            // Before it is known whether it is there: deleting what is not there does no harm.
            written.add(key);
        }
        client.completeMultipartUpload(done -> done.bucket(settings.bucket())
                .key(key)
                .uploadId(upload)
                .ifNoneMatch(createOnly ? "*" : null)
                .multipartUpload(parts -> parts.parts(
                        CompletedPart.builder().partNumber(1).eTag(tag).build()))
                .overrideConfiguration(bounded()));
    }

    private void abort(S3Client client, String key, String upload) {
        client.abortMultipartUpload(request ->
                request.bucket(settings.bucket()).key(key).uploadId(upload).overrideConfiguration(bounded()));
    }

    private void delete(S3Client client) {
        if (written.isEmpty()) {
            findings.skipped("delete", "nothing could be written");
            return;
        }
        List<String> left = new ArrayList<>();
        AtomicInteger hidden = new AtomicInteger();
        Optional<AwsServiceException> last = Optional.empty();
        for (String key : written) {
            Optional<AwsServiceException> refusal = refusal(() -> {
                DeleteObjectResponse answer = client.deleteObject(
                        delete -> delete.bucket(settings.bucket()).key(key).overrideConfiguration(bounded()));
                hidden.addAndGet(Boolean.TRUE.equals(answer.deleteMarker()) ? 1 : 0);
            });
            if (refusal.isPresent()) {
                left.add("s3://" + settings.bucket() + "/" + key);
                last = refusal;
            }
        }
        if (last.isEmpty()) {
            findings.ok(
                    "delete",
                    hidden.get() == 0
                            ? "allowed; nothing was left behind"
                            : "allowed; the bucket keeps versions: %d probes are hidden and not gone"
                                    .formatted(hidden.get()));
        } else {
            findings.warning(
                    "delete",
                    "%s; only retention needs it. Left behind: %s".formatted(said(last.get()), String.join(" ", left)),
                    grant("s3:DeleteObject", "/*"));
        }
    }

    private PutObjectRequest write(String key, boolean createOnly) {
        return PutObjectRequest.builder()
                .bucket(settings.bucket())
                .key(key)
                .ifNoneMatch(createOnly ? "*" : null)
                .overrideConfiguration(bounded())
                .build();
    }

    /** A store that refuses has answered; one that does not answer ends the examination. */
    private static Optional<AwsServiceException> refusal(Runnable request) {
        try {
            request.run();
            return Optional.empty();
        } catch (AwsServiceException refused) {
            return Optional.of(refused);
        }
    }

    private void away(SdkException failure) {
        Throwable root = failure;
        boolean nobody = root instanceof FoundCredentials.Missing;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
            nobody |= root instanceof FoundCredentials.Missing;
        }
        if (nobody) {
            // Not in the words of the SDK, which lists every place where it looked and the class that did.
            findings.missing(
                    "credentials",
                    endpoint()
                            + ": there are no credentials for it, neither in the settings nor where AWS's tools look",
                    Mend.in(Place.TIDEMARK_YML, "s3.access-key-id: AKIA..."));
            return;
        }
        String said = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        findings.missing(
                "reachable",
                endpoint() + ": " + said,
                Mend.in(Place.SHELL, aws("s3api head-bucket --bucket " + settings.bucket())));
    }

    private Mend mendOfWrite(AwsServiceException why) {
        return settings.checksums() == Checksums.WHEN_SUPPORTED && Attempts.isAboutChecksums(why)
                ? Mend.in(Place.TIDEMARK_YML, "s3.checksums: when-required")
                : grant("s3:PutObject", "/*");
    }

    private Mend grant(String action, String below) {
        return Mend.in(
                Place.IAM_POLICY,
                "{\"Effect\":\"Allow\",\"Action\":\"%s\",\"Resource\":\"arn:aws:s3:::%s%s\"}"
                        .formatted(action, settings.bucket(), below));
    }

    private String aws(String command) {
        return "aws %s --region %s%s"
                .formatted(
                        command,
                        settings.region(),
                        settings.endpoint()
                                .map(endpoint -> " --endpoint-url " + endpoint)
                                .orElse(""));
    }

    private String endpoint() {
        return settings.endpoint().map(Object::toString).orElse("Amazon S3 in " + settings.region());
    }

    private static String said(AwsServiceException refused) {
        return "the store answered %d %s"
                .formatted(refused.statusCode(), Attempts.code(refused))
                .strip();
    }

    private String prefix() {
        return (settings.root().isEmpty() ? "" : settings.root() + "/") + source + "/";
    }

    private AwsRequestOverrideConfiguration bounded() {
        Duration limit = settings.deadline().compareTo(REQUEST_MAX) < 0 ? settings.deadline() : REQUEST_MAX;
        return AwsRequestOverrideConfiguration.builder().apiCallTimeout(limit).build();
    }
}
