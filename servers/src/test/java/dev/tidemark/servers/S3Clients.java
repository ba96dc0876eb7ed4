package dev.tidemark.servers;

import java.net.URI;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** Clients that try once: a fault must be seen, not retried away. */
final class S3Clients {
    private S3Clients() {}

    static S3Client to(S3Endpoint endpoint) {
        return to(endpoint, endpoint.accessKey(), endpoint.secretKey());
    }

    static S3Client to(S3Endpoint endpoint, String accessKey, String secretKey) {
        return to(endpoint.uri(), accessKey, secretKey);
    }

    static S3Client to(URI uri, String accessKey, String secretKey) {
        return S3Client.builder()
                .endpointOverride(uri)
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, secretKey)))
                .overrideConfiguration(override ->
                        override.retryStrategy(AwsRetryStrategy.doNotRetry()).apiCallTimeout(Duration.ofSeconds(30)))
                .build();
    }
}
