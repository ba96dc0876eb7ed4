package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * One request to S3 from the caller's point of view: bounded attempts within one deadline, growing pauses with jitter
 * between them.
 */
final class Attempts {
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LAST_PAUSE_MILLIS = 3_000;
    /** By which MinIO and the bucket of {@code up} say that their disks are full. */
    private static final int NO_ROOM = 507;

    /** By which Ceph says that it does not know a checksum behind the content, and compared what is no SHA-256 with its own. */
    private static final String CHECKSUM_UNKNOWN = "XAmzContentSHA256Mismatch";

    /** Of credentials that were lent; Amazon answers 400, so the status alone does not tell. */
    private static final Set<String> TOKEN_REFUSED = Set.of("ExpiredToken", "InvalidToken");

    private static final Set<String> KEY_REFUSED = Set.of("InvalidAccessKeyId", "SignatureDoesNotMatch");

    private static final Set<String> PASSING_ERRORS =
            Set.of("RequestTimeout", "ConditionalRequestConflict", "OperationAborted", "RequestTimeTooSkewed");

    private final Duration deadline;
    private final int attemptsMax;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition closing = lock.newCondition();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** One try; it may be repeated if it fails with an error that passes. */
    interface Attempt<T> {
        /**
         * Makes one request.
         *
         * @param timeLeft until the deadline of the whole
         */
        T make(Supplier<Duration> timeLeft);
    }

    /** An attempt that found out that it must be made again. */
    static final class Again extends RuntimeException {
        private static final long serialVersionUID = 1;

        Again(String reason, Throwable cause) {
            super(reason, cause);
        }
    }

    Attempts(Duration deadline, int attemptsMax) {
        this.deadline = deadline;
        this.attemptsMax = attemptsMax;
    }

    /** @param what as in "cannot read s3://bucket/key" */
    <T> T of(String what, Attempt<T> attempt) {
        long began = System.nanoTime();
        for (int made = 1; ; made++) {
            RuntimeException failure;
            try {
                return attempt.make(() -> deadline.minusNanos(System.nanoTime() - began));
            } catch (AbortedException stopped) {
                throw interrupted(what, stopped);
            } catch (SdkException | Again e) {
                failure = e;
            } catch (RuntimeException e) {
                // A client that is being closed fails in many ways.
                if (closed.get()) {
                    throw new TidemarkError(
                            ExitCode.UNREACHABLE, "cannot " + what + ": the archive is being closed", e);
                }
                throw e;
            }
            long pauseMillis = pauseMillis(made);
            Duration left = deadline.minusNanos(System.nanoTime() - began).minusMillis(pauseMillis);
            if (!passes(failure) || made >= attemptsMax || left.isNegative() || left.isZero() || closed.get()) {
                throw failed(what, made, Duration.ofNanos(System.nanoTime() - began), failure);
            }
            pause(pauseMillis, what, failure);
        }
    }

    /** Ends pauses and allows no further attempts. */
    void close() {
        closed.set(true);
        lock.lock();
        try {
            closing.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void pause(long millis, String what, RuntimeException failure) {
        lock.lock();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
            while (nanos > 0 && !closed.get()) {
                nanos = closing.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(what, failure);
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is wrong with the store, so nothing of it is to be checked. */
    private static TidemarkError interrupted(String what, RuntimeException why) {
        return new TidemarkError(ExitCode.UNREACHABLE, "interrupted: cannot " + what, why);
    }

    private static long pauseMillis(int made) {
        long full = Math.min(LAST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(made - 1, 10));
        return full / 2 + ThreadLocalRandom.current().nextLong(full / 2 + 1);
    }

    /** Whether the same request may succeed later. */
    static boolean passes(RuntimeException failure) {
        if (failure instanceof Again) {
            return true;
        }
        if (failure instanceof AwsServiceException refused) {
            return refused.statusCode() >= 500
                    || refused.statusCode() == 429
                    || refused.isThrottlingException()
                    || refused.isClockSkewException()
                    || PASSING_ERRORS.contains(code(refused));
        }
        return failure instanceof SdkClientException;
    }

    static String code(AwsServiceException refused) {
        return refused.awsErrorDetails() == null || refused.awsErrorDetails().errorCode() == null
                ? ""
                : refused.awsErrorDetails().errorCode();
    }

    /** Whether the store does not take the checksums that newer clients send. */
    static boolean isAboutChecksums(AwsServiceException refused) {
        return code(refused).equals(CHECKSUM_UNKNOWN);
    }

    /** A missing right on the key is told like one on the bucket, and differs in its words alone. */
    private static boolean isAboutEncryption(AwsServiceException refused) {
        return code(refused).startsWith("KMS.")
                || (refused.statusCode() == 403
                        && refused.awsErrorDetails() != null
                        && String.valueOf(refused.awsErrorDetails().errorMessage())
                                .contains("kms:"));
    }

    /** Whether the store does not know who asks. */
    static boolean isAboutCredentials(AwsServiceException refused) {
        return refused.statusCode() == 401
                || KEY_REFUSED.contains(code(refused))
                || TOKEN_REFUSED.contains(code(refused));
    }

    private static TidemarkError failed(String what, int made, Duration took, RuntimeException failed) {
        RuntimeException failure =
                failed instanceof Again && failed.getCause() instanceof SdkException answer ? answer : failed;
        String message = String.format(
                Locale.ROOT,
                "cannot %s: %s (%d attempt%s, %.1f s). What the archive holds is unchanged and stays readable. %s",
                what,
                reason(failure),
                made,
                made == 1 ? "" : "s",
                took.toMillis() / 1000.0,
                next(failure));
        // Without credentials nothing was asked: they are somebody's to give.
        return passes(failed) && !(failure instanceof FoundCredentials.Missing)
                ? new StoreSilent(message, failure)
                : new TidemarkError(ExitCode.UNREACHABLE, message, failure);
    }

    private static String reason(RuntimeException failure) {
        if (failure instanceof AwsServiceException refused) {
            String answer = "the store answered %d %s"
                    .formatted(refused.statusCode(), code(refused))
                    .strip();
            return refused.statusCode() == NO_ROOM ? answer + ": " + words(refused) : answer;
        }
        if (failure instanceof FoundCredentials.Missing) {
            return failure.getMessage();
        }
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    private static String words(AwsServiceException refused) {
        return refused.awsErrorDetails() == null || refused.awsErrorDetails().errorMessage() == null
                ? "it is full"
                : refused.awsErrorDetails().errorMessage();
    }

    private static String next(RuntimeException failure) {
        if (failure instanceof AwsServiceException refused) {
            if (refused.statusCode() == NO_ROOM) {
                return "The store is full; make room on its disk";
            }
            if (isAboutChecksums(refused)) {
                return "The store does not know the newer checksums; set s3.checksums: when-required";
            }
            if (TOKEN_REFUSED.contains(code(refused))) {
                return "The credentials were lent, and their time is over or they are not this store's; get new ones, or let the AWS SDK renew them (AWS_PROFILE, a web identity)";
            }
            if (refused.isClockSkewException()) {
                return "The clocks of this machine and of the store are too far apart; set the one that is wrong";
            }
            if (isAboutEncryption(refused)) {
                return "The KMS key (s3.encryption.kms-key, or the bucket's own) cannot be used: it must exist in the bucket's region and be enabled, and this user needs the rights on it that 'tidemark policy' prints";
            }
            if (refused.statusCode() == 403 || refused.statusCode() == 401) {
                return "Check s3.access-key-id, its secret and the rights of that user on the bucket";
            }
            if (refused.statusCode() == 404) {
                return "Check s3.bucket, s3.region and s3.endpoint";
            }
            if (refused.statusCode() >= 500 || refused.statusCode() == 429) {
                return "The store is overloaded or failing; try again";
            }
        }
        if (failure instanceof FoundCredentials.Missing) {
            return "Set s3.access-key-id and its secret, or AWS_PROFILE, or, as a Kubernetes service account with a role does, AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE";
        }
        return "Check s3.endpoint, the network and the store";
    }
}
