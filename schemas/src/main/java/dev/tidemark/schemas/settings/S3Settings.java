package dev.tidemark.schemas.settings;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where the archive lies.
 *
 * @param bucket empty when missing
 * @param root put before every key, without a slash at either end; may be empty
 * @param endpoint of a store other than Amazon's
 * @param accessKeyId together with the secret; without both, AWS's default provider chain is asked
 * @param secretAccessKey as written, or read from the file
 * @param secretAccessKeyFile where the secret was read from
 * @param deadline of one request, its retries among it
 * @param storageClass of every object, as S3 spells it; the store's own default without it
 */
public record S3Settings(
        String bucket,
        String root,
        Optional<URI> endpoint,
        String region,
        boolean pathStyle,
        Optional<String> accessKeyId,
        Optional<Secret> secretAccessKey,
        Optional<Path> secretAccessKeyFile,
        Checksums checksums,
        Duration deadline,
        int attempts,
        EncryptionSettings encryption,
        Optional<String> storageClass) {
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

    /** Those from which an object is read within milliseconds: a restore waits for nothing to be thawed. */
    private static final List<String> STORAGE_CLASSES = List.of(
            "STANDARD",
            "STANDARD_IA",
            "ONEZONE_IA",
            "INTELLIGENT_TIERING",
            "GLACIER_IR",
            "EXPRESS_ONEZONE",
            "REDUCED_REDUNDANCY");

    public S3Settings {
        Objects.requireNonNull(bucket, "bucket");
        Objects.requireNonNull(root, "root");
        Objects.requireNonNull(endpoint, "endpoint");
        Objects.requireNonNull(region, "region");
        Objects.requireNonNull(accessKeyId, "accessKeyId");
        Objects.requireNonNull(secretAccessKey, "secretAccessKey");
        Objects.requireNonNull(secretAccessKeyFile, "secretAccessKeyFile");
        Objects.requireNonNull(checksums, "checksums");
        Objects.requireNonNull(deadline, "deadline");
        Objects.requireNonNull(encryption, "encryption");
        Objects.requireNonNull(storageClass, "storageClass");
    }

    /** One that leaves to the bucket how objects are encrypted and of which class they are. */
    public S3Settings(
            String bucket,
            String root,
            Optional<URI> endpoint,
            String region,
            boolean pathStyle,
            Optional<String> accessKeyId,
            Optional<Secret> secretAccessKey,
            Optional<Path> secretAccessKeyFile,
            Checksums checksums,
            Duration deadline,
            int attempts) {
        this(
                bucket,
                root,
                endpoint,
                region,
                pathStyle,
                accessKeyId,
                secretAccessKey,
                secretAccessKeyFile,
                checksums,
                deadline,
                attempts,
                EncryptionSettings.defaults(),
                Optional.empty());
    }

    public static S3Settings defaults() {
        return new S3Settings(
                "",
                "",
                Optional.empty(),
                "us-east-1",
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Checksums.WHEN_SUPPORTED,
                Duration.ofSeconds(30),
                5);
    }

    /** A store of its own endpoint, addressed by path, as in the embedded mode and in tests. */
    public static S3Settings at(URI endpoint, String bucket, String accessKeyId, Secret secretAccessKey) {
        S3Settings defaults = defaults();
        return new S3Settings(
                bucket,
                defaults.root,
                Optional.of(endpoint),
                defaults.region,
                true,
                Optional.of(accessKeyId),
                Optional.of(secretAccessKey),
                Optional.empty(),
                defaults.checksums,
                defaults.deadline,
                defaults.attempts);
    }

    /** The same, for who would rather do without an answer than wait longer for it. */
    public S3Settings answeringWithin(Duration patience) {
        return new S3Settings(
                bucket,
                root,
                endpoint,
                region,
                pathStyle,
                accessKeyId,
                secretAccessKey,
                secretAccessKeyFile,
                checksums,
                patience,
                1);
    }

    /** The same store, another bucket of it. */
    public S3Settings with(String otherBucket) {
        return new S3Settings(
                otherBucket,
                root,
                endpoint,
                region,
                pathStyle,
                accessKeyId,
                secretAccessKey,
                secretAccessKeyFile,
                checksums,
                deadline,
                attempts,
                encryption,
                storageClass);
    }

    /** The same, each object stored so. */
    public S3Settings storing(EncryptionSettings otherEncryption, Optional<String> otherStorageClass) {
        return new S3Settings(
                bucket,
                root,
                endpoint,
                region,
                pathStyle,
                accessKeyId,
                secretAccessKey,
                secretAccessKeyFile,
                checksums,
                deadline,
                attempts,
                otherEncryption,
                otherStorageClass);
    }

    void report(Problems problems) {
        if (bucket.isEmpty()) {
            problems.unless(false, "s3.bucket is missing; for example my-backups");
        } else {
            problems.unless(
                    BUCKET.matcher(bucket).matches(),
                    "s3.bucket is '" + bucket + "'; it is the bucket's name alone, for example my-backups");
        }
        problems.unless(
                !root.startsWith("/") && !root.endsWith("/") && !root.contains("//"),
                "s3.root is '" + root + "'; it begins and ends without '/', for example redis/backups");
        endpoint.ifPresent(address -> reportEndpoint(problems, address));
        problems.unless(!region.isBlank(), "s3.region is empty; for example us-east-1");
        problems.unless(
                accessKeyId.isPresent() == secretAccessKey.isPresent(),
                accessKeyId.isPresent()
                        ? "s3.secret-access-key-file is missing though s3.access-key-id is set"
                        : "s3.access-key-id is missing though a secret access key is set");
        problems.unlessWithin("s3.deadline", deadline, Duration.ofSeconds(1), Duration.ofMinutes(10));
        problems.unlessWithin("s3.attempts", attempts, 1, 20);
        encryption.report(problems);
        storageClass.ifPresent(name -> problems.unless(
                STORAGE_CLASSES.contains(name),
                "s3.storage-class is '%s'; it is one of %s, from which objects are read at once"
                        .formatted(name, String.join(", ", STORAGE_CLASSES))));
    }

    private static void reportEndpoint(Problems problems, URI address) {
        boolean isWeb = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
        problems.unless(
                isWeb && address.getHost() != null && !address.toString().contains("@"),
                "s3.endpoint is no plain http:// or https:// address; for example https://minio.internal:9000");
    }

    @Override
    public String toString() {
        String shown = endpoint.map(address -> address.toString().contains("@") ? "(secret)" : address.toString())
                .orElse("(none)");
        return "S3Settings[bucket=" + bucket + ", root=" + root + ", endpoint=" + shown + ", region=" + region
                + ", pathStyle=" + pathStyle + ", accessKeyId=" + accessKeyId + ", secretAccessKey=" + secretAccessKey
                + ", secretAccessKeyFile=" + secretAccessKeyFile + ", checksums=" + checksums + ", deadline="
                + deadline + ", attempts=" + attempts + ", encryption=" + encryption + ", storageClass=" + storageClass
                + "]";
    }
}
