package dev.tidemark.bench;

import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.settings.Settings;
import java.util.List;

/** A source's log as a capture would leave it, written without one: rows in every shard, and a claim when all are there. */
final class FilledLog implements AutoCloseable {
    /** The epoch that {@link DataSet#records} are of, hence the offset of the claim for it. */
    private static final long EPOCH = 1;

    private static final long BEGAN_MICROS = 1_800_000_000_000_000L - 1;
    private static final Tidemark.Base BASE = new Tidemark.Base(1, 2, BEGAN_MICROS);

    private final int shards;
    private final List<byte[]> records;
    private final LogSender sender;
    private long end;

    /** @param records rows, to be written in turn */
    FilledLog(Settings settings, List<byte[]> records) {
        this.shards = settings.source().shards();
        this.records = records;
        this.sender = new LogSender(settings);
        for (int shard = 0; shard < shards; shard++) {
            for (long offset = 0; offset <= EPOCH; offset++) {
                sender.control(shard, new ControlRecord.Claim("bench"));
            }
            sender.row(shard, new LogRow.EpochClaimed(EPOCH, BEGAN_MICROS));
            sender.row(shard, new LogRow.ResyncBegun(EPOCH, BEGAN_MICROS, "first start"));
            sender.row(shard, new LogRow.ResyncEnded(EPOCH, BEGAN_MICROS, BASE.beginOffset()));
        }
        sender.flush();
        end = BASE.endOffset() + 1;
        claim();
    }

    /** So many rows more in each shard; returns when Kafka has all of them. */
    void add(int rowsAShard) {
        for (int row = 0; row < rowsAShard; row++) {
            byte[] record = records.get(row % records.size());
            for (int shard = 0; shard < shards; shard++) {
                sender.record(shard, record);
            }
        }
        sender.flush();
        end += rowsAShard;
    }

    /** Claims all that was added, and so sets a compactor to work. */
    void claim() {
        Tidemark tidemark = new Tidemark(1, EPOCH, BASE, BEGAN_MICROS + end, end, 0, List.of());
        for (int shard = 0; shard < shards; shard++) {
            sender.control(shard, tidemark);
        }
        sender.flush();
    }

    /** One past the last row of each shard. */
    long end() {
        return end;
    }

    @Override
    public void close() {
        sender.close();
    }
}
