package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.SegmentFile;
import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Absent;
import dev.tidemark.schemas.log.Value.Hash;
import dev.tidemark.schemas.log.Value.Text;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;

/** The log of a source that was busy for some minutes, its claims, and what each key was at any time. */
final class GeneratedSource {
    /** A key of a database. */
    record Name(int db, Bytes key) {}

    /** A key's value and expiry. */
    record State(Value value, OptionalLong expireAtMillis) {}

    /** One shard's log, and the claims made in it. */
    static final class ShardHistory {
        final List<LogRow> rows = new ArrayList<>();
        final List<ClaimInterval> claims = new ArrayList<>();
        Base base;
    }

    static final long EPOCH = 0;
    /** Under which a topic is written that was just created. */
    private static final int FIRST_LEADER = 0;

    /** Of a writer that was fenced before this log began: what it writes counts for nobody. */
    private static final long FENCED_EPOCH = -2;

    private final Random random;
    private final Shards shards;
    private final List<Value> opaque;
    private final List<Name> names = new ArrayList<>();
    private final List<ShardHistory> histories = new ArrayList<>();
    private final int paceMicros;
    private long micros;
    private long firstRestorable;

    /** @param opaque values of other types than string and hash, as a real server dumps them */
    GeneratedSource(long seed, int shards, int keys, int changes, List<Value> opaque) {
        this(seed, shards, keys, changes, opaque, Duration.ofMinutes(30), Duration.ofMillis(200));
    }

    /**
     * @param ago so long ago it began
     * @param pace from one change to the next at most
     */
    GeneratedSource(long seed, int shards, int keys, int changes, List<Value> opaque, Duration ago, Duration pace) {
        this.random = new Random(seed);
        this.micros = RedisTime.micros(Instant.now().minus(ago));
        this.paceMicros = Math.toIntExact(pace.toNanos() / 1_000);
        this.shards = new Shards(shards);
        this.opaque = List.copyOf(opaque);
        for (int i = 0; i < keys; i++) {
            names.add(new Name(random.nextInt(10) == 0 ? 3 : 0, key(i)));
        }
        for (int i = 0; i < shards; i++) {
            histories.add(new ShardHistory());
        }
        resync();
        for (int i = 0; i < changes; i++) {
            change(names.get(random.nextInt(keys)));
            if (i % 50 == 49) {
                claim();
            }
        }
        claim();
    }

    List<ShardHistory> histories() {
        return histories;
    }

    /**
     * What the server holds beside its keys, in place of a change of the shard that tells of it.
     *
     * @param share of its rows that stand before
     * @return the row's offset
     */
    int define(double share, String kind, Bytes payload) {
        List<LogRow> rows = histories.get(Definitions.SHARD).rows;
        int at = (int) (rows.size() * share);
        while (!(rows.get(at) instanceof Change change) || change.epoch() != EPOCH) {
            at++;
        }
        rows.set(at, new Definitions(EPOCH, rows.get(at).timeMicros(), kind, Bytes.wrap(new byte[] {1}), payload));
        return at;
    }

    Instant first() {
        return RedisTime.instant(firstRestorable);
    }

    Instant last() {
        return RedisTime.instant(micros);
    }

    Instant between(double share) {
        return RedisTime.instant(firstRestorable + (long) ((micros - firstRestorable) * share));
    }

    private void resync() {
        for (ShardHistory history : histories) {
            history.rows.add(new EpochClaimed(EPOCH, micros));
            history.rows.add(new ResyncBegun(EPOCH, micros, "first start"));
        }
        names.forEach(this::change);
        micros += 1_000;
        for (ShardHistory history : histories) {
            history.base = new Base(1, history.rows.size(), micros);
            history.rows.add(new ResyncEnded(EPOCH, micros, 1));
        }
        firstRestorable = micros;
        micros += 500_000;
        claim();
    }

    private void claim() {
        micros += 1_000;
        for (ShardHistory history : histories) {
            history.claims.add(new ClaimInterval(history.base, micros, history.rows.size(), 900_000));
        }
    }

    private void change(Name name) {
        micros += 1_000 + random.nextInt(paceMicros);
        if (random.nextInt(20) == 0) {
            add(FENCED_EPOCH, name, value(), OptionalLong.empty());
        }
        Value value = value();
        OptionalLong expiry = OptionalLong.empty();
        if (!(value instanceof Absent) && random.nextInt(3) == 0) {
            long soon = micros / 1_000 + random.nextInt(20_000);
            long late = System.currentTimeMillis() + Duration.ofHours(1).toMillis() + random.nextInt(1_000_000);
            expiry = OptionalLong.of(random.nextInt(3) == 0 ? soon : late);
        }
        add(EPOCH, name, value, expiry);
    }

    private void add(long epoch, Name name, Value value, OptionalLong expiry) {
        history(name)
                .rows
                .add(new Change(
                        epoch,
                        micros,
                        micros - 1 - random.nextInt(800_000),
                        name.db(),
                        name.key(),
                        value,
                        expiry,
                        "hset"));
    }

    ShardHistory history(Name name) {
        return histories.get(shards.of(name.key()));
    }

    private Bytes key(int number) {
        if (number % 7 == 0) {
            byte[] binary = new byte[1 + random.nextInt(40)];
            random.nextBytes(binary);
            return Bytes.wrap(binary);
        }
        return number == 1 ? Bytes.empty() : Bytes.utf8("chunk:{doc" + number / 5 + "}:" + number);
    }

    private Value value() {
        int kind = random.nextInt(10);
        if (kind == 0) {
            return new Absent();
        }
        if (kind <= 2) {
            return new Text(bytes(random.nextInt(200)));
        }
        if (kind == 3 && !opaque.isEmpty()) {
            return opaque.get(random.nextInt(opaque.size()));
        }
        List<Value.Field> fields = new ArrayList<>();
        int count = random.nextInt(60) == 0 ? 2_500 : 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            fields.add(new Value.Field(Bytes.utf8("f" + i), bytes(random.nextInt(300))));
        }
        return new Hash(fields);
    }

    private Bytes bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    /** What a restore to the time must hold, by the rules, read from the front of the log to its end. */
    Map<Name, State> stateAt(Instant time) {
        long target = RedisTime.micros(time);
        Map<Name, State> state = new HashMap<>();
        for (ShardHistory history : histories) {
            ClaimInterval claim = history.claims.stream()
                    .filter(each -> each.throughMicros() >= target)
                    .findFirst()
                    .orElseThrow();
            Map<Name, Change> last = new HashMap<>();
            Map<Name, Change> next = new HashMap<>();
            for (LogRow row : history.rows.subList(0, (int) claim.offset())) {
                if (row instanceof Change change && change.epoch() == EPOCH) {
                    Name name = new Name(change.db(), change.key());
                    if (change.timeMicros() <= target) {
                        last.put(name, change);
                    } else {
                        next.putIfAbsent(name, change);
                    }
                }
            }
            last.forEach((name, change) -> present(change, Optional.ofNullable(next.get(name)), target)
                    .ifPresent(it -> state.put(name, new State(it.value(), it.expireAtMillis()))));
        }
        long now = System.currentTimeMillis();
        state.values().removeIf(each -> each.expireAtMillis().orElse(Long.MAX_VALUE) <= now);
        return state;
    }

    private static Optional<Change> present(Change change, Optional<Change> next, long target) {
        if (change.value() instanceof Absent) {
            return Optional.empty();
        }
        long expiry = change.expireAtMillis().orElse(Long.MAX_VALUE / 1_000) * 1_000;
        if (expiry > target) {
            return Optional.of(change);
        }
        return next.filter(it -> it.touchedAfterMicros() < expiry && !(it.value() instanceof Absent));
    }

    /** Writes every shard's log to the archive as a compactor would, segments of so many rows. */
    List<Segment> archive(Archive archive, int rowsASegment) {
        return archive(archive, rowsASegment, 1);
    }

    /** @param share of each shard's log; the rest is not on S3 yet */
    List<Segment> archive(Archive archive, int rowsASegment, double share) {
        List<Segment> segments = new ArrayList<>();
        for (int shard = 0; shard < histories.size(); shard++) {
            ShardHistory history = histories.get(shard);
            int end = (int) (history.rows.size() * share);
            for (int from = 0; from < end; from += rowsASegment) {
                segments.add(segment(archive, shard, from, Math.min(end, from + rowsASegment)));
            }
            Optional<ClaimInterval> last = history.claims.stream()
                    .filter(claim -> claim.offset() <= end)
                    .reduce((one, other) -> other);
            archive.writeProgress(new Progress(shard, 1, end, Optional.empty(), last));
        }
        return segments;
    }

    /** Writes one segment of a shard. */
    Segment segment(Archive archive, int shard, int from, int to) {
        ShardHistory history = histories.get(shard);
        long lastMicros = history.rows.get(to - 1).timeMicros();
        Hour hour = Hour.of(history.rows.get(from).timeMicros());
        SegmentWriter writer = new SegmentWriter(archive.source(), new SegmentKey(hour, shard, 1, from));
        for (int offset = from; offset < to; offset++) {
            if (history.rows.get(offset).epoch() == EPOCH) {
                writer.add(offset, history.rows.get(offset));
            }
        }
        List<ClaimInterval> carried = new ArrayList<>();
        for (ClaimInterval claim : history.claims) {
            if (claim.offset() > from && claim.offset() <= to) {
                carried = new ArrayList<>(ClaimInterval.append(carried, claim));
            }
        }
        SegmentFile file = writer.finish(to, EPOCH, lastMicros, carried, OptionalInt.of(FIRST_LEADER));
        archive.put(file);
        return file.segment();
    }
}
