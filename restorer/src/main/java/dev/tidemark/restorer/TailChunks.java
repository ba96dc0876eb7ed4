package dev.tidemark.restorer;

import dev.tidemark.restorer.RestorePlan.TailChunk;
import dev.tidemark.restorer.plan.Exactness;
import dev.tidemark.restorer.plan.TailPart;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.RowsInForce;
import dev.tidemark.schemas.log.Value.Blob;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a part of the log into pieces that fit in memory, in one pass forwards: a restore reads them newest first, and
 * which rows count is known only to whoever comes from the front.
 */
final class TailChunks {
    private static final long CHUNK_BYTES_MAX = 64L << 20;
    private static final long ROW_OVERHEAD_BYTES = 100;

    private final List<TailChunk> chunks = new ArrayList<>();
    private final RowsInForce inForce;
    private final Exactness exactness;
    private long from;
    private long epoch;
    private long bytes;
    private long rows;
    private long references;

    private TailChunks(TailPart part, Exactness exactness) {
        this.inForce = new RowsInForce(part.epochInForce());
        this.exactness = exactness;
        this.from = part.from();
        this.epoch = part.epochInForce();
    }

    static TailChunks read(TailLog log, int shard, TailPart part, Exactness exactness) {
        TailChunks chunks = new TailChunks(part, exactness);
        log.readChanges(shard, part.from(), part.to(), chunks::add);
        chunks.cut(part.to());
        return chunks;
    }

    List<TailChunk> chunks() {
        return List.copyOf(chunks);
    }

    private void add(long offset, LogRow row) {
        long rowBytes = ROW_OVERHEAD_BYTES + contentBytes(row);
        if (rows > 0 && bytes + rowBytes > CHUNK_BYTES_MAX) {
            cut(offset);
        }
        if (!inForce.counts(row)) {
            return;
        }
        rows++;
        bytes += rowBytes;
        if (row instanceof Change change) {
            exactness.add(change.timeMicros(), change.touchedAfterMicros());
        }
        if (row instanceof Definitions || (row instanceof Change change && change.value() instanceof Blob)) {
            references++;
        }
    }

    private static long contentBytes(LogRow row) {
        if (row instanceof Change change) {
            return change.value().sizeBytes() + change.key().length();
        }
        return row instanceof Definitions definitions ? definitions.payload().length() : 0;
    }

    private void cut(long to) {
        if (to > from) {
            chunks.add(new TailChunk(from, to, epoch, rows, references));
        }
        from = to;
        epoch = inForce.epochInForce();
        bytes = 0;
        rows = 0;
        references = 0;
    }
}
