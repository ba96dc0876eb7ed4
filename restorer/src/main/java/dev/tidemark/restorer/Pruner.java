package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.Creation;
import dev.tidemark.restorer.PruneReport.Deleted;
import dev.tidemark.restorer.PruneReport.Marked;
import dev.tidemark.restorer.plan.Planner;
import dev.tidemark.restorer.plan.RestorableTimes;
import dev.tidemark.restorer.plan.ShardArchive;
import dev.tidemark.restorer.retain.KeptWindow;
import dev.tidemark.restorer.retain.Retention;
import dev.tidemark.restorer.retain.Retention.Kept;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.layout.ArchiveKey.PrunedKey;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Pruned;
import dev.tidemark.schemas.settings.Settings;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Gives up what the settings do not keep: first a mark, from which on nobody uses what it names, and a day later, when whoever
 * was reading has ended, the objects. Killed anywhere it has done less, never something else; run again it goes on. One thing
 * at a time.
 */
public final class Pruner implements AutoCloseable {
    /**
     * A value's day is that of Redis's clock when it was read, its row's time never goes back: a clock that was set back by less
     * than this loses nothing.
     */
    private static final int BLOB_DAYS_LONGER = 7;

    private final Settings settings;
    private final Clock clock;
    private final Archive archive;

    private Pruner(Settings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.archive = Archive.open(settings.s3(), settings.source().name());
    }

    /** Opens clients; nothing is asked of anyone yet. */
    public static Pruner open(Settings settings, Clock clock) {
        return new Pruner(settings, clock);
    }

    /** What would be done; nothing is changed. */
    public PruneReport plan() {
        return report(Optional.empty(), false);
    }

    /**
     * Deletes what was marked long enough ago, and marks what else the settings do not keep.
     *
     * @throws TidemarkError when what was marked is needed after all; nothing is deleted then
     */
    public PruneReport prune() {
        Optional<Deleted> deleted = due().flatMap(this::delete);
        return report(deleted, true);
    }

    private PruneReport report(Optional<Deleted> deleted, boolean marks) {
        List<Pruned> marked = archive.pruning().marks();
        Survey survey = Survey.of(settings, archive, false, Set.of());
        RestorableTimes times = new Planner(survey.shards(), survey.baselines().whole()).times();
        OptionalLong keptFrom = KeptWindow.begin(
                settings.retention(), times, survey.baselines().whole(), RedisTime.micros(clock.instant()));
        Optional<Pruned> last = marked.stream().reduce((one, other) -> other);
        Optional<Marked> next = keptFrom.isEmpty()
                ? Optional.empty()
                : next(survey, keptFrom.getAsLong(), last).map(mark -> counted(mark, last));
        if (marks && next.isPresent()) {
            mark(next.get().mark());
        }
        return new PruneReport(
                settings.source().name(),
                settings.retention(),
                times.latestMicros().stream().mapToObj(RedisTime::instant).findFirst(),
                keptFrom.stream().mapToObj(RedisTime::instant).findFirst(),
                counted(marked),
                next,
                marks && next.isPresent(),
                deleted);
    }

    private Optional<Pruned> next(Survey survey, long keptFromMicros, Optional<Pruned> last) {
        Optional<Hour> rolledUp = archive.rolled().latest(Optional.empty());
        if (rolledUp.isEmpty()) {
            return Optional.empty();
        }
        long from = Math.max(keptFromMicros, last.map(Pruned::keptFromMicros).orElse(Long.MIN_VALUE));
        return new Retention(survey.shards(), survey.baselines().whole(), from)
                .least(rolledUp.get())
                .map(kept -> mark(kept, last))
                .filter(mark -> last.isEmpty() || isNews(mark, last.get()));
    }

    private Pruned mark(Kept kept, Optional<Pruned> last) {
        LocalDate blobsFrom = kept.hour().date().minusDays(BLOB_DAYS_LONGER);
        return new Pruned(
                new PrunedKey(last.map(mark -> mark.key().number()).orElse(0L) + 1),
                RedisTime.micros(clock.instant()),
                kept.fromMicros(),
                kept.hour(),
                LogTopics.FIRST_GENERATION,
                kept.offsets(),
                Math.max(
                        kept.baselinesFromMicros(),
                        last.map(Pruned::baselinesFromMicros).orElse(0L)),
                last.map(Pruned::blobsFrom).filter(blobsFrom::isBefore).orElse(blobsFrom));
    }

    /** A mark that moves nothing would only make what it says wait for another day. */
    private static boolean isNews(Pruned mark, Pruned last) {
        return mark.includes(last)
                && (mark.keptHour().compareTo(last.keptHour()) > 0
                        || mark.baselinesFromMicros() > last.baselinesFromMicros());
    }

    private void mark(Pruned mark) {
        if (archive.pruning().mark(mark) == Creation.EXISTS) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "%s was written by another 'tidemark prune' at this moment; nothing was marked. Run it again"
                            .formatted(archive.pruning().uriOf(mark)));
        }
    }

    private List<Marked> counted(List<Pruned> marks) {
        List<Marked> counted = new ArrayList<>();
        Optional<Pruned> before = Optional.empty();
        for (Pruned mark : marks) {
            counted.add(counted(mark, before));
            before = Optional.of(mark);
        }
        return counted;
    }

    private Marked counted(Pruned mark, Optional<Pruned> before) {
        Tally tally = new Tally();
        archive.pruning().each(mark, object -> {
            if (before.isEmpty() || !before.get().givesUp(object.key())) {
                tally.add(object);
            }
        });
        return new Marked(
                archive.pruning().uriOf(mark),
                mark,
                RedisTime.instant(mark.keptFromMicros()),
                deletableAt(mark),
                tally.count());
    }

    private static Instant deletableAt(Pruned mark) {
        return RedisTime.instant(mark.stampMicros()).plus(Pruned.DELETED_AFTER);
    }

    /** The last mark that is old enough: it gives up all that older ones do. */
    private Optional<Pruned> due() {
        return archive.pruning().marks().stream()
                .filter(mark -> !clock.instant().isBefore(deletableAt(mark)))
                .reduce((one, other) -> other);
    }

    private Optional<Deleted> delete(Pruned mark) {
        Tally there = new Tally();
        archive.pruning().each(mark, there::add);
        if (there.count().total() == 0) {
            return Optional.empty();
        }
        requireUnneeded(mark);
        Tally tally = new Tally();
        boolean isWhole = archive.pruning().delete(mark, tally::add);
        return Optional.of(tally.deleted(isWhole));
    }

    /** What was not needed a day ago may be now: by a resync that had begun long before and has ended since. */
    private void requireUnneeded(Pruned mark) {
        try (Archive whole = Archive.openWhole(settings.s3(), settings.source().name())) {
            Survey survey = Survey.of(settings, whole, false, Set.of());
            List<ShardArchive> shards = survey.shards();
            Retention retention = new Retention(shards, survey.baselines().whole(), mark.keptFromMicros());
            if (!retention.isEnough(mark.keptHour(), mark.baselinesFromMicros())) {
                throw new TidemarkError(
                        ExitCode.ARCHIVE_DAMAGED,
                        "what %s gives up is needed to restore %s to times since %s, or may be once what the archive lacks is back, so nothing was deleted. Delete that object, which takes the mark back, and run 'tidemark prune' again"
                                .formatted(
                                        archive.pruning().uriOf(mark),
                                        settings.source().name(),
                                        RedisTime.instant(mark.keptFromMicros())));
            }
        }
    }

    @Override
    public void close() {
        archive.close();
    }
}
