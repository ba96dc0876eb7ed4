package dev.tidemark.bench;

import dev.tidemark.schemas.settings.S3Settings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** Plain PUTs of bytes that mean nothing, one after the other, with no checksum beyond what the signature needs. */
final class RawBucket implements AutoCloseable {
    private static final String PREFIX = "raw/";
    private static final long PART_BYTES = 16L << 20;

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

    /** A file as one object, two parts at a time. */
    void put(Path file) throws IOException {
        String key = PREFIX + objects.getAndIncrement();
        String upload = client.createMultipartUpload(
                        request -> request.bucket(bucket).key(key))
                .uploadId();
        long size = Files.size(file);
        int parts = Math.toIntExact((size + PART_BYTES - 1) / PART_BYTES);
        ExecutorService senders = Executors.newFixedThreadPool(2);
        try {
            List<Future<CompletedPart>> sent = new ArrayList<>();
            for (int part = 0; part < parts; part++) {
                long from = part * PART_BYTES;
                int number = part + 1;
                sent.add(senders.submit(() -> put(file, from, Math.min(PART_BYTES, size - from), key, upload, number)));
            }
            List<CompletedPart> completed = new ArrayList<>();
            for (Future<CompletedPart> each : sent) {
                completed.add(each.get());
            }
            client.completeMultipartUpload(request ->
                    request.bucket(bucket).key(key).uploadId(upload).multipartUpload(all -> all.parts(completed)));
        } catch (ExecutionException e) {
            throw new IllegalStateException("a file cannot be put", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a file was put", e);
        } finally {
            senders.shutdownNow();
        }
    }

    private CompletedPart put(Path file, long from, long length, String key, String upload, int number)
            throws IOException {
        byte[] bytes = new byte[Math.toIntExact(length)];
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(from);
            in.readNBytes(bytes, 0, bytes.length);
        }
        String tag = client.uploadPart(
                        request ->
                                request.bucket(bucket).key(key).uploadId(upload).partNumber(number),
                        RequestBody.fromContentProvider(
                                () -> new ByteArrayInputStream(bytes), length, "application/octet-stream"))
                .eTag();
        return CompletedPart.builder().partNumber(number).eTag(tag).build();
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
