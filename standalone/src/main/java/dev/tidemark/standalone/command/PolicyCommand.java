package dev.tidemark.standalone.command;

import dev.tidemark.capture.CaptureRights;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.standalone.policy.BucketPolicy;
import dev.tidemark.standalone.policy.KafkaPolicy;
import dev.tidemark.standalone.policy.Service;
import dev.tidemark.standalone.policy.StrimziResources;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "policy",
        description = {
            "Print the least rights that each service needs in Redis, Kafka and S3, from the settings; nothing is asked or changed.",
            "",
            "Only prune may delete what a restore reads. With kafka.topics-create: false nobody may create topics either;"
                    + " --strimzi prints them."
        },
        footer = {
            "  tidemark policy                              of every service",
            "  tidemark policy --service compactor          of one",
            "  tidemark policy --strimzi my-cluster         Kafka's as KafkaTopic and KafkaUser",
            "  tidemark policy --strimzi my-cluster -o json | jq -r .strimzi | kubectl apply -f -",
            "  tidemark policy -o json | jq '.s3.compactor' > compactor-policy.json"
        })
final class PolicyCommand implements Callable<Integer> {
    private static final Pattern VERSION = Pattern.compile("(\\d{1,2})\\.(\\d{1,2})");
    private static final String REDIS_USER = "tidemark";

    @ParentCommand
    private TidemarkCommand tidemark;

    @Option(
            names = "--service",
            paramLabel = "SERVICE",
            description = "One of ${COMPLETION-CANDIDATES}; all by default.")
    private Optional<Service> one = Optional.empty();

    @Option(
            names = "--redis-version",
            paramLabel = "M.N",
            description =
                    "Of the captured Redis, which refuses rules for commands that it does not have; 7.2 by default.")
    private String redisVersion = "7.2";

    @Option(names = "--search", description = "The captured Redis has the search module.")
    private boolean search;

    @Option(
            names = "--kms-key",
            paramLabel = "ARN",
            description = "Of the KMS key that the bucket encrypts with; s3.encryption.kms-key by default.")
    private Optional<String> kmsKey = Optional.empty();

    @Option(
            names = "--strimzi",
            paramLabel = "CLUSTER",
            description = "Kafka's rights as resources of this Strimzi cluster in place of commands.")
    private Optional<String> strimzi = Optional.empty();

    @Override
    public Integer call() {
        Settings settings = tidemark.settings(Role.RESTORER);
        KafkaPolicy kafka = KafkaPolicy.of(settings, CaptureRights.recordBytesMax(settings));
        BucketPolicy bucket = BucketPolicy.of(
                settings, kmsKey.or(() -> settings.s3().encryption().kmsKey()));
        String redis = CaptureRights.redisUser(settings, version(), search, REDIS_USER);
        tidemark.answer(text(redis, kafka, bucket), json(redis, kafka, bucket));
        return ExitCode.DONE.number();
    }

    private int version() {
        Matcher version = VERSION.matcher(redisVersion);
        if (!version.matches()) {
            throw new TidemarkError(
                    ExitCode.USAGE, "--redis-version is '%s'; it is like 7.2 or 8.0".formatted(redisVersion));
        }
        return Integer.parseInt(version.group(1)) * 10_000 + Integer.parseInt(version.group(2)) * 100;
    }

    private List<Service> services() {
        return one.map(List::of).orElseGet(() -> Arrays.asList(Service.values()));
    }

    private String text(String redis, KafkaPolicy kafka, BucketPolicy bucket) {
        StringBuilder text = new StringBuilder();
        if (services().contains(Service.CAPTURE)) {
            text.append("# Redis %s, for capture; put a password in place of PASSWORD\n%s%n%n"
                    .formatted(redisVersion, redis));
        }
        strimzi.ifPresent(cluster -> text.append("# Kafka: the topics\n")
                .append(new StrimziResources(kafka, cluster).topics())
                .append('\n'));
        for (Service service : services()) {
            if (!kafka.of(service).isEmpty()) {
                text.append("# Kafka, for %s%n".formatted(service.spoken()));
                text.append(strimzi.map(cluster -> new StrimziResources(kafka, cluster).user(service))
                        .orElseGet(() -> String.join("\n", kafka.commands(service)) + "\n"));
                text.append('\n');
            }
        }
        for (Service service : services()) {
            text.append("# S3, for %s%n%s%n%n"
                    .formatted(service.spoken(), TidemarkCommand.indented(bucket.document(service))));
        }
        return text.toString().stripTrailing();
    }

    private Map<String, Object> json(String redis, KafkaPolicy kafka, BucketPolicy bucket) {
        Map<String, Object> acls = new LinkedHashMap<>();
        Map<String, Object> documents = new LinkedHashMap<>();
        for (Service service : services()) {
            acls.put(service.spoken(), Map.of("user", service.user(kafka.source()), "acls", kafka.of(service)));
            documents.put(service.spoken(), bucket.document(service));
        }
        Map<String, Object> json = new LinkedHashMap<>();
        if (services().contains(Service.CAPTURE)) {
            json.put("redis", Map.of("user", REDIS_USER, "line", redis));
        }
        json.put("kafka", acls);
        strimzi.ifPresent(cluster -> json.put("strimzi", new StrimziResources(kafka, cluster).all(services())));
        json.put("s3", documents);
        return json;
    }
}
