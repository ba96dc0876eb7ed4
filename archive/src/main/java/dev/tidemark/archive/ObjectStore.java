package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.S3Settings;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;

/** A bucket, as few verbs as the archive needs. Safe for use by many threads. */
final class ObjectStore implements AutoCloseable {
    /** Metadata by which a writer knows its own object again. */
    static final String SHA256 = "sha256";

    static final String WRITER = "writer";

    private static final int CONFLICT = 409;

    /** That the object ends before the range begins. */
    private static final int BEHIND_THE_END = 416;

    private final Bucket bucket;
    private final String writer = UUID.randomUUID().toString();

    private ObjectStore(Bucket bucket) {
        this.bucket = bucket;
    }

    static ObjectStore open(S3Settings settings) {
        return new ObjectStore(Bucket.open(settings));
    }

    /** For messages: {@code s3://bucket/key}. */
    String uri(String key) {
        return bucket.uri(key);
    }

    /** Writes an object that must not be there yet. */
    Creation create(String key, ObjectBody body, Map<String, String> metadata) {
        return create(key, body, metadata, answer -> {});
    }

    /**
     * The same, overheard.
     *
     * @param answers of the single attempts
     */
    Creation create(String key, ObjectBody body, Map<String, String> metadata, Consumer<PutAnswer> answers) {
        Map<String, String> signed = new HashMap<>(metadata);
        signed.put(SHA256, body.sha256Hex());
        signed.put(WRITER, writer);
        return bucket.attempts()
                .of("create " + uri(key), timeLeft -> tryToCreate(key, body, signed, answers, timeLeft));
    }

    private Creation tryToCreate(
            String key,
            ObjectBody body,
            Map<String, String> metadata,
            Consumer<PutAnswer> answers,
            Supplier<Duration> timeLeft) {
        try {
            bucket.client()
                    .putObject(
                            put(key, body, metadata, timeLeft).ifNoneMatch("*").build(), content(body));
            answers.accept(PutAnswer.ACCEPTED);
            return Creation.CREATED;
        } catch (AwsServiceException e) {
            answers.accept(answerOf(e));
            // Even a 412 may be the echo of an earlier attempt of ours whose answer was lost.
            if (e.statusCode() == Bucket.PRECONDITION_FAILED || e.statusCode() >= 500) {
                return readBack(key, metadata, timeLeft, e);
            }
            throw e;
        } catch (SdkClientException e) {
            answers.accept(PutAnswer.UNKNOWN);
            return readBack(key, metadata, timeLeft, e);
        }
    }

    private static PutAnswer answerOf(AwsServiceException e) {
        if (e.statusCode() >= 500) {
            return PutAnswer.UNKNOWN;
        }
        return switch (e.statusCode()) {
            case Bucket.PRECONDITION_FAILED -> PutAnswer.TAKEN;
            case CONFLICT -> PutAnswer.CONFLICT;
            default -> PutAnswer.REFUSED;
        };
    }

    private Creation readBack(
            String key, Map<String, String> mine, Supplier<Duration> timeLeft, RuntimeException outcome) {
        if (Thread.currentThread().isInterrupted()) {
            throw outcome;
        }
        Optional<ObjectHead> found = bucket.head(key, timeLeft);
        if (found.isEmpty()) {
            throw new Attempts.Again(outcome.getMessage(), outcome);
        }
        Map<String, String> theirs = found.get().metadata();
        boolean isOurs =
                mine.get(SHA256).equals(theirs.get(SHA256)) && mine.get(WRITER).equals(theirs.get(WRITER));
        return isOurs ? Creation.CREATED : Creation.EXISTS;
    }

    /** Writes an object, over the one that may be there. */
    void put(String key, ObjectBody body, Map<String, String> metadata) {
        Map<String, String> signed = new HashMap<>(metadata);
        signed.put(SHA256, body.sha256Hex());
        bucket.attempts().of("write " + uri(key), timeLeft -> bucket.client()
                .putObject(put(key, body, signed, timeLeft).build(), content(body)));
    }

    private PutObjectRequest.Builder put(
            String key, ObjectBody body, Map<String, String> metadata, Supplier<Duration> timeLeft) {
        PutObjectRequest.Builder request = PutObjectRequest.builder()
                .bucket(bucket.name())
                .key(key)
                .metadata(metadata)
                .overrideConfiguration(bucket.within(timeLeft));
        // Already computed: a header, where the SDK would compute another and send it as a trailer.
        return bucket.sendsChecksums()
                ? request.checksumSHA256(Base64.getEncoder().encodeToString(body.sha256()))
                : request;
    }

    /** A part of something larger than memory, opened as often as it is sent. */
    record Content(long sizeBytes, Supplier<InputStream> opened) {
        RequestBody asRequestBody() {
            return RequestBody.fromContentProvider(opened::get, sizeBytes, "application/octet-stream");
        }
    }

    /** Writes an object, over the one that may be there. */
    void put(String key, Content content, String sha256Hex) {
        bucket.attempts().of("write " + uri(key), timeLeft -> {
            PutObjectRequest.Builder request = PutObjectRequest.builder()
                    .bucket(bucket.name())
                    .key(key)
                    .metadata(Map.of(SHA256, sha256Hex))
                    .overrideConfiguration(bucket.within(timeLeft));
            if (bucket.sendsChecksums()) {
                request.checksumSHA256(
                        Base64.getEncoder().encodeToString(HexFormat.of().parseHex(sha256Hex)));
            }
            return bucket.client().putObject(request.build(), content.asRequestBody());
        });
    }

    /** Begins an object that is sent in parts. */
    ObjectInParts beginParts(String key, Map<String, String> metadata) {
        return ObjectInParts.begin(bucket, key, metadata);
    }

    /** Gives up what somebody began and left. */
    void abortParts(String key, String upload) {
        new ObjectInParts(bucket, key, upload).abort();
    }

    /** Uploads in parts below the prefix that were begun and neither completed nor aborted: by key, their ids. */
    Map<String, List<String>> abandonedParts(String prefix) {
        return bucket.attempts().of("list uploads to " + uri(prefix), timeLeft -> {
            ListMultipartUploadsResponse found = bucket.client()
                    .listMultipartUploads(request -> request.bucket(bucket.name())
                            .prefix(prefix)
                            .overrideConfiguration(bucket.within(timeLeft)));
            return found.uploads().stream()
                    .collect(Collectors.groupingBy(
                            MultipartUpload::key, Collectors.mapping(MultipartUpload::uploadId, Collectors.toList())));
        });
    }

    private static RequestBody content(ObjectBody body) {
        return RequestBody.fromContentProvider(body::open, body.sizeBytes(), "application/octet-stream");
    }

    /**
     * The whole object, if it is there. One larger than the bound is refused, and one that is not what was written: where
     * it names its checksum, as all do that were made create-only, its bytes are compared with it.
     */
    Optional<byte[]> get(String key, int bytesMax) {
        Optional<Read> read = bucket.attempts().of("read " + uri(key), timeLeft -> {
            try {
                return Optional.of(bucket.client()
                        .getObject(
                                request -> request.bucket(bucket.name())
                                        .key(key)
                                        .overrideConfiguration(bucket.within(timeLeft)),
                                atMost(bytesMax)));
            } catch (AwsServiceException e) {
                return Bucket.absentOr(e);
            }
        });
        // Judged here and not where it is read: the client takes what is thrown there for a connection's fault.
        read.ifPresent(it -> requireAsWritten(key, it, bytesMax));
        return read.map(Read::bytes);
    }

    @SuppressWarnings("ArrayRecordComponent") // Nobody else has the array.
    private record Read(byte[] bytes, Optional<String> sha256) {}

    private static ResponseTransformer<GetObjectResponse, Read> atMost(int bytesMax) {
        return (response, in) -> {
            byte[] bytes = in.readNBytes(bytesMax + 1);
            if (bytes.length > bytesMax) {
                in.abort();
            }
            return new Read(bytes, Optional.ofNullable(response.metadata().get(SHA256)));
        };
    }

    private void requireAsWritten(String key, Read read, int bytesMax) {
        if (read.bytes().length > bytesMax) {
            throw new TidemarkError(
                    ExitCode.ARCHIVE_DAMAGED,
                    "%s has more than %d bytes, which nothing of ours has there; it was left alone"
                            .formatted(uri(key), bytesMax));
        }
        String found = ObjectBody.of(read.bytes()).sha256Hex();
        if (!read.sha256().orElse(found).equals(found)) {
            throw new TidemarkError(
                    ExitCode.ARCHIVE_DAMAGED,
                    "%s is damaged: its SHA-256 is %s and should be %s. Put back an earlier version or a copy of this object"
                            .formatted(uri(key), found, read.sha256().get()));
        }
    }

    /** Bytes [from, from + length) of an object, or as many of them as there are; empty if it is not there. */
    Optional<byte[]> getRange(String key, long from, int length) {
        byte[] bytes = new byte[length];
        return getRange(key, from, bytes, length).map(read -> read == length ? bytes : Arrays.copyOf(bytes, read));
    }

    /**
     * The same into an array, for whoever reads range after range.
     *
     * @return how many there are
     */
    Optional<Integer> getRange(String key, long from, byte[] into, int length) {
        return bucket.attempts().of("read " + uri(key), timeLeft -> {
            try (ResponseInputStream<GetObjectResponse> in = bucket.client()
                    .getObject(request -> request.bucket(bucket.name())
                            .key(key)
                            .range("bytes=" + from + "-" + (from + length - 1))
                            .overrideConfiguration(bucket.within(timeLeft)))) {
                return Optional.of(in.readNBytes(into, 0, length));
            } catch (AwsServiceException e) {
                return e.statusCode() == BEHIND_THE_END ? Optional.of(0) : Bucket.absentOr(e);
            } catch (IOException e) {
                throw new Attempts.Again(e.getMessage(), e);
            }
        });
    }

    Optional<ObjectHead> head(String key) {
        return bucket.attempts().of("look at " + uri(key), timeLeft -> bucket.head(key, timeLeft));
    }

    /** Keys in their order, fetched page by page as they are asked for. */
    Iterator<String> list(String prefix, Optional<String> startAfter) {
        return new ListedPages<>((token, after) -> listPage(prefix, token, after), startAfter, S3Object::key);
    }

    /** The same with their sizes. */
    Iterator<ListedObject> listObjects(String prefix) {
        return new ListedPages<>(
                (token, after) -> listPage(prefix, token, after),
                Optional.empty(),
                object -> new ListedObject(object.key(), object.size()));
    }

    private ListObjectsV2Response listPage(String prefix, Optional<String> token, Optional<String> startAfter) {
        return bucket.attempts().of("list " + uri(prefix), timeLeft -> bucket.client()
                .listObjectsV2(request -> request.bucket(bucket.name())
                        .prefix(prefix)
                        .continuationToken(token.orElse(null))
                        .startAfter(startAfter.orElse(null))
                        .overrideConfiguration(bucket.within(timeLeft))));
    }

    /** Also one that is not there. */
    Deletion delete(String key) {
        return bucket.attempts().of("delete " + uri(key), timeLeft -> {
            DeleteObjectResponse answer = bucket.client()
                    .deleteObject(request ->
                            request.bucket(bucket.name()).key(key).overrideConfiguration(bucket.within(timeLeft)));
            return Boolean.TRUE.equals(answer.deleteMarker()) ? Deletion.HIDDEN : Deletion.GONE;
        });
    }

    /** Everything rests on create-only writes; a store that takes the second one for a first is refused. */
    void probeCreateOnly(String key) {
        if (create(key, ObjectBody.of(new byte[] {1}), Map.of()) == Creation.EXISTS) {
            // Left where nobody has the right to delete, or being probed by another of us: the store has shown it.
            return;
        }
        if (create(key, ObjectBody.of(new byte[] {2}), Map.of()) == Creation.CREATED) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "the store behind %s ignores If-None-Match: a second create-only write of one key replaced the first, so two compactors could lose each other's rows; nothing else was written. Use a store that has conditional writes; some have them only in a bucket that keeps no versions"
                            .formatted(uri(key)));
        }
        deleteIfAllowed(key);
    }

    private void deleteIfAllowed(String key) {
        try {
            delete(key);
        } catch (TidemarkError e) {
            if (!(e.getCause() instanceof AwsServiceException refused) || refused.statusCode() != 403) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        bucket.close();
    }
}
