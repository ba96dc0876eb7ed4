package dev.tidemark.archive;

import dev.tidemark.schemas.settings.Checksums;
import dev.tidemark.schemas.settings.S3Settings;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** The SDK's client as we need it: one attempt a call, since only {@link ObjectStore} knows what a repeat may do. */
final class S3Clients {
    private static final int CONNECTIONS_MAX = 64;
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration SILENCE = Duration.ofSeconds(15);

    private S3Clients() {}

    static S3Client of(S3Settings settings) {
        S3ClientBuilder builder = S3Client.builder()
                .region(Region.of(settings.region()))
                .credentialsProvider(credentials(settings))
                .forcePathStyle(settings.pathStyle())
                .httpClientBuilder(Apache5HttpClient.builder()
                        .maxConnections(CONNECTIONS_MAX)
                        .connectionTimeout(shorter(CONNECT, settings.deadline()))
                        .connectionAcquisitionTimeout(settings.deadline())
                        .socketTimeout(shorter(SILENCE, settings.deadline())))
                .overrideConfiguration(override -> override.retryStrategy(AwsRetryStrategy.doNotRetry())
                        .addExecutionInterceptor(new StoredAs(settings)));
        settings.endpoint().ifPresent(builder::endpointOverride);
        if (settings.checksums() == Checksums.WHEN_REQUIRED) {
            builder.requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                    .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                    .serviceConfiguration(service -> service.chunkedEncodingEnabled(false));
        }
        return builder.build();
    }

    private static AwsCredentialsProvider credentials(S3Settings settings) {
        if (settings.accessKeyId().isEmpty() || settings.secretAccessKey().isEmpty()) {
            return new FoundCredentials();
        }
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(
                settings.accessKeyId().get(), settings.secretAccessKey().get().reveal()));
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
