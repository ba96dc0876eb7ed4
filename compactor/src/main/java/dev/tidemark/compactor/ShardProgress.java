package dev.tidemark.compactor;

import dev.tidemark.archive.Archive;
import dev.tidemark.compactor.cut.ChainEnd;
import dev.tidemark.compactor.cut.ChainWriter;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Progress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What S3 tells of a shard beside its segments, and through when it can restore the shard with both. For one thread. */
final class ShardProgress {
    private static final Logger LOG = LoggerFactory.getLogger(ShardProgress.class);

    private final int shard;
    private final int generation;
    private final Archive archive;
    private final Runnable requireSameLog;
    private final Duration age;
    private final LongSupplier nanoClock;

    private Optional<Progress> published = Optional.empty();
    private long publishedNanos;
    private long archivedMicros;

    /** @param age how old a claim may become before it is told */
    ShardProgress(
            int shard, int generation, Archive archive, Runnable requireSameLog, Duration age, LongSupplier nanoClock) {
        this.shard = shard;
        this.generation = generation;
        this.archive = archive;
        this.requireSameLog = requireSameLog;
        this.age = age;
        this.nanoClock = nanoClock;
    }

    /** Reads what was told last, which shortens the search for the last segment. */
    Optional<Progress> read() {
        published = readIfWhole();
        publishedNanos = nanoClock.getAsLong() - age.toNanos();
        return published;
    }

    private Optional<Progress> readIfWhole() {
        try {
            return archive.progress(shard);
        } catch (TidemarkError e) {
            if (e.code() != ExitCode.ARCHIVE_DAMAGED) {
                throw e;
            }
            // It only shortens the search, and we are the one who writes it anew.
            LOG.warn(
                    "event=progress-ignored source={} shard={} reason=\"{}\"", archive.source(), shard, e.getMessage());
            return Optional.empty();
        }
    }

    /** S3 alone can restore the shard through this time; 0 before that is known. */
    long archivedMicros() {
        return archivedMicros;
    }

    /** Takes notice of what segments carry and of what was told. */
    void note(ChainWriter chain) {
        long carried = chain.latestCarried().map(ClaimInterval::throughMicros).orElse(0L);
        long told = published
                .filter(progress -> progress.generation() == generation)
                .flatMap(Progress::claim)
                .filter(claim -> claim.offset() <= chain.end().offset())
                .map(ClaimInterval::throughMicros)
                .orElse(0L);
        archivedMicros = Math.max(archivedMicros, Math.max(carried, told));
    }

    /** So that an idle shard's claims reach S3 without a file of their own, and the next owner finds its place quickly. */
    void publish(ChainWriter chain) {
        ChainEnd end = chain.end();
        boolean isNew = chain.hasUncarriedReached() || !end.hour().equals(published.flatMap(Progress::hour));
        if (!isNew || nanoClock.getAsLong() - publishedNanos < age.toNanos()) {
            return;
        }
        Progress progress = new Progress(shard, generation, end.offset(), end.hour(), chain.latestReached());
        if (!Optional.of(progress).equals(published)) {
            requireSameLog.run();
            archive.writeProgress(progress);
            published = Optional.of(progress);
            note(chain);
        }
        publishedNanos = nanoClock.getAsLong();
    }
}
