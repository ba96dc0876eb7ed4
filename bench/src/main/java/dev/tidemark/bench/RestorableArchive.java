package dev.tidemark.bench;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.PartsUpload;
import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.Slots;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.Mode;
import dev.tidemark.schemas.layout.Baseline.Node;
import dev.tidemark.schemas.layout.Baseline.StoredFile;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** An archive as it lies on S3 a while after a baseline: its snapshot, and segments that tell every fifth key anew. */
final class RestorableArchive {
    static final int SUPERSEDED_EVERY = 5;

    private static final long SEGMENT_BYTES = 16L << 20;
    private static final int RDB_VERSION = 10;

    private final Archive archive;
    private final Shards shards;
    private final DataSet data;
    private final long beganMicros = RedisTime.micros(Instant.now().minus(Duration.ofMinutes(10)));
    private final long baselineMicros = beganMicros + 60_000_000;
    private long micros = baselineMicros;

    private RestorableArchive(Archive archive, Shards shards, DataSet data) {
        this.archive = archive;
        this.shards = shards;
        this.data = data;
    }

    /** @param snapshot that a server wrote, of the same data */
    static void write(Settings settings, DataSet data, Path snapshot) {
        String source = settings.source().name();
        try (Archive archive = Archive.open(settings.s3(), source)) {
            RestorableArchive it =
                    new RestorableArchive(archive, new Shards(settings.source().shards()), data);
            it.publish(source, snapshot);
            for (int shard = 0; shard < settings.source().shards(); shard++) {
                it.log(shard);
            }
        } catch (IOException e) {
            throw new IllegalStateException("the snapshot of the benchmark's own server cannot be read", e);
        }
    }

    private void publish(String source, Path snapshot) throws IOException {
        BaselineKey manifest = new BaselineKey(baselineMicros, "00000000", BaselineKey.MANIFEST);
        StoredFile stored;
        try (PartsUpload upload = archive.baselines().upload(manifest.snapshotOf(0))) {
            try (InputStream in = Files.newInputStream(snapshot)) {
                in.transferTo(upload);
            }
            stored = new StoredFile(manifest.snapshotOf(0), upload.sizeBytes(), upload.complete());
        }
        Node node = new Node(
                "127.0.0.1:6379",
                "run",
                "repl",
                "watch",
                1,
                Slots.all(),
                baselineMicros,
                baselineMicros,
                RDB_VERSION,
                "7.0",
                data.keys(),
                stored);
        archive.baselines().publish(new Baseline(manifest, source, Mode.REPLICATION, List.of(node)));
    }

    /** What the shard's log holds from a resync before the baseline to a claim after all changes. */
    private void log(int shard) {
        List<LogRow> beginning = List.of(
                new EpochClaimed(0, beganMicros),
                new ResyncBegun(0, beganMicros, "first start"),
                new ResyncEnded(0, beganMicros, 1));
        Base base = new Base(1, 2, beganMicros);
        ClaimInterval first = new ClaimInterval(base, baselineMicros, beginning.size(), 1_000_000);
        long offset = segment(shard, 0, beginning, first);
        List<LogRow> rows = new ArrayList<>();
        long bytes = 0;
        for (int number = 0; number < data.keys(); number += SUPERSEDED_EVERY) {
            Bytes key = data.kind().key(number);
            if (shards.of(key) != shard) {
                continue;
            }
            micros += 1_000;
            Change change =
                    new Change(0, micros, micros - 1, 0, key, data.kind().value(number), OptionalLong.empty(), "hset");
            rows.add(change);
            bytes += change.value().sizeBytes();
            if (bytes >= SEGMENT_BYTES) {
                offset = segment(shard, offset, rows, claim(base, offset + rows.size()));
                rows.clear();
                bytes = 0;
            }
        }
        // The last one goes as far as every shard's clock, so that all can be restored to one time.
        long end = baselineMicros + 1_000L * data.keys() + 1_000_000;
        rows.add(new EpochClaimed(0, end));
        segment(shard, offset, rows, new ClaimInterval(base, end, offset + rows.size(), 1_000_000));
    }

    private ClaimInterval claim(Base base, long offset) {
        return new ClaimInterval(base, micros, offset, 1_000_000);
    }

    private long segment(int shard, long from, List<LogRow> rows, ClaimInterval claim) {
        long last = rows.get(rows.size() - 1).timeMicros();
        Hour hour = Hour.of(rows.get(0).timeMicros());
        SegmentWriter writer = new SegmentWriter(archive.source(), new SegmentKey(hour, shard, 1, from));
        for (int i = 0; i < rows.size(); i++) {
            writer.add(from + i, rows.get(i));
        }
        archive.put(writer.finish(from + rows.size(), 0, last, List.of(claim)));
        return from + rows.size();
    }
}
