package dev.tidemark.standalone.command;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What Ctrl-C and SIGTERM do to a command that runs for long: it is interrupted, so that it gives back what it holds and
 * says how it left things. What it does not say within seconds, because a server does not answer, is said for it.
 */
final class Stop {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** Of the process, and so of every command line that runs in it. */
    private static volatile boolean begun;

    private final PrintStream err;
    private final CountDownLatch ended = new CountDownLatch(1);

    Stop(PrintStream err) {
        this.err = err;
    }

    /** Closed when there is nothing left to say. */
    interface Words extends AutoCloseable {
        @Override
        void close();
    }

    /** How things are left, in words; none where the command itself has said so. */
    @FunctionalInterface
    interface LastWords {
        /**
         * The words, if any are left to say.
         *
         * @param ended whether the command has ended in time, and with it all that it held
         */
        Optional<String> said(boolean ended);
    }

    /** Guards what this thread does from here on. */
    Words guard(LastWords lastWords) {
        Thread worker = Thread.currentThread();
        Thread hook = new Thread(() -> stop(worker, lastWords), "tidemark-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        return () -> {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException stoppingAlready) {
                // It waits for us, a few seconds at most.
            }
        };
    }

    /** Whether this process is being stopped: what fails from here on was cut short. */
    static boolean hasBegun() {
        return begun;
    }

    private void stop(Thread worker, LastWords lastWords) {
        begun = true;
        worker.interrupt();
        boolean hasEnded = false;
        try {
            hasEnded = ended.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        lastWords.said(hasEnded).ifPresent(err::println);
    }

    /** The command has said all that it had to say. */
    void ended() {
        ended.countDown();
    }
}
