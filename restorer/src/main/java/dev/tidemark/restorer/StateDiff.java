package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.KeyRow;
import dev.tidemark.archive.Rows;
import dev.tidemark.restorer.RestorePlan.PlannedShard;
import dev.tidemark.restorer.RestorePlan.TailChunk;
import dev.tidemark.restorer.look.DiffReport;
import dev.tidemark.restorer.look.KeyAt;
import dev.tidemark.restorer.look.KeyChange;
import dev.tidemark.restorer.look.KeysBetween;
import dev.tidemark.restorer.look.KeysBetween.Ends;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.proof.ContentDigest;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.RowsInForce;
import dev.tidemark.schemas.settings.Settings;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What changed between two times, shard after shard: first which keys may differ, by key columns alone, then the values of those
 * that were there at both times.
 */
final class StateDiff {
    /** A key that differs is held with its names and times, where a restore holds a digest of its name. */
    private static final int BYTES_A_KEY_RATIO = 8;

    private final Settings settings;
    private final Archive archive;
    private final PartReader parts;
    private final RestorePlan from;
    private final RestorePlan to;
    private final Bytes prefix;
    private final int namesMax;
    private final Map<KeyChange, Long> counts = new EnumMap<>(KeyChange.class);
    private final Map<KeyChange, List<KeyName>> names = new EnumMap<>(KeyChange.class);
    private TailLog log;

    StateDiff(Settings settings, Archive archive, RestorePlan from, RestorePlan to, Bytes prefix, int namesMax) {
        this.settings = settings;
        this.archive = archive;
        this.parts = new PartReader(archive);
        this.from = from;
        this.to = to;
        this.prefix = prefix;
        this.namesMax = namesMax;
        for (KeyChange change : KeyChange.values()) {
            counts.put(change, 0L);
            names.put(change, new ArrayList<>());
        }
    }

    DiffReport run() {
        long keysMax = settings.restorer().keysInMemoryMax() / BYTES_A_KEY_RATIO;
        try {
            for (int shard = 0; shard < from.shards().size(); shard++) {
                compare(from.shards().get(shard), to.shards().get(shard), keysMax);
            }
        } catch (KeysBetween.TooMany tooMany) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "more than %d keys of one shard differ between %s and %s, an eighth of restorer.keys-in-memory-max. Nothing was changed anywhere. Choose times closer together, or a --prefix, or raise that bound at 300 bytes of memory for each key"
                            .formatted(keysMax, from.to(), to.to()),
                    tooMany);
        } finally {
            if (log != null) {
                log.close();
            }
        }
        return new DiffReport(
                from.source(),
                from.to(),
                to.to(),
                from.exactness().compareTo(to.exactness()) > 0 ? from.exactness() : to.exactness(),
                counts,
                names);
    }

    private void compare(PlannedShard earlier, PlannedShard later, long keysMax) {
        KeysBetween between = new KeysBetween(
                earlier.plan(), RedisTime.micros(from.to()), later.plan(), RedisTime.micros(to.to()), prefix, keysMax);
        readKeys(later, RedisTime.micros(from.to()), earlier, between::addLater);
        readKeys(earlier, Long.MIN_VALUE, earlier, between::addEarlier);
        Map<Long, Bytes> digests = digests(between, earlier, later);
        between.keys().forEach((name, ends) -> judge(name, ends, digests));
    }

    private void judge(KeyName name, Ends ends, Map<Long, Bytes> digests) {
        boolean before = isPresent(ends.before(), from);
        boolean after = isPresent(ends.after(), to);
        if (!before && !after) {
            return;
        }
        if (before != after) {
            add(after ? KeyChange.ADDED : KeyChange.REMOVED, name);
            return;
        }
        KeyRow one = ends.before().orElseThrow();
        KeyRow other = ends.after().orElseThrow();
        if (!digests.get(one.offset()).equals(digests.get(other.offset()))) {
            add(KeyChange.CHANGED, name);
        } else {
            add(
                    one.expireAtMillis().equals(other.expireAtMillis()) ? KeyChange.REWRITTEN : KeyChange.TTL_CHANGED,
                    name);
        }
    }

    private static boolean isPresent(Optional<KeyRow> row, RestorePlan at) {
        return row.map(it -> KeyAt.isPresent(it.isPresent(), it.expireAtMillis(), RedisTime.micros(at.to())))
                .orElse(false);
    }

    private void add(KeyChange change, KeyName name) {
        counts.merge(change, 1L, Long::sum);
        if (names.get(change).size() < namesMax) {
            names.get(change).add(name);
        }
    }

    /** What the shard's plan reads, oldest first; parts that the other plan reads too and that end before that time are left out. */
    private void readKeys(PlannedShard shard, long afterMicros, PlannedShard other, Consumer<KeyRow> rows) {
        for (ArchivedRange part : shard.plan().parts()) {
            if (part.lastMicros() <= afterMicros && other.plan().parts().contains(part)) {
                continue;
            }
            parts.read(part, range -> {
                try (Rows<Optional<KeyRow>> found = archive.search().rows(range)) {
                    found.forEachRemaining(row -> row.ifPresent(rows));
                }
                return range;
            });
        }
        readTail(shard, (offset, change) -> rows.accept(KeyRow.of(offset, change)));
    }

    private void readTail(PlannedShard shard, TailRows rows) {
        for (TailChunk chunk : shard.chunks()) {
            RowsInForce inForce = new RowsInForce(chunk.epochInForce());
            log().readChanges(shard.plan().shard(), chunk.from(), chunk.to(), (offset, row) -> {
                if (inForce.counts(row) && row instanceof Change change) {
                    rows.accept(offset, change);
                }
            });
        }
    }

    @FunctionalInterface
    private interface TailRows {
        void accept(long offset, Change change);
    }

    private TailLog log() {
        if (log == null) {
            // Both plans were made by one command.
            log = new KafkaTail(settings).open(to.tail().topics().isPresent() ? to.tail() : from.tail());
        }
        return log;
    }

    /** Of both values of each key that was there at both times, by offset. */
    private Map<Long, Bytes> digests(KeysBetween between, PlannedShard earlier, PlannedShard later) {
        Map<Long, Bytes> digests = new HashMap<>();
        for (Ends ends : between.keys().values()) {
            if (isPresent(ends.before(), from) && isPresent(ends.after(), to)) {
                digests.put(ends.before().orElseThrow().offset(), Bytes.empty());
                digests.put(ends.after().orElseThrow().offset(), Bytes.empty());
            }
        }
        if (digests.isEmpty()) {
            return digests;
        }
        Set<ArchivedRange> either = new LinkedHashSet<>(earlier.plan().parts());
        either.addAll(later.plan().parts());
        for (ArchivedRange part : either) {
            if (digests.keySet().stream().anyMatch(offset -> part.from() <= offset && offset < part.to())) {
                parts.read(part, range -> readDigests(range, digests));
            }
        }
        for (PlannedShard shard : List.of(earlier, later)) {
            readTail(shard, (offset, change) -> digest(offset, change, digests));
        }
        return digests;
    }

    private ArchivedRange readDigests(ArchivedRange range, Map<Long, Bytes> digests) {
        try (Rows<ArchivedRow> rows = archive.rows(range)) {
            rows.forEachRemaining(row -> digest(row.offset(), row.row(), digests));
        }
        return range;
    }

    private static void digest(long offset, LogRow row, Map<Long, Bytes> digests) {
        if (row instanceof Change change && digests.containsKey(offset)) {
            digests.put(offset, ContentDigest.of(change.value()));
        }
    }
}
