package dev.tidemark.archive;

import dev.tidemark.schemas.settings.Checksums;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.S3Endpoint;
import java.net.URI;
import java.time.Duration;

/** Settings for the store of a test. */
final class Stores {
    private Stores() {}

    static S3Settings of(S3Endpoint s3) {
        return of(s3, s3.uri(), Duration.ofSeconds(20), 5, Checksums.WHEN_SUPPORTED);
    }

    static S3Settings of(S3Endpoint s3, URI endpoint, Duration deadline, int attempts, Checksums checksums) {
        S3Settings settings = S3Settings.at(endpoint, s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey()));
        return new S3Settings(
                settings.bucket(),
                "root",
                settings.endpoint(),
                settings.region(),
                settings.pathStyle(),
                settings.accessKeyId(),
                settings.secretAccessKey(),
                settings.secretAccessKeyFile(),
                checksums,
                deadline,
                attempts);
    }
}
