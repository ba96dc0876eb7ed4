package dev.tidemark.standalone.endtoend;

import dev.tidemark.oracle.Oracle;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.standalone.endtoend.Court.Effect;
import java.time.Duration;
import java.util.Random;

/**
 * Something that happens to one part of a deployment while writes go on. Each ends with every part running again.
 *
 * <p>Which of them may make a gap is the point: only the death of the one capture, and a Redis that comes back as another
 * server. Whatever else happens is late and nothing worse.
 */
enum Disaster {
    NOTHING(Effect.NONE) {
        @Override
        void strike(Deployment on, RedisServer redis, Oracle oracle, Random random) {
            rest(random, 1_000);
        }
    },
    COMPACTOR_KILLED(Effect.LATE) {
        @Override
        void strike(Deployment on, RedisServer redis, Oracle oracle, Random random) {
            on.compactor.kill();
            rest(random, 1_000);
            on.compactor.start();
        }
    },
    COMPACTOR_PAUSED(Effect.LATE) {
        @Override
        void strike(Deployment on, RedisServer redis, Oracle oracle, Random random) {
            on.compactor.pause();
            rest(random, 4_000);
            on.compactor.resume();
        }
    },
    KAFKA_KILLED(Effect.LATE) {
        @Override
        void strike(Deployment on, RedisServer redis, Oracle oracle, Random random) {
            on.kafka.kill();
            rest(random, 1_000);
            on.kafka.restart();
        }
    },
    KAFKA_PAUSED(Effect.LATE) {
        @Override
        void strike(Deployment on, RedisServer redis, Oracle oracle, Random random) {
            on.kafka.pause();
            rest(random, 4_000);
            on.kafka.resume();
        }
    },
    REDIS_PAUSED(Effect.LATE) {
        @Override
        void strike(Deployment on, RedisServer redis, Oracle oracle, Random random) {
            redis.pause();
            rest(random, 2_000);
            redis.resume();
        }
    },
    S3_AWAY(Effect.LATE) {
        @Override
        void strike(Deployment on, RedisServer redis, Oracle oracle, Random random) {
            on.s3.down();
            rest(random, 4_000);
            on.s3.up();
        }
    },
    CAPTURE_PAUSED(Effect.LATE) {
        @Override
        void strike(Deployment on, RedisServer redis, Oracle oracle, Random random) {
            on.capture.pause();
            rest(random, 3_000);
            on.capture.resume();
        }
    },
    CAPTURE_KILLED(Effect.GAP) {
        @Override
        void strike(Deployment on, RedisServer redis, Oracle oracle, Random random) {
            on.capture.kill();
            rest(random, 1_000);
            on.capture.start();
        }
    },
    REDIS_RESTARTED_EMPTY(Effect.GAP) {
        @Override
        void strike(Deployment on, RedisServer redis, Oracle oracle, Random random) {
            redis.kill();
            redis.restart(false);
            oracle.rebase();
        }
    };

    private final Effect most;

    Disaster(Effect most) {
        this.most = most;
    }

    Effect most() {
        return most;
    }

    abstract void strike(Deployment on, RedisServer redis, Oracle oracle, Random random);

    private static void rest(Random random, int millisMax) {
        Rest.of(Duration.ofMillis(100 + random.nextInt(millisMax)));
    }
}
