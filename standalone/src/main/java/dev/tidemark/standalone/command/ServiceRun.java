package dev.tidemark.standalone.command;

import dev.tidemark.standalone.http.StatusServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
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

    /** Starts a service that is seen through an open door, which is closed behind it, or at once if it does not start. */
    static ServiceRun seenThrough(StatusServer status, Supplier<ServiceRun> start) {
        ServiceRun service;
        try {
            service = start.get();
        } catch (RuntimeException e) {
            status.close();
            throw e;
        }
        return new ServiceRun(service.name, service.await, () -> {
            try {
                service.close.run();
            } finally {
                status.close();
            }
        });
    }

    /**
     * Starts services in that order, as one: when one of them has ended they are all closed, the last first. What it failed with
     * is what the whole failed with. Who waits is interrupted before anything is closed, so that nobody starts again what ends then.
     */
    static ServiceRun together(String name, List<Supplier<ServiceRun>> starts) {
        List<ServiceRun> running = new ArrayList<>();
        List<Thread> waiting = new ArrayList<>();
        Runnable closeAll = () -> {
            waiting.forEach(Thread::interrupt);
            closeLastFirst(running);
        };
        try {
            starts.forEach(start -> running.add(start.get()));
        } catch (RuntimeException e) {
            closeAll.run();
            throw e;
        }
        BlockingQueue<Optional<Throwable>> ends = new LinkedBlockingQueue<>();
        for (ServiceRun service : running) {
            Thread each = new Thread(() -> ends.add(service.end()), service.name + "-await");
            each.setDaemon(true);
            waiting.add(each);
        }
        waiting.forEach(Thread::start);
        Await firstEnd = () -> {
            Throwable failure = ends.take().orElse(null);
            if (failure instanceof Error fatal) {
                throw fatal;
            }
            if (failure instanceof RuntimeException thrown) {
                throw thrown;
            }
        };
        return new ServiceRun(name, firstEnd, closeAll);
    }

    private static void closeLastFirst(List<ServiceRun> running) {
        for (int i = running.size() - 1; i >= 0; i--) {
            try {
                running.get(i).close.run();
            } catch (RuntimeException e) {
                // The others are closed all the same.
                LOG.warn("event=service-close-failed service={}", running.get(i).name, e);
            }
        }
    }

    private Optional<Throwable> end() {
        try {
            await.await();
            return Optional.empty();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (RuntimeException | Error e) {
            return Optional.of(e);
        }
    }

    void untilItEnds() {
        Thread atExit = new Thread(this::closeWithinDeadline, name + "-stop");
        Runtime.getRuntime().addShutdownHook(atExit);
        LOG.info("event=service-started service={}", name);
        boolean isInterrupted = false;
        try {
            await.await();
        } catch (InterruptedException stopped) {
            // Told again when all is closed: an interrupted thread cannot wait for what it closes.
            isInterrupted = true;
        } finally {
            closeOnce();
            forget(atExit);
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
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
