package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.Baselines;
import dev.tidemark.archive.PartsUpload;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.Slots;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.Mode;
import dev.tidemark.schemas.layout.Baseline.Node;
import dev.tidemark.schemas.layout.Baseline.StoredFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;

/** What a server saved that held a source's state of a time, published as its baseline of that time. */
final class SavedBaseline {
    private SavedBaseline() {}

    /** What a snapshot holds, of whatever size. */
    @FunctionalInterface
    interface Snapshot {
        void writeTo(OutputStream out) throws IOException;
    }

    static Baseline publish(Archive archive, byte[] rdb, Instant taken, long keys) {
        try {
            return publish(archive, out -> out.write(rdb), taken, keys);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Baseline publish(Archive archive, Snapshot rdb, Instant taken, long keys) throws IOException {
        Baselines baselines = archive.baselines();
        long micros = RedisTime.micros(taken);
        BaselineKey manifest = new BaselineKey(micros, "00000000", BaselineKey.MANIFEST);
        StoredFile snapshot;
        try (PartsUpload upload = baselines.upload(manifest.snapshotOf(0))) {
            rdb.writeTo(upload);
            snapshot = new StoredFile(manifest.snapshotOf(0), upload.sizeBytes(), upload.complete());
        }
        Node node = new Node(
                "127.0.0.1:6379", "run", "repl", "watch", 7, Slots.all(), micros, micros, 10, "7.0", keys, snapshot);
        Baseline published = new Baseline(manifest, archive.source(), Mode.REPLICATION, List.of(node));
        baselines.publish(published);
        return published;
    }
}
