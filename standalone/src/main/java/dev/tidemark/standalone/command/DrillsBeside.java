package dev.tidemark.standalone.command;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Drills by the clock, beside services that must go on whatever becomes of them. */
final class DrillsBeside {
    private static final Logger LOG = LoggerFactory.getLogger(DrillsBeside.class);
    /** Long enough for the first resync of a small Redis, and for whoever only tries it out to be gone. */
    private static final Duration FIRST_AFTER_MAX = Duration.ofMinutes(5);

    private static final Duration END_WITHIN = Duration.ofSeconds(5);

    private final DrillRounds rounds;
    private final Duration interval;
    private final Thread thread = new Thread(this::drill, "drills");

    private DrillsBeside(DrillRounds rounds, Duration interval) {
        this.rounds = rounds;
        this.interval = interval;
    }

    static ServiceRun start(DrillRounds rounds, Duration interval) {
        DrillsBeside drills = new DrillsBeside(rounds, interval);
        drills.thread.setDaemon(true);
        drills.thread.start();
        return new ServiceRun("drills", drills.thread::join, drills::close);
    }

    private void drill() {
        try {
            Thread.sleep((interval.compareTo(FIRST_AFTER_MAX) < 0 ? interval : FIRST_AFTER_MAX).toMillis());
            rounds.repeat(interval);
        } catch (InterruptedException closed) {
            LOG.debug("event=drills-over");
        }
    }

    private void close() {
        thread.interrupt();
        try {
            thread.join(END_WITHIN.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
