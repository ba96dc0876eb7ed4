package dev.tidemark.archive;

import dev.tidemark.schemas.settings.Checksums;
import dev.tidemark.schemas.settings.S3Settings;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/**
 * A bucket as it is asked: what all requests to it have in common.
 *
 * @param sendsChecksums whether the store is one that takes them
 * @param attemptMax how long one attempt may take
 */
record Bucket(S3Client client, String name, boolean sendsChecksums, Attempts attempts, Duration attemptMax)
        implements AutoCloseable {
    static final int PRECONDITION_FAILED = 412;
    static final int NOT_FOUND = 404;

    static Bucket open(S3Settings settings) {
        // Half of the deadline: a request that hangs is tried once more in any case.
        Duration attemptMax = settings.attempts() == 1
                ? settings.deadline()
                : settings.deadline().dividedBy(2);
        return new Bucket(
                S3Clients.of(settings),
                settings.bucket(),
                settings.checksums() == Checksums.WHEN_SUPPORTED,
                new Attempts(settings.deadline(), settings.attempts()),
                attemptMax);
    }

    /** For messages: {@code s3://bucket/key}. */
    String uri(String key) {
        return "s3://" + name + "/" + key;
    }

    /** What an object says of itself, if it is there: one attempt, as a part of another one. */
    Optional<ObjectHead> head(String key, Supplier<Duration> timeLeft) {
        try {
            HeadObjectResponse found =
                    client.headObject(request -> request.bucket(name).key(key).overrideConfiguration(within(timeLeft)));
            return Optional.of(new ObjectHead(found.metadata(), found.contentLength()));
        } catch (AwsServiceException e) {
            return absentOr(e);
        }
    }

    static <T> Optional<T> absentOr(AwsServiceException e) {
        // A missing bucket is no missing object: to take it for an empty archive would be a lie.
        if (e.statusCode() == NOT_FOUND && !Attempts.code(e).equals("NoSuchBucket")) {
            return Optional.empty();
        }
        throw e;
    }

    AwsRequestOverrideConfiguration within(Supplier<Duration> timeLeft) {
        Duration left = timeLeft.get();
        Duration limit = left.compareTo(attemptMax) < 0 ? left : attemptMax;
        return AwsRequestOverrideConfiguration.builder()
                .apiCallTimeout(limit.isNegative() || limit.isZero() ? Duration.ofMillis(1) : limit)
                .build();
    }

    @Override
    public void close() {
        attempts.close();
        client.close();
    }
}
