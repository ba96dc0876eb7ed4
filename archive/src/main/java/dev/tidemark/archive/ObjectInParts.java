package dev.tidemark.archive;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * An object that is sent in parts, and not visible before they are completed.
 *
 * @param upload the store's name for what was begun
 */
record ObjectInParts(Bucket bucket, String key, String upload) {
    private static final Duration ABORT = Duration.ofSeconds(5);
    private static final int INTERNAL_ERROR = 500;
    private static final Logger LOG = LoggerFactory.getLogger(ObjectInParts.class);

    static ObjectInParts begin(Bucket bucket, String key, Map<String, String> metadata) {
        String upload = bucket.attempts().of("begin to write " + bucket.uri(key), timeLeft -> bucket.client()
                .createMultipartUpload(request -> request.bucket(bucket.name())
                        .key(key)
                        .metadata(metadata)
                        .checksumAlgorithm(checksumIn(bucket))
                        .overrideConfiguration(bucket.within(timeLeft)))
                .uploadId());
        return new ObjectInParts(bucket, key, upload);
    }

    CompletedPart put(int number, ObjectStore.Content content) {
        return bucket.attempts().of("write part %d of %s".formatted(number, bucket.uri(key)), timeLeft -> {
            UploadPartResponse sent = bucket.client()
                    .uploadPart(
                            request -> request.bucket(bucket.name())
                                    .key(key)
                                    .uploadId(upload)
                                    .partNumber(number)
                                    .checksumAlgorithm(checksumIn(bucket))
                                    .overrideConfiguration(bucket.within(timeLeft)),
                            content.asRequestBody());
            return CompletedPart.builder()
                    .partNumber(number)
                    .eTag(sent.eTag())
                    .checksumCRC32C(sent.checksumCRC32C())
                    .build();
        });
    }

    /**
     * The SDK computes it as a part is sent. It is for the way alone, and costs nothing: whoever reads the whole compares it with
     * its SHA-256.
     */
    private static ChecksumAlgorithm checksumIn(Bucket bucket) {
        return bucket.sendsChecksums() ? ChecksumAlgorithm.CRC32_C : null;
    }

    /**
     * Makes the object visible.
     *
     * @param whole what it will be: one like it is it, should the answer be lost
     */
    Creation complete(List<CompletedPart> parts, ObjectHead whole) {
        return complete(parts, whole, null);
    }

    /** The same, if there is none of that key yet. One that is byte for byte the same is as good as ours. */
    Creation completeNew(List<CompletedPart> parts, ObjectHead whole) {
        return complete(parts, whole, "*");
    }

    private Creation complete(List<CompletedPart> parts, ObjectHead whole, String ifNoneMatch) {
        AtomicBoolean asked = new AtomicBoolean();
        return bucket.attempts().of("complete " + bucket.uri(key), timeLeft -> {
            boolean isFirst = !asked.getAndSet(true);
            // Ceph 16 completes an upload over what is there whatever the condition says. Having looked leaves it a
            // moment for that, in place of all the time that an upload takes.
            if (ifNoneMatch != null) {
                Optional<ObjectHead> found = bucket.head(key, timeLeft);
                if (found.isPresent()) {
                    return beside(isLike(found.get(), whole), isFirst);
                }
            }
            try {
                bucket.client().completeMultipartUpload(request -> request.bucket(bucket.name())
                        .key(key)
                        .uploadId(upload)
                        .multipartUpload(all -> all.parts(parts))
                        .ifNoneMatch(ifNoneMatch)
                        .overrideConfiguration(bucket.within(timeLeft)));
                return Creation.CREATED;
            } catch (AwsServiceException e) {
                if (e.statusCode() == Bucket.PRECONDITION_FAILED) {
                    return beside(isThere(whole, timeLeft), isFirst);
                }
                // An earlier attempt of ours may have done it; then there is no such upload any more, which Ceph 16
                // calls an error of its own.
                boolean isOver = e.statusCode() == Bucket.NOT_FOUND || e.statusCode() == INTERNAL_ERROR;
                if (isOver && isThere(whole, timeLeft)) {
                    return Creation.CREATED;
                }
                throw e;
            }
        });
    }

    /**
     * There is an object already, so the parts are given up: they would be kept, hidden and paid for. Not where an earlier
     * attempt of ours may have made that object of them.
     */
    private Creation beside(boolean isSame, boolean isFirst) {
        if (!isSame || isFirst) {
            abort();
        }
        return isSame ? Creation.CREATED : Creation.EXISTS;
    }

    private boolean isThere(ObjectHead whole, Supplier<Duration> timeLeft) {
        return bucket.head(key, timeLeft).filter(found -> isLike(found, whole)).isPresent();
    }

    private static boolean isLike(ObjectHead found, ObjectHead whole) {
        return found.sizeBytes() == whole.sizeBytes()
                && found.metadata().entrySet().containsAll(whole.metadata().entrySet());
    }

    /** Gives the parts' room back if that can be done; else the bucket's rule for abandoned uploads does. */
    void abort() {
        Parting.evenIfInterrupted(this::tryToAbort);
    }

    private void tryToAbort() {
        try {
            bucket.client().abortMultipartUpload(request -> request.bucket(bucket.name())
                    .key(key)
                    .uploadId(upload)
                    .overrideConfiguration(bucket.within(() -> ABORT)));
        } catch (SdkException | IllegalStateException e) {
            if (e instanceof AwsServiceException gone && gone.statusCode() == Bucket.NOT_FOUND) {
                // By an earlier request of ours.
                return;
            }
            LOG.warn("event=upload-left-behind object={} reason=\"{}\"", bucket.uri(key), e.getMessage());
        }
    }
}
