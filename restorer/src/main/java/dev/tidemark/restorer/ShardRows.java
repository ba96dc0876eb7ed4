package dev.tidemark.restorer;

import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.Rows;
import dev.tidemark.restorer.RestorePlan.PlannedShard;
import dev.tidemark.restorer.RestorePlan.TailChunk;
import dev.tidemark.restorer.plan.Selection;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.RowsInForce;
import java.util.List;
import java.util.Optional;

/**
 * The rows that a shard's plan reads, without the keys that were not asked for, in blocks: whatever a block tells of a key is
 * newer than what later blocks tell of it, and within a block what is told of a key is in the order of the log.
 */
final class ShardRows {
    private final PlannedShard shard;
    private final VerifiedSegments segments;
    private final Selection selection;
    private final TailReader log;

    /** Of Kafka's tail, the rows of a shard in [from, to). */
    @FunctionalInterface
    interface TailReader {
        void readChanges(int shard, long from, long to, ShardLog.RowSink rows);
    }

    /** A block is handed over whole before the next. */
    interface Blocks {
        void begin();

        void row(long offset, LogRow row);

        /** Every row of the block is known to be as it was written. */
        void end() throws InterruptedException;
    }

    /** Told of each file that is done with. */
    @FunctionalInterface
    interface FileRead {
        void read(ArchivedRange file) throws InterruptedException;
    }

    ShardRows(PlannedShard shard, VerifiedSegments segments, Selection selection, TailReader log) {
        this.shard = shard;
        this.segments = segments;
        this.selection = selection;
        this.log = log;
    }

    void read(Blocks blocks, FileRead fileRead) throws InterruptedException {
        readTail(blocks);
        List<? extends ArchivedRange> parts = shard.plan().parts();
        for (int i = parts.size() - 1; i >= 0; i--) {
            List<ArchivedRange> sound = segments.sound(parts.get(i));
            for (int j = sound.size() - 1; j >= 0; j--) {
                try (Rows<ArchivedRow> rows = segments.rows(sound.get(j))) {
                    if (sound.get(j) instanceof RollUp) {
                        readByKey(rows, blocks);
                    } else {
                        readAtOnce(rows, blocks);
                    }
                }
            }
            if (parts.get(i).hasFile()) {
                fileRead.read(parts.get(i));
            }
        }
    }

    private void readAtOnce(Rows<ArchivedRow> rows, Blocks blocks) throws InterruptedException {
        blocks.begin();
        while (rows.hasNext()) {
            ArchivedRow row = rows.next();
            hand(blocks, row.offset(), row.row());
        }
        blocks.end();
    }

    /**
     * A roll-up is an hour, too much for a block; but it is sorted, so all that it tells of a key stands together, in the
     * order of the log: a block a key, and one before them of the rows that have none.
     */
    private void readByKey(Rows<ArchivedRow> rows, Blocks blocks) throws InterruptedException {
        Optional<Bytes> key = Optional.empty();
        blocks.begin();
        while (rows.hasNext()) {
            ArchivedRow row = rows.next();
            Optional<Bytes> its = row.row() instanceof Change change ? Optional.of(change.key()) : Optional.empty();
            if (!its.equals(key)) {
                blocks.end();
                blocks.begin();
                key = its;
            }
            hand(blocks, row.offset(), row.row());
        }
        blocks.end();
    }

    private void hand(Blocks blocks, long offset, LogRow row) {
        if (!(row instanceof Change change) || selection.takes(change.db(), change.key())) {
            blocks.row(offset, row);
        }
    }

    private void readTail(Blocks blocks) throws InterruptedException {
        List<TailChunk> chunks = shard.chunks();
        for (int i = chunks.size() - 1; i >= 0; i--) {
            TailChunk chunk = chunks.get(i);
            RowsInForce inForce = new RowsInForce(chunk.epochInForce());
            blocks.begin();
            log.readChanges(shard.plan().shard(), chunk.from(), chunk.to(), (offset, row) -> {
                if (inForce.counts(row)) {
                    hand(blocks, offset, row);
                }
            });
            blocks.end();
        }
    }
}
