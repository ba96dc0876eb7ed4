package dev.tidemark.standalone.endtoend;

import dev.tidemark.oracle.Oracle;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Something that happens to one part of a deployment while writes go on. Each ends with every part running again.
 *
 * <p>Which of them may make a gap is the point: only the death of the one capture, and a Redis that comes back as another
 * server. Whatever else happens is late and nothing worse.
 */
enum Disaster {
    NOTHING(false) {
        @Override
        void strike(Deployment on, Oracle oracle, Random random) {
            rest(random, 1_000);
        }
    },
    COMPACTOR_KILLED(false) {
        @Override
        void strike(Deployment on, Oracle oracle, Random random) {
            on.compactor.kill();
            rest(random, 1_000);
            on.compactor.start();
        }
    },
    COMPACTOR_PAUSED(false) {
        @Override
        void strike(Deployment on, Oracle oracle, Random random) {
            on.compactor.pause();
            rest(random, 4_000);
            on.compactor.resume();
        }
    },
    KAFKA_KILLED(false) {
        @Override
        void strike(Deployment on, Oracle oracle, Random random) {
            on.kafka.kill();
            rest(random, 1_000);
            on.kafka.restart();
        }
    },
    KAFKA_PAUSED(false) {
        @Override
        void strike(Deployment on, Oracle oracle, Random random) {
            on.kafka.pause();
            rest(random, 4_000);
            on.kafka.resume();
        }
    },
    REDIS_PAUSED(false) {
        @Override
        void strike(Deployment on, Oracle oracle, Random random) {
            on.redis.pause();
            rest(random, 2_000);
            on.redis.resume();
        }
    },
    S3_AWAY(false) {
        @Override
        void strike(Deployment on, Oracle oracle, Random random) {
            on.s3.down();
            rest(random, 4_000);
            on.s3.up();
        }
    },
    CAPTURE_PAUSED(false) {
        @Override
        void strike(Deployment on, Oracle oracle, Random random) {
            on.capture.pause();
            rest(random, 3_000);
            on.capture.resume();
        }
    },
    CAPTURE_KILLED(true) {
        @Override
        void strike(Deployment on, Oracle oracle, Random random) {
            on.capture.kill();
            rest(random, 1_000);
            on.capture.start();
        }
    },
    /** Its shards go to another capture; when it wakes it writes on, for nobody, until it learns of it. */
    CAPTURE_PAUSED_UNTIL_FENCED(true) {
        @Override
        void strike(Deployment on, Oracle oracle, Random random) {
            on.capture.pause();
            ServiceProcess another = on.anotherCapture();
            on.awaitProtected(oracle.now());
            on.capture.resume();
            on.awaitProtected(oracle.now());
            another.kill();
        }
    },
    REDIS_RESTARTED_EMPTY(true) {
        @Override
        void strike(Deployment on, Oracle oracle, Random random) {
            on.redis.kill();
            on.redis.restart(false);
            oracle.rebase();
        }
    };

    private final boolean makesAGap;

    Disaster(boolean makesAGap) {
        this.makesAGap = makesAGap;
    }

    boolean makesAGap() {
        return makesAGap;
    }

    abstract void strike(Deployment on, Oracle oracle, Random random);

    /** The length of the disaster itself; nothing is waited for here. */
    private static void rest(Random random, int millisMax) {
        long until = System.nanoTime()
                + Duration.ofMillis(100 + random.nextInt(millisMax)).toNanos();
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }
}
