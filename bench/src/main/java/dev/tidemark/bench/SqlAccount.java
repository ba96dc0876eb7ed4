package dev.tidemark.bench;

import dev.tidemark.archive.sql.AnalystQueries;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * All rows that were written, in the order of their shards' logs, and the answers that follow from them: as naively as
 * possible, a line a row. Written to by one thread and read by another.
 */
final class SqlAccount {
    private final List<List<LogRow>> shards;

    SqlAccount(int shards) {
        this.shards = IntStream.range(0, shards)
                .<List<LogRow>>mapToObj(shard -> new CopyOnWriteArrayList<>())
                .toList();
    }

    /** Their offsets are where they stand. */
    void add(int shard, List<LogRow> rows) {
        shards.get(shard).addAll(rows);
    }

    int shards() {
        return shards.size();
    }

    long end(int shard) {
        return shards.get(shard).size();
    }

    /** The latest time whose rows all lie below these offsets. */
    Instant timeBelow(List<Long> ends) {
        return RedisTime.instant(IntStream.range(0, shards.size())
                .mapToLong(shard -> shards.get(shard)
                        .get(Math.toIntExact(ends.get(shard)) - 1)
                        .timeMicros())
                .min()
                .orElseThrow());
    }

    /** {@code key, chunk_id, doc_id, text, dims, the first float, metadata} of what there was. */
    List<String> stateAt(Instant at) {
        List<String> lines = new ArrayList<>();
        for (List<LogRow> shard : shards) {
            List<LogRow> known = shard.stream()
                    .filter(row -> row.timeMicros() <= RedisTime.micros(at))
                    .toList();
            Optional<ResyncEnded> base = known.stream()
                    .filter(ResyncEnded.class::isInstance)
                    .map(ResyncEnded.class::cast)
                    .reduce((earlier, later) -> later);
            if (base.isEmpty()) {
                continue;
            }
            Map<Bytes, Change> state = new HashMap<>();
            known.stream()
                    .skip(base.get().beginOffset())
                    .filter(Change.class::isInstance)
                    .map(Change.class::cast)
                    .forEach(change -> state.put(change.key(), change));
            state.values().stream()
                    .filter(change -> change.value() instanceof Value.Hash && !hasExpired(change, at))
                    .forEach(change -> lines.add(key(change) + "|" + columns(change)));
        }
        return lines;
    }

    private static boolean hasExpired(Change change, Instant at) {
        return change.expireAtMillis().isPresent()
                && change.expireAtMillis().getAsLong() * 1_000 <= RedisTime.micros(at);
    }

    private static String columns(Change change) {
        Map<String, Bytes> fields = new HashMap<>();
        ((Value.Hash) change.value()).fields().forEach(field -> fields.put(text(field.name()), field.value()));
        Bytes embedding = fields.get("text_embedding");
        return String.join(
                "|",
                text(fields.get("chunk_id")),
                text(fields.get("doc_id")),
                text(fields.get("text")),
                Integer.toString(embedding.length() / Float.BYTES),
                Float.toString(ByteBuffer.wrap(embedding.array())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getFloat()),
                text(fields.get("metadata")));
    }

    /** {@code offset, op} of a key, in their order. */
    List<String> history(String key, Instant at) {
        List<String> lines = new ArrayList<>();
        for (List<LogRow> shard : shards) {
            for (int offset = 0; offset < shard.size(); offset++) {
                if (shard.get(offset) instanceof Change change
                        && key(change).equals(key)
                        && change.timeMicros() <= RedisTime.micros(at)) {
                    lines.add(offset + "|" + op(change));
                }
            }
        }
        return lines;
    }

    /** {@code key, changes, last_op}. */
    List<String> changed(AnalystQueries asked) {
        Map<String, List<Change>> byKey = new HashMap<>();
        between(asked).forEach(change -> byKey.computeIfAbsent(key(change), none -> new ArrayList<>())
                .add(change));
        List<String> lines = new ArrayList<>();
        byKey.forEach((key, changes) ->
                lines.add("%s|%d|%s".formatted(key, changes.size(), op(changes.get(changes.size() - 1)))));
        return lines;
    }

    /** {@code doc, changes, chunks, puts, deletions}; a key is of one document for ever, or of none that is known. */
    List<String> churn(AnalystQueries asked) {
        Map<Bytes, String> docs = new HashMap<>();
        between(asked).filter(change -> change.value() instanceof Value.Hash).forEach(change -> ((Value.Hash)
                        change.value())
                .fields().stream()
                        .filter(field -> text(field.name()).equals("doc_id"))
                        .forEach(field -> docs.put(change.key(), text(field.value()))));
        Map<String, List<Change>> byDoc = new HashMap<>();
        between(asked).forEach(change -> byDoc.computeIfAbsent(
                        docs.getOrDefault(change.key(), "null"), none -> new ArrayList<>())
                .add(change));
        List<String> lines = new ArrayList<>();
        byDoc.forEach((doc, changes) -> {
            Set<Bytes> keys = new HashSet<>();
            changes.forEach(change -> keys.add(change.key()));
            long puts =
                    changes.stream().filter(change -> op(change).equals("put")).count();
            lines.add("%s|%d|%d|%d|%d".formatted(doc, changes.size(), keys.size(), puts, changes.size() - puts));
        });
        return lines;
    }

    /** {@code dt, hr, event, keys}. */
    List<String> expiredAndEvicted(AnalystQueries asked) {
        Map<String, Integer> counts = new TreeMap<>();
        between(asked)
                .filter(change -> op(change).equals("absent")
                        && Set.of("expired", "evicted").contains(change.event()))
                .forEach(change -> {
                    Hour hour = Hour.of(change.timeMicros());
                    counts.merge("%s|%d|%s".formatted(hour.date(), hour.hour(), change.event()), 1, Integer::sum);
                });
        return counts.entrySet().stream()
                .map(entry -> entry.getKey() + "|" + entry.getValue())
                .toList();
    }

    private Stream<Change> between(AnalystQueries asked) {
        return shards.stream()
                .flatMap(List::stream)
                .filter(Change.class::isInstance)
                .map(Change.class::cast)
                .filter(change -> change.timeMicros() > RedisTime.micros(asked.from())
                        && change.timeMicros() <= RedisTime.micros(asked.at()));
    }

    private static String op(Change change) {
        return change.value() instanceof Value.Absent ? "absent" : "put";
    }

    private static String key(Change change) {
        return text(change.key());
    }

    private static String text(Bytes bytes) {
        return bytes.asUtf8().orElseThrow();
    }
}
