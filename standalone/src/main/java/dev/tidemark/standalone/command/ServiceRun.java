package dev.tidemark.standalone.command;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service that runs in the foreground until it fails or the process is told to end.
 *
 * <p>SIGTERM and Ctrl-C close it in order, within a deadline. Nothing is lost when the deadline passes, or by kill -9:
 * a closed service only gives up its shards sooner.
 */
final class ServiceRun {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceRun.class);
    private static final Duration CLOSING_MAX = Duration.ofSeconds(20);

    private final String name;
    private final Await await;
    private final Runnable close;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** Returns when the service has ended; throws what it failed with. */
    @FunctionalInterface
    interface Await {
        void await() throws InterruptedException;
    }

    ServiceRun(String name, Await await, Runnable close) {
        this.name = Objects.requireNonNull(name, "name");
        this.await = Objects.requireNonNull(await, "await");
        this.close = Objects.requireNonNull(close, "close");
    }

    void untilItEnds() {
        Thread atExit = new Thread(this::closeWithinDeadline, name + "-stop");
        Runtime.getRuntime().addShutdownHook(atExit);
        LOG.info("event=service-started service={}", name);
        try {
            await.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            closeOnce();
            forget(atExit);
        }
        LOG.info("event=service-stopped service={}", name);
    }

    private void closeWithinDeadline() {
        Thread closer = new Thread(this::closeOnce, name + "-close");
        closer.setDaemon(true);
        closer.start();
        try {
            if (!closed.await(CLOSING_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("event=service-stop-late service={} waited={}", name, CLOSING_MAX);
            }
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }

    /** By whoever comes first; the other one need not wait, the process ends when both are through. */
    private void closeOnce() {
        if (closing.compareAndSet(false, true)) {
            try {
                close.run();
            } finally {
                closed.countDown();
            }
        }
    }

    private static void forget(Thread atExit) {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException alreadyStopping) {
            LOG.debug("event=stopping-already");
        }
    }
}
