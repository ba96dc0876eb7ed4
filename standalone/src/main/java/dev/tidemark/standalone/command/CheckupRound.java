package dev.tidemark.standalone.command;

import dev.tidemark.schemas.checkup.Finding;
import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.checkup.Mend;
import dev.tidemark.schemas.checkup.Mend.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** Checkups side by side: what hangs in one neither holds up the others nor takes away what it had found by then. */
final class CheckupRound {
    private final Duration patience;
    private final Map<Findings, Runnable> checkups = new LinkedHashMap<>();

    CheckupRound(Duration patience) {
        this.patience = patience;
    }

    CheckupRound add(Findings findings, Runnable checkup) {
        checkups.put(findings, checkup);
        return this;
    }

    /** All findings, in the order in which the checkups were added. */
    List<Finding> run() {
        // Logging is set up by whoever logs first; several at once make it complain on the terminal.
        LoggerFactory.getILoggerFactory();
        Map<Findings, Thread> threads = new LinkedHashMap<>();
        checkups.forEach((findings, checkup) -> threads.put(findings, start(findings, checkup)));
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        List<Finding> all = new ArrayList<>();
        threads.forEach((findings, thread) -> {
            if (!endsBefore(thread, deadlineNanos)) {
                findings.missing(
                        "answers",
                        "not done within %d s; what is not listed was not checked".formatted(patience.toSeconds()),
                        Mend.in(Place.HANDS, "find out why it is so slow, and run this again"));
            }
            all.addAll(findings.soFar());
        });
        return all;
    }

    private static Thread start(Findings findings, Runnable checkup) {
        Thread thread = new Thread(() -> guarded(findings, checkup), "tidemark-doctor");
        // It may hang for ever; the command does not.
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void guarded(Findings findings, Runnable checkup) {
        try {
            checkup.run();
        } catch (RuntimeException | Error unforeseen) {
            findings.missing(
                    "checkup",
                    "failed unexpectedly: %s; %s"
                            .formatted(unforeseen.getClass().getName(), FailureReport.placeOfTrace(unforeseen)),
                    Mend.in(Place.HANDS, "it is a fault of Tidemark's; please report it"));
        }
    }

    private static boolean endsBefore(Thread thread, long deadlineNanos) {
        long leftMillis = Math.max(1, (deadlineNanos - System.nanoTime()) / 1_000_000);
        try {
            thread.join(leftMillis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }
}
