package dev.tidemark.bench;

import dev.tidemark.schemas.settings.S3Settings;
import java.io.ByteArrayInputStream;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** Plain PUTs of bytes that mean nothing, one after the other, with no checksum beyond what the signature needs. */
final class RawBucket implements AutoCloseable {
    private static final String PREFIX = "raw/";

    private final S3Client client;
    private final String bucket;
    private final byte[] object;
    private final AtomicInteger objects = new AtomicInteger();

    /** @param objectBytes of one object at most */
    RawBucket(S3Settings settings, int objectBytes) {
        bucket = settings.bucket();
        object = new byte[objectBytes];
        new Random(1).nextBytes(object);
        client = S3Client.builder()
                .endpointOverride(settings.endpoint().orElseThrow())
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(
                        settings.accessKeyId().orElseThrow(),
                        settings.secretAccessKey().orElseThrow().reveal())))
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .serviceConfiguration(service -> service.chunkedEncodingEnabled(false))
                .httpClientBuilder(Apache5HttpClient.builder())
                .build();
    }

    void put(long bytes) {
        for (long left = bytes; left > 0; left -= object.length) {
            put(object, (int) Math.min(left, object.length));
        }
    }

    /** One object of the first {@code length} bytes. */
    void put(byte[] bytes, int length) {
        String key = PREFIX + objects.getAndIncrement();
        client.putObject(
                request -> request.bucket(bucket).key(key),
                RequestBody.fromContentProvider(
                        () -> new ByteArrayInputStream(bytes, 0, length), length, "application/octet-stream"));
    }

    /** Gives the disk back, when nobody looks at the clock. */
    void clear() {
        while (objects.get() > 0) {
            String key = PREFIX + objects.decrementAndGet();
            client.deleteObject(request -> request.bucket(bucket).key(key));
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
