package dev.tidemark.standalone.up;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.FreePort;
import java.net.URI;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** What a new directory is begun with: the user's few words, and the rest chosen. */
public final class FirstStart {
    static final String SECRET_FILE = "s3-secret-access-key";
    private static final String BUCKET = "tidemark";
    private static final int SHARDS = 4;
    private static final int SECRET_BYTES = 20;
    private static final int CAPTURE_PORT = 9464;
    private static final int COMPACTOR_PORT = 9465;

    private final String name;
    private final URI redis;
    private final Optional<OutsideBucket> bucket;
    private final EmbeddedAddresses addresses = EmbeddedAddresses.free();
    private final String s3Secret = randomHex();

    /** A bucket of the user's own; its credentials come from the environment, as AWS's tools have them. */
    public record OutsideBucket(String bucket, String root, Optional<URI> endpoint, Optional<String> region) {}

    private FirstStart(String name, URI redis, Optional<OutsideBucket> bucket) {
        this.name = name;
        this.redis = redis;
        this.bucket = bucket;
    }

    /**
     * Checks what was said before anything is written.
     *
     * @param bucket none for a folder in the directory
     */
    public static FirstStart of(String name, URI redis, Optional<OutsideBucket> bucket) {
        FirstStart first = new FirstStart(name, redis, bucket);
        List<String> problems = first.settings().problems(Role.CAPTURE);
        if (!problems.isEmpty()) {
            throw new TidemarkError(
                    ExitCode.USAGE, "nothing was started:%n  %s".formatted(String.join("\n  ", problems)));
        }
        return first;
    }

    private Settings settings() {
        S3Settings defaults = S3Settings.defaults();
        S3Settings s3 = bucket.map(outside -> new S3Settings(
                        outside.bucket(),
                        outside.root(),
                        outside.endpoint(),
                        outside.region().orElse(defaults.region()),
                        outside.endpoint().isPresent(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        defaults.checksums(),
                        defaults.deadline(),
                        defaults.attempts()))
                .orElseGet(() -> S3Settings.at(addresses.endpoint(), BUCKET, BUCKET, Secret.of(s3Secret)));
        return Settings.of(
                SourceSettings.of(name, SHARDS),
                RedisSettings.at(redis),
                KafkaSettings.singleBroker(addresses.bootstrap()),
                s3);
    }

    EmbeddedAddresses addresses() {
        return addresses;
    }

    String s3Secret() {
        return s3Secret;
    }

    /** Every value in it has passed the rules of its setting, none of which lets a quote through. */
    String config() {
        return """
            # Written once by 'tidemark up', and yours to change; tidemark.example.yml explains every key.
            source:
              name: "%s"
              shards: %d
            redis:
              uri: "%s"
            kafka:
              # 'tidemark up' runs this broker. Name another, and it uses that one and runs none.
              bootstrap: "%s"
              single-copy: true
            %scapture:
              # A restore reads no further back, and older data can be pruned.
              resync-interval: 24h
            compactor:
              # Four shards at work hold one file each, so this bounds memory.
              segment-bytes-max: 16MiB
              state-dir: streams
            restorer:
              # For the drills, which share the memory of 'tidemark up'.
              keys-in-memory-max: 1000000
            http:
              capture-port: %d
              compactor-port: %d
            """.formatted(
                        name,
                        SHARDS,
                        redis,
                        addresses.bootstrap(),
                        bucket.map(FirstStart::outside).orElseGet(this::inside),
                        FreePort.preferring(CAPTURE_PORT),
                        FreePort.preferring(COMPACTOR_PORT));
    }

    private static String outside(OutsideBucket bucket) {
        StringBuilder text = new StringBuilder("s3:\n  bucket: \"%s\"\n".formatted(bucket.bucket()));
        if (!bucket.root().isEmpty()) {
            text.append("  root: \"%s\"%n".formatted(bucket.root()));
        }
        bucket.region().ifPresent(region -> text.append("  region: \"%s\"%n".formatted(region)));
        bucket.endpoint()
                .ifPresent(endpoint -> text.append("  endpoint: \"%s\"%n  path-style: true%n".formatted(endpoint)));
        return text.toString();
    }

    private String inside() {
        return """
            s3:
              # 'tidemark up' keeps this bucket in the folder s3 beside this file. Name another, likewise.
              bucket: "%s"
              endpoint: "%s"
              path-style: true
              access-key-id: "%s"
              secret-access-key-file: %s
            """.formatted(BUCKET, addresses.endpoint(), BUCKET, SECRET_FILE);
    }

    private static String randomHex() {
        byte[] random = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }
}
