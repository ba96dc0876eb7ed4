package dev.tidemark.compactor;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.SegmentFile;
import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;

/** One shard's segments as a compactor leaves them, without Kafka; what they amount to is known. */
final class HandmadeArchive {
    static final int GENERATION = 1;
    static final Hour FIRST_HOUR = Hour.of(1_763_647_200_000_000L);

    final int shard;
    /** All that has been archived, in the order of the log. */
    final List<ArchivedRow> rows = new CopyOnWriteArrayList<>();

    private final Archive archive;
    private final Random random;
    private long micros;
    private long frontier;
    private Optional<Hour> hour = Optional.empty();
    private Base base;

    HandmadeArchive(Archive archive, int shard, long seed) {
        this.archive = archive;
        this.shard = shard;
        this.random = new Random(seed);
        this.micros = RedisTime.micros(FIRST_HOUR.start()) + 1_000_000;
        this.base = new Base(1, 3, micros);
        cut(List.of(
                new ArchivedRow(0, new EpochClaimed(5, micros)),
                new ArchivedRow(1, new ResyncBegun(5, micros, "first start")),
                new ArchivedRow(2, change()),
                new ArchivedRow(3, new ResyncEnded(5, micros, 1))));
    }

    /** Some changes within the hour, as one segment. */
    void segment(int changes) {
        List<ArchivedRow> next = new ArrayList<>();
        long offset = frontier;
        for (int i = 0; i < changes; i++) {
            // Holes are records that did not count.
            offset += random.nextInt(3) == 0 ? 1 : 0;
            micros += random.nextInt(1_000);
            next.add(new ArchivedRow(offset++, change()));
        }
        cut(next);
    }

    /** A few keys are found again; what is not among them was gone. */
    void resync(int found) {
        List<ArchivedRow> next = new ArrayList<>();
        long begin = frontier;
        long offset = begin;
        next.add(new ArchivedRow(offset++, new ResyncBegun(5, micros, "doubt")));
        for (int i = 0; i < found; i++) {
            micros += random.nextInt(1_000);
            next.add(new ArchivedRow(offset++, change()));
        }
        next.add(new ArchivedRow(offset, new ResyncEnded(5, micros, begin)));
        base = new Base(begin, offset, micros);
        cut(next);
    }

    /** The next change will be in a later hour. */
    void hoursPass(int hours) {
        micros += Duration.ofHours(hours).toNanos() / 1_000;
    }

    private LogRow change() {
        Value value = random.nextInt(5) == 0
                ? new Value.Absent()
                : new Value.Hash(List.of(
                        new Value.Field(Bytes.utf8("doc_id"), Bytes.utf8("doc " + random.nextInt(4))),
                        new Value.Field(Bytes.utf8("text"), Bytes.utf8("words " + random.nextInt(1_000))),
                        new Value.Field(Bytes.utf8("text_embedding"), Bytes.wrap(new byte[] {0, 0, 0, 63})),
                        new Value.Field(Bytes.utf8("n"), Bytes.wrap(new byte[random.nextInt(300)]))));
        Bytes key = Bytes.utf8("chunk:" + shard + ":" + random.nextInt(40));
        boolean isAbsent = value instanceof Value.Absent;
        OptionalLong expiry = !isAbsent && random.nextInt(4) == 0
                ? OptionalLong.of(micros / 1_000 + random.nextInt(2_000))
                : OptionalLong.empty();
        String event = isAbsent ? List.of("del", "expired", "evicted").get(random.nextInt(3)) : "hset";
        return new Change(5, micros, micros - 10, 0, key, value, expiry, event);
    }

    private void cut(List<ArchivedRow> next) {
        Hour at = Hour.of(micros);
        SegmentWriter writer = new SegmentWriter(
                archive.source(), new SegmentKey(at, shard, GENERATION, frontier), ChunkFields.standard());
        next.forEach(row -> writer.add(row.offset(), row.row()));
        long end = (next.isEmpty() ? frontier : next.get(next.size() - 1).offset() + 1) + random.nextInt(2);
        SegmentFile file = writer.finish(end, 5, micros, List.of(claim(end)));
        archive.put(file);
        rows.addAll(next);
        frontier = end;
        hour = Optional.of(at);
    }

    private ClaimInterval claim(long end) {
        return new ClaimInterval(base, micros, end, 1_000_000);
    }

    /** Tells where the shard stands, and that all is claimed up to this moment. */
    void tell() {
        archive.writeProgress(new Progress(shard, GENERATION, frontier, hour, Optional.of(claim(frontier))));
    }

    List<ArchivedRow> rowsOf(Hour wanted) {
        return rows.stream()
                .filter(row -> Hour.of(row.row().timeMicros()).equals(wanted))
                .toList();
    }
}
