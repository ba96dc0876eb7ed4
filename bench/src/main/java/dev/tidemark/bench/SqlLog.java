package dev.tidemark.bench;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.Settings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

/**
 * A log in which hours pass in seconds: chunks that are written, deleted, expired and evicted, and resyncs that do not find
 * all of them again. What it wrote stands in its account.
 */
final class SqlLog implements AutoCloseable {
    static final int SHARDS = 2;
    static final int HOURS = 10;
    static final int HOURS_OF_FIRST_DAY = 5;
    private static final int BATCHES_AN_HOUR = 4;
    private static final int RESYNC_EVERY_HOURS = 4;
    private static final int KEYS_A_SHARD = 200;
    private static final int KEYS_A_DOCUMENT = 20;

    /** A table engine reads times to the millisecond, so no row's time says more. */
    private static final long TICK_MICROS = 1_000;

    private final SqlAccount account = new SqlAccount(SHARDS);
    private final LogSender sender;
    private final int rowsABatch;
    private final Instant began;
    private final Random random = new Random(1);
    private final Tidemark.Base[] bases = new Tidemark.Base[SHARDS];
    private long micros;

    /** @param rows in all, more or less */
    SqlLog(Settings settings, int rows, Instant now) {
        sender = new LogSender(settings);
        rowsABatch = Math.max(1, rows / (SHARDS * HOURS * BATCHES_AN_HOUR));
        began = now.truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(1)).minus(Duration.ofHours(HOURS_OF_FIRST_DAY));
        micros = RedisTime.micros(began);
        for (int shard = 0; shard < SHARDS; shard++) {
            sender.control(shard, new ControlRecord.Claim("bench"));
            add(shard, List.of(new LogRow.EpochClaimed(0, tick())));
        }
        sender.flush();
    }

    SqlAccount account() {
        return account;
    }

    Instant began() {
        return began;
    }

    static String key(int shard, int number) {
        return "chunk:%d:%d".formatted(shard, number);
    }

    /** All hours, one after the other; {@code between} is run after each part of one. */
    void write(Runnable between) {
        for (int hour = 0; hour < HOURS; hour++) {
            micros = RedisTime.micros(began.plus(Duration.ofHours(hour)));
            for (int batch = 0; batch < BATCHES_AN_HOUR; batch++) {
                boolean isResync = batch == 1 && hour % RESYNC_EVERY_HOURS == 0;
                for (int shard = 0; shard < SHARDS; shard++) {
                    add(shard, isResync ? resync(shard) : changes(shard, rowsABatch));
                }
                sender.flush();
                claim();
                between.run();
            }
        }
    }

    private void add(int shard, List<LogRow> rows) {
        // Into the account first: a reader may know of a row too early, never see one that nobody knows of.
        account.add(shard, rows);
        rows.forEach(row -> sender.row(shard, row));
    }

    private void claim() {
        for (int shard = 0; shard < SHARDS; shard++) {
            if (bases[shard] != null) {
                sender.control(
                        shard, new Tidemark(1, 0, bases[shard], tick(), account.end(shard), TICK_MICROS, List.of()));
            }
        }
        sender.flush();
    }

    private List<LogRow> resync(int shard) {
        long begin = account.end(shard);
        List<LogRow> rows = new ArrayList<>();
        rows.add(new LogRow.ResyncBegun(0, tick(), "bench"));
        for (int key = 0; key < KEYS_A_SHARD; key++) {
            if (random.nextBoolean()) {
                rows.add(change(shard, key, chunk(shard, key), "", expiry()));
            }
        }
        long ended = tick();
        rows.add(new LogRow.ResyncEnded(0, ended, begin));
        bases[shard] = new Tidemark.Base(begin, begin + rows.size() - 1, ended);
        return rows;
    }

    private List<LogRow> changes(int shard, int count) {
        List<LogRow> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int key = random.nextInt(KEYS_A_SHARD);
            rows.add(
                    switch (random.nextInt(10)) {
                        case 0 -> change(shard, key, new Value.Absent(), "expired", OptionalLong.empty());
                        case 1 -> change(shard, key, new Value.Absent(), "evicted", OptionalLong.empty());
                        case 2 -> change(shard, key, new Value.Absent(), "del", OptionalLong.empty());
                        default -> change(shard, key, chunk(shard, key), "", expiry());
                    });
        }
        return rows;
    }

    private Change change(int shard, int key, Value value, String event, OptionalLong expireAtMillis) {
        long now = tick();
        return new Change(0, now, now - TICK_MICROS, 0, Bytes.utf8(key(shard, key)), value, expireAtMillis, event);
    }

    private OptionalLong expiry() {
        return random.nextInt(10) == 0
                ? OptionalLong.of(micros / 1_000
                        + random.nextInt((int) Duration.ofHours(2).toMillis()))
                : OptionalLong.empty();
    }

    private Value chunk(int shard, int key) {
        ByteBuffer embedding = ByteBuffer.allocate(4 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (embedding.hasRemaining()) {
            embedding.putFloat((random.nextInt(200) - 100) / 8f);
        }
        return new Value.Hash(List.of(
                field("chunk_id", Bytes.utf8("c" + key)),
                field("doc_id", Bytes.utf8("doc %d/%d".formatted(shard, key / KEYS_A_DOCUMENT))),
                field("text", Bytes.utf8("words " + random.nextInt(1_000_000))),
                field("text_embedding", Bytes.wrap(embedding.array())),
                field("metadata", Bytes.utf8("{\"page\": %d}".formatted(random.nextInt(100))))));
    }

    private static Value.Field field(String name, Bytes value) {
        return new Value.Field(Bytes.utf8(name), value);
    }

    private long tick() {
        micros += TICK_MICROS;
        return micros;
    }

    @Override
    public void close() {
        sender.close();
    }
}
