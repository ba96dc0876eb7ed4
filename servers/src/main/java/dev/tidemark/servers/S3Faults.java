package dev.tidemark.servers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What shall go wrong at an {@link S3Endpoint}, told while it runs.
 *
 * <p>Faults add up: a request is delayed by every delay that matches it, then meets the first other fault that matches
 * and is not used up. Each hands back an {@link Injection} that counts what it did, so that a test can show that it
 * tested something, and that ends it.
 */
public final class S3Faults {
    /** Delays may not outlast the clients' patience by so much that a forgotten one stops a build. */
    private static final Duration DELAY_MAX = Duration.ofMinutes(5);

    private static final int INJECTIONS_MAX = 1_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Injection> injections = new ArrayList<>();
    private final Random random;

    S3Faults(long seed) {
        random = new Random(seed);
    }

    /** The next {@code count} such requests are answered with this status and not carried out. */
    public Injection failNext(int count, int status, S3Requests requests) {
        return inject(new Injection(requests, Effect.refusal(status), count, 1.0, Duration.ZERO));
    }

    /** Each such request is answered with this status, and not carried out, with this probability. */
    public Injection failRatio(double ratio, int status, S3Requests requests) {
        if (!(ratio >= 0 && ratio <= 1)) {
            throw new IllegalArgumentException("a ratio is between 0 and 1, not " + ratio);
        }
        return inject(new Injection(requests, Effect.refusal(status), Long.MAX_VALUE, ratio, Duration.ZERO));
    }

    /** Each such request waits that long before anything else happens to it; ending the injection lets it go on. */
    public Injection delay(Duration delay, S3Requests requests) {
        if (delay.isNegative() || delay.compareTo(DELAY_MAX) > 0) {
            throw new IllegalArgumentException("a delay is at most %s, not %s".formatted(DELAY_MAX, delay));
        }
        return inject(new Injection(requests, Effect.DELAY, Long.MAX_VALUE, 1.0, delay));
    }

    /** The next {@code count} such requests are carried out, and the connection is cut without an answer. */
    public Injection loseAnswers(int count, S3Requests requests) {
        return inject(new Injection(requests, Effect.LOSE_ANSWER, count, 1.0, Duration.ZERO));
    }

    /** The next {@code count} such requests are not carried out, and the connection is cut without an answer. */
    public Injection loseRequests(int count, S3Requests requests) {
        return inject(new Injection(requests, Effect.LOSE_REQUEST, count, 1.0, Duration.ZERO));
    }

    /** Each such DELETE is carried out and answered as by a bucket that keeps versions: what was there is hidden. */
    public Injection hideDeleted(S3Requests requests) {
        return inject(new Injection(requests, Effect.HIDE, Long.MAX_VALUE, 1.0, Duration.ZERO));
    }

    /** All is well again; who waits in a delay goes on. */
    public void clear() {
        lock.lock();
        try {
            injections.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits as told, and says what else shall happen to this request. */
    Effect meet(String method, String key) throws InterruptedException {
        lock.lock();
        try {
            for (Injection delay : List.copyOf(injections)) {
                if (delay.effect.equals(Effect.DELAY) && delay.isFor(method, key)) {
                    delay.hits.incrementAndGet();
                    await(delay);
                }
            }
            for (Injection injection : injections) {
                if (!injection.effect.equals(Effect.DELAY)
                        && injection.isFor(method, key)
                        && injection.strikes(random)) {
                    return injection.effect;
                }
            }
            return Effect.NONE;
        } finally {
            lock.unlock();
        }
    }

    private void await(Injection delay) throws InterruptedException {
        long nanos = delay.delay.toNanos();
        while (nanos > 0 && injections.contains(delay)) {
            nanos = changed.awaitNanos(nanos);
        }
    }

    private Injection inject(Injection injection) {
        lock.lock();
        try {
            injections.removeIf(Injection::isUsedUp);
            if (injections.size() >= INJECTIONS_MAX) {
                throw new IllegalStateException("%d faults at once; clear() them".formatted(INJECTIONS_MAX));
            }
            injections.add(injection);
            return injection;
        } finally {
            lock.unlock();
        }
    }

    /** What happens to a request; the status is the answer of a refusal. */
    record Effect(Kind kind, int status) {
        enum Kind {
            NONE,
            DELAY,
            HIDE,
            REFUSE,
            LOSE_REQUEST,
            LOSE_ANSWER
        }

        static final Effect NONE = new Effect(Kind.NONE, 0);
        static final Effect DELAY = new Effect(Kind.DELAY, 0);
        static final Effect HIDE = new Effect(Kind.HIDE, 0);
        static final Effect LOSE_REQUEST = new Effect(Kind.LOSE_REQUEST, 0);
        static final Effect LOSE_ANSWER = new Effect(Kind.LOSE_ANSWER, 0);

        static Effect refusal(int status) {
            if (status < 400 || status > 599) {
                throw new IllegalArgumentException("a refusal is a status from 400 to 599, not " + status);
            }
            return new Effect(Kind.REFUSE, status);
        }
    }

    /** One fault in force, until it is used up or closed. */
    public final class Injection implements AutoCloseable {
        private final S3Requests requests;
        private final Effect effect;
        private final long hitsMax;
        private final double ratio;
        private final Duration delay;
        private final AtomicLong hits = new AtomicLong();

        private Injection(S3Requests requests, Effect effect, long hitsMax, double ratio, Duration delay) {
            this.requests = Objects.requireNonNull(requests, "requests");
            this.effect = effect;
            this.hitsMax = hitsMax;
            this.ratio = ratio;
            this.delay = delay;
        }

        /** How many requests it has met. */
        public long hits() {
            return hits.get();
        }

        public boolean isUsedUp() {
            return hits.get() >= hitsMax;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                injections.remove(this);
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        private boolean isFor(String method, String key) {
            return !isUsedUp() && requests.match(method, key);
        }

        private boolean strikes(Random dice) {
            if (ratio < 1.0 && dice.nextDouble() >= ratio) {
                return false;
            }
            hits.incrementAndGet();
            return true;
        }
    }
}
