package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.SegmentFile;
import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.archive.Spool;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Encoding;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** A source of one shard, or one of several: a resync of nothing, then what a test puts there, row by row, a millisecond apart. */
final class SmallSource {
    private static final Path DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

    private final Archive archive;
    private final int shard;
    private final List<LogRow> rows = new ArrayList<>();
    private final Base base;
    /** Of all shards. */
    private final AtomicLong micros;

    SmallSource(Archive archive) {
        this(archive, 0, new AtomicLong(RedisTime.micros(Instant.now().minus(Duration.ofMinutes(10)))));
    }

    private SmallSource(Archive archive, int shard, AtomicLong micros) {
        this.archive = archive;
        this.shard = shard;
        this.micros = micros;
        rows.add(new EpochClaimed(0, micros.get()));
        rows.add(new ResyncBegun(0, micros.get(), "first start"));
        rows.add(new ResyncEnded(0, micros.get(), 1));
        base = new Base(1, 2, micros.get());
    }

    /** Another shard of the same, which is archived for itself. */
    SmallSource beside(int otherShard) {
        return new SmallSource(archive, otherShard, micros);
    }

    void put(int db, String key, Value value, OptionalLong expireAtMillis) {
        long now = micros.addAndGet(1_000);
        rows.add(new Change(0, now, now - 1, db, Bytes.utf8(key), value, expireAtMillis, ""));
    }

    void put(String key, Value value) {
        put(0, key, value, OptionalLong.empty());
    }

    void define(String kind, byte[] payload) {
        rows.add(new Definitions(0, micros.addAndGet(1_000), kind, Bytes.wrap(new byte[] {1}), Bytes.wrap(payload)));
    }

    Blob blob(String type, byte[] content) throws IOException {
        return blob(type, new java.io.ByteArrayInputStream(content));
    }

    Blob blob(String type, InputStream content) throws IOException {
        try (Spool spool = Spool.in(DIRECTORY)) {
            content.transferTo(spool);
            Blob blob = new Blob(
                    type,
                    type.equals("string") ? Encoding.RAW : Encoding.DUMP,
                    spool.sha256(),
                    spool.sizeBytes(),
                    LocalDate.ofInstant(RedisTime.instant(micros.get()), ZoneOffset.UTC));
            archive.put(blob, spool);
            return blob;
        }
    }

    /** The time of the last row. */
    Instant now() {
        return RedisTime.instant(micros.get());
    }

    /** Writes two segments, and a claim that covers all. */
    void archive() {
        long now = micros.addAndGet(1_000);
        segment(0, rows.size() / 2, List.of());
        ClaimInterval claim = new ClaimInterval(base, now, rows.size(), 1);
        segment(rows.size() / 2, rows.size(), List.of(claim));
        archive.writeProgress(new Progress(shard, 1, rows.size(), Optional.empty(), Optional.of(claim)));
    }

    private void segment(int from, int to, List<ClaimInterval> claims) {
        Hour hour = Hour.of(rows.get(from).timeMicros());
        SegmentWriter writer = new SegmentWriter(archive.source(), new SegmentKey(hour, shard, 1, from));
        for (int offset = from; offset < to; offset++) {
            writer.add(offset, rows.get(offset));
        }
        SegmentFile file = writer.finish(to, 0, rows.get(to - 1).timeMicros(), claims);
        archive.put(file);
    }
}
