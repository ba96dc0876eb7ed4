package dev.tidemark.restorer;

import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.SegmentRows;
import dev.tidemark.restorer.RestorePlan.PlannedShard;
import dev.tidemark.restorer.RestorePlan.TailChunk;
import dev.tidemark.restorer.plan.Selection;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.RowsInForce;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The rows that a shard's plan reads, without the keys that were not asked for, in blocks from the newest to the oldest, each block in the order of the log. */
final class ShardRows {
    private final PlannedShard shard;
    private final VerifiedSegments segments;
    private final Selection selection;
    private final Supplier<ShardLog> log;

    /** A block is handed over whole before the next. */
    interface Blocks {
        void begin();

        void row(long offset, LogRow row);

        /** Every row of the block is known to be as it was written. */
        void end() throws InterruptedException;
    }

    ShardRows(PlannedShard shard, VerifiedSegments segments, Selection selection, Supplier<ShardLog> log) {
        this.shard = shard;
        this.segments = segments;
        this.selection = selection;
        this.log = log;
    }

    void read(Blocks blocks, Consumer<Segment> fileRead) throws InterruptedException {
        readTail(blocks);
        List<Segment> files = shard.plan().segments();
        for (int i = files.size() - 1; i >= 0; i--) {
            blocks.begin();
            try (SegmentRows<ArchivedRow> rows = segments.rows(files.get(i))) {
                while (rows.hasNext()) {
                    ArchivedRow row = rows.next();
                    hand(blocks, row.offset(), row.row());
                }
            }
            blocks.end();
            fileRead.accept(files.get(i));
        }
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
            log.get().readChanges(shard.plan().shard(), chunk.from(), chunk.to(), (offset, row) -> {
                if (inForce.counts(row)) {
                    hand(blocks, offset, row);
                }
            });
            blocks.end();
        }
    }
}
