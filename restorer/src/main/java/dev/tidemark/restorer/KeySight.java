package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.KeyRow;
import dev.tidemark.archive.NewestRows;
import dev.tidemark.restorer.RestorePlan.PlannedShard;
import dev.tidemark.restorer.RestorePlan.TailChunk;
import dev.tidemark.restorer.look.KeyAt;
import dev.tidemark.restorer.look.KeyHistory;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.plan.Planner;
import dev.tidemark.restorer.plan.Selection;
import dev.tidemark.restorer.plan.ShardArchive;
import dev.tidemark.restorer.plan.ShardPlan;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.RowsInForce;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.Settings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** One key, looked up in the archive and in the tail of the log without restoring anything. */
final class KeySight {
    /** Looked through at once, the newest first. */
    private static final int PARTS_AT_ONCE = 16;

    private final Settings settings;
    private final Archive archive;

    KeySight(Settings settings, Archive archive) {
        this.settings = settings;
        this.archive = archive;
    }

    /**
     * As it was at the plan's time.
     *
     * @param plan of the key's shard alone
     */
    KeyAt at(RestorePlan plan, KeyName name) {
        PlannedShard shard = plan.shards().get(0);
        long atMicros = RedisTime.micros(plan.to());
        Optional<Change> last = inTail(plan.tail(), shard, name, atMicros);
        if (last.isEmpty()) {
            last = inParts(shard.plan(), name, atMicros);
        }
        if (last.isEmpty() && plan.baseline().isPresent()) {
            last = inBaseline(plan.baseline().get(), name);
        }
        boolean isPresent = last.map(change ->
                        KeyAt.isPresent(!(change.value() instanceof Value.Absent), change.expireAtMillis(), atMicros))
                .orElse(false);
        return new KeyAt(plan.source(), plan.to(), plan.exactness(), name, last, isPresent);
    }

    private Optional<Change> inTail(TailUse use, PlannedShard shard, KeyName name, long atMicros) {
        if (shard.chunks().isEmpty()) {
            return Optional.empty();
        }
        try (TailLog log = new KafkaTail(settings).open(use)) {
            for (int i = shard.chunks().size() - 1; i >= 0; i--) {
                TailChunk chunk = shard.chunks().get(i);
                RowsInForce inForce = new RowsInForce(chunk.epochInForce());
                List<Change> last = new ArrayList<>(1);
                log.readChanges(shard.plan().shard(), chunk.from(), chunk.to(), (offset, row) -> {
                    if (inForce.counts(row)
                            && shard.plan().reads(offset)
                            && row.timeMicros() <= atMicros
                            && isOf(row, name)) {
                        last.clear();
                        last.add((Change) row);
                    }
                });
                if (!last.isEmpty()) {
                    return Optional.of(last.get(0));
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Change> inParts(ShardPlan plan, KeyName name, long atMicros) {
        List<ArchivedRange> newestFirst = new ArrayList<>(plan.parts());
        Collections.reverse(newestFirst);
        for (int from = 0; from < newestFirst.size(); from += PARTS_AT_ONCE) {
            List<ArchivedRange> some = newestFirst.subList(from, Math.min(newestFirst.size(), from + PARTS_AT_ONCE));
            for (Found found : find(some, name, row -> plan.reads(row.offset()) && row.timeMicros() <= atMicros, 1)) {
                if (!found.rows().isEmpty()) {
                    LogRow row = archive.search()
                            .row(found.range(), found.rows().get(0))
                            .row();
                    return Optional.of((Change) row);
                }
            }
        }
        return Optional.empty();
    }

    /** The log has not told of it since, so there it stands as it was, or nowhere. */
    private Optional<Change> inBaseline(Baseline baseline, KeyName name) {
        try (BaseSnapshot snapshot = new BaseSnapshot(
                archive,
                baseline,
                settings.source(),
                Selection.everything(),
                settings.restorer().bytesInFlightMax(),
                0)) {
            return snapshot.find(name);
        }
    }

    /** The newest that a part tells of the key, in the order of the log. */
    private record Found(ArchivedRange range, List<KeyRow> rows) {}

    /** Newest first, as the parts are. All at once; one after another where one of them is damaged. */
    private List<Found> find(List<ArchivedRange> newestFirst, KeyName name, Predicate<KeyRow> wanted, int rowsMax) {
        List<Found> found = new ArrayList<>();
        try {
            List<List<KeyRow>> rows = archive.search().rows(newestFirst, name.db(), name.key(), wanted, rowsMax);
            for (int i = 0; i < newestFirst.size(); i++) {
                found.add(new Found(newestFirst.get(i), rows.get(i)));
            }
        } catch (TidemarkError damaged) {
            if (damaged.code() != ExitCode.ARCHIVE_DAMAGED) {
                throw damaged;
            }
            PartReader parts = new PartReader(archive);
            for (ArchivedRange part : newestFirst) {
                List<Found> read = new ArrayList<>(parts.read(
                        part,
                        range -> new Found(
                                range, archive.search().rows(range, name.db(), name.key(), wanted, rowsMax))));
                Collections.reverse(read);
                found.addAll(read);
            }
        }
        return found;
    }

    private static boolean isOf(LogRow row, KeyName name) {
        return row instanceof Change change
                && change.db() == name.db()
                && change.key().equals(name.key());
    }

    /**
     * All that is known of its life.
     *
     * @param entriesMax the newest so many changes
     */
    KeyHistory history(KeyName name, int entriesMax, boolean withTail, Instant now) {
        int number = new Shards(settings.source().shards()).of(name.key());
        Survey survey = Survey.ofLog(settings, archive, withTail, each -> each == number, Optional.empty());
        ShardArchive shard = survey.shards().get(0);
        // One more than is told, to know whether there are more.
        int rowsMax = entriesMax + 1;
        List<KeyRow> rows = new ArrayList<>(tailRows(survey.tail(), shard, name, rowsMax));
        List<ArchivedRange> newestFirst = new ArrayList<>(shard.parts());
        Collections.reverse(newestFirst);
        for (int from = 0; from < newestFirst.size() && rows.size() <= entriesMax; from += PARTS_AT_ONCE) {
            List<ArchivedRange> some = newestFirst.subList(from, Math.min(newestFirst.size(), from + PARTS_AT_ONCE));
            for (Found found : find(some, name, every -> true, rowsMax)) {
                rows.addAll(0, found.rows());
            }
        }
        boolean isCut = rows.size() > entriesMax;
        List<KeyRow> kept = isCut ? rows.subList(rows.size() - entriesMax, rows.size()) : rows;
        boolean isComplete =
                new Planner(List.of(shard), List.of()).times().holes().stream().allMatch(hole -> hole.bridged());
        return new KeyHistory(
                name,
                KeyHistory.entries(kept, bases(shard), RedisTime.micros(now)),
                isComplete,
                isCut,
                shard.keptFrom().map(from -> RedisTime.instant(from.micros())));
    }

    private static List<Base> bases(ShardArchive shard) {
        return shard.claims().stream().map(ClaimInterval::base).toList();
    }

    /** What stands in the log behind the last part on S3, claimed or not: rows are true in any case. */
    private List<KeyRow> tailRows(TailUse use, ShardArchive shard, KeyName name, int rowsMax) {
        if (shard.tail().isEmpty()) {
            return List.of();
        }
        Optional<ArchivedRange> last = shard.parts().stream().reduce((one, other) -> other);
        long from = Math.max(
                last.map(ArchivedRange::to).orElse(0L), shard.tail().get().logStart());
        long to = shard.tail().get().logEnd();
        NewestRows rows = new NewestRows(rowsMax);
        if (from < to) {
            RowsInForce inForce =
                    new RowsInForce(last.map(ArchivedRange::epochAfter).orElse(RowsInForce.NO_EPOCH));
            try (TailLog log = new KafkaTail(settings).open(use)) {
                log.readChanges(shard.shard(), from, to, (offset, row) -> {
                    if (inForce.counts(row) && isOf(row, name)) {
                        rows.add(KeyRow.of(offset, (Change) row));
                    }
                });
            }
        }
        return rows.rows();
    }
}
