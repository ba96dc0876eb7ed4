package dev.tidemark.compactor;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that rolls hours up, in the compactor that has the first shard: so one does an hour, and when two believe
 * that it is theirs, no harm is done. What goes wrong is told and tried again; segments are cut in the meantime.
 */
final class Rolling implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Rolling.class);
    private static final Duration PACE = Duration.ofSeconds(5);
    private static final Duration CLOSE_MAX = Duration.ofSeconds(5);

    private final HourRoller roller;
    private final BooleanSupplier isOurs;
    private final ScheduledExecutorService thread;

    Rolling(HourRoller roller, BooleanSupplier isOurs) {
        this.roller = roller;
        this.isOurs = isOurs;
        this.thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread daemon = new Thread(task, "tidemark-rolling");
            daemon.setDaemon(true);
            return daemon;
        });
    }

    @SuppressWarnings("FutureReturnValueIgnored") // It never ends by itself, and what it throws it catches.
    void start() {
        thread.scheduleWithFixedDelay(this::turn, 0, PACE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void turn() {
        try {
            if (isOurs.getAsBoolean()) {
                roller.step();
            } else {
                roller.rest();
            }
        } catch (RuntimeException | Error e) {
            // An error too, as for want of memory: what is thrown from here would end all further turns, and nobody
            // would know.
            // Interrupted by our own end: nothing failed, and the next one goes on.
            if (!thread.isShutdown()) {
                tell(e);
            }
        }
    }

    private static void tell(Throwable e) {
        if (!(e instanceof TidemarkError foreseen)) {
            LOG.warn("event=rolling-retrying reason=\"{}\"", e.getMessage(), e);
        } else if (foreseen.code() == ExitCode.ARCHIVE_DAMAGED) {
            LOG.error("event=rolling-stopped reason=\"{}\"", e.getMessage());
        } else {
            LOG.warn("event=rolling-retrying reason=\"{}\"", e.getMessage());
        }
    }

    /** A request under way is not waited for long. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(CLOSE_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("event=rolling-left reason=\"a request is under way\"");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
