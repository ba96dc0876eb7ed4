package dev.tidemark.compactor;

import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** What happens to the store or to the broker while rows are produced. */
enum Fault {
    SLOW_STORE {
        @Override
        void amid(Runnable produces, KafkaBroker kafka, S3Endpoint s3) {
            meet(s3.faults().delay(Duration.ofMillis(250), S3Requests.puts()), produces);
        }
    },
    LOST_ANSWERS {
        @Override
        void amid(Runnable produces, KafkaBroker kafka, S3Endpoint s3) {
            meet(s3.faults().loseAnswers(6, S3Requests.puts()), produces);
        }
    },
    CONFLICTS {
        @Override
        void amid(Runnable produces, KafkaBroker kafka, S3Endpoint s3) {
            meet(s3.faults().failRatio(0.5, 409, S3Requests.puts()), produces);
        }
    },
    /** {@code -Dtidemark.s3-away-seconds=120} makes it two minutes. */
    STORE_AWAY {
        @Override
        void amid(Runnable produces, KafkaBroker kafka, S3Endpoint s3) {
            s3.down();
            produces.run();
            rest(Duration.ofSeconds(Integer.getInteger("tidemark.s3-away-seconds", 3)));
            s3.up();
        }
    },
    BROKER_KILLED {
        @Override
        void amid(Runnable produces, KafkaBroker kafka, S3Endpoint s3) {
            kafka.kill();
            kafka.restart();
            produces.run();
        }
    };

    /** Returns when it is over; it has struck, or this fails. */
    abstract void amid(Runnable produces, KafkaBroker kafka, S3Endpoint s3);

    private static void meet(Injection injection, Runnable produces) {
        try (injection) {
            produces.run();
            rest(Duration.ofSeconds(2));
            Await.until(Duration.ofSeconds(60), () -> injection.hits() > 0, "somebody meets the fault");
        }
    }

    /** The length of a fault itself; nothing is waited for here. */
    private static void rest(Duration length) {
        long until = System.nanoTime() + length.toNanos();
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }
}
