package dev.tidemark.standalone.command;

import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreProgress;
import dev.tidemark.restorer.RestoreProgress.Phase;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * A line when a phase begins, and now and then: how far, how fast, and how long it will take yet. Whoever is told to stop
 * is told again here: a library that waits may have swallowed the interrupt.
 */
final class ProgressLines implements RestoreListener {
    private static final Duration APART = Duration.ofSeconds(2);
    /** Before that a rate says nothing. */
    private static final Duration MEASURED_AFTER = Duration.ofSeconds(1);

    private final PrintWriter log;
    private final BooleanSupplier isStopped;
    private volatile Phase phase;
    private volatile long keys;
    private Duration phaseBegan = Duration.ZERO;
    private Duration printed = Duration.ZERO;
    private long keysSent;

    ProgressLines(PrintWriter log) {
        this(log, Stop::hasBegun);
    }

    /** @param isStopped whether this process is being stopped */
    ProgressLines(PrintWriter log, BooleanSupplier isStopped) {
        this.log = log;
        this.isStopped = isStopped;
    }

    /** What is being done; empty before anything is. */
    Optional<Phase> phase() {
        return Optional.ofNullable(phase);
    }

    /** Of this phase. */
    long keys() {
        return keys;
    }

    @Override
    public void progress(RestoreProgress progress) {
        if (isStopped.getAsBoolean()) {
            Thread.currentThread().interrupt();
        }
        boolean isNew = progress.phase() != phase;
        keys = progress.keys();
        if (progress.phase() == Phase.WRITING) {
            keysSent = progress.keys();
        }
        if (!isNew && progress.elapsed().minus(printed).compareTo(APART) < 0) {
            return;
        }
        if (isNew) {
            phase = progress.phase();
            phaseBegan = progress.elapsed();
        }
        printed = progress.elapsed();
        log.println(line(progress) + ", " + RestoreWords.duration(progress.elapsed()));
        log.flush();
    }

    private String line(RestoreProgress progress) {
        String read = RestoreWords.bytes(progress.bytesRead()) + " of " + RestoreWords.bytes(progress.bytes());
        String number = RestoreWords.number(progress.keys());
        Duration inPhase = progress.elapsed().minus(phaseBegan);
        return switch (progress.phase()) {
            case VALIDATING -> "validating; nothing is written yet";
            case WAITING -> "waiting    for the replica; nothing is written yet";
            case WRITING ->
                "writing    %s read, %s keys sent%s"
                        .formatted(read, number, left(progress.bytesRead(), progress.bytes(), inPhase));
            case INDEXING -> "indexing   every key is there, a search index has %s".formatted(number);
            case PROVING ->
                "proving    %s keys read back%s".formatted(number, left(progress.keys(), keysSent, inPhase));
            case COMPARING ->
                "comparing  %s read, %s keys asked for%s"
                        .formatted(read, number, left(progress.bytesRead(), progress.bytes(), inPhase));
            case SCANNING -> "scanning   for keys that the archive does not have";
        };
    }

    /** The rate of this phase in keys, and the time that the rest takes at the rate so far. */
    private String left(long done, long all, Duration inPhase) {
        if (inPhase.compareTo(MEASURED_AFTER) < 0 || done <= 0) {
            return "";
        }
        double seconds = RestoreWords.seconds(inPhase);
        Duration rest = Duration.ofMillis((long) (Math.max(0, all - done) / (done / seconds) * 1_000));
        return ", %s keys/s, about %s left"
                .formatted(RestoreWords.number((long) (keys / seconds)), RestoreWords.duration(rest));
    }
}
