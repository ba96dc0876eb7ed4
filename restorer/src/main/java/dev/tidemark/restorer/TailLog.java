package dev.tidemark.restorer;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.LogIdentity;
import dev.tidemark.schemas.kafka.LogPosition;
import dev.tidemark.schemas.kafka.ShardLog;
import java.util.Map;

/**
 * The log that a plan was made with, read once more. Topics that were created again since would answer at the same offsets, and
 * so would a log that lost its end and was written on; so whose rows they were is asked after each reading, before anything is
 * built on them. For one thread at a time.
 */
final class TailLog implements AutoCloseable {
    private final ShardLog log;
    private final LogIdentity identity;
    private final Map<Integer, LogPosition> follows;

    TailLog(ShardLog log, LogIdentity identity, Map<Integer, LogPosition> follows) {
        this.log = log;
        this.identity = identity;
        this.follows = follows;
    }

    /**
     * Hands over every record in [from, to), or fails.
     *
     * @param rows must make nothing of them before this has returned
     */
    void readChanges(int shard, long from, long to, ShardLog.RowSink rows) {
        log.readChanges(shard, from, to, rows);
        try {
            identity.requireSame();
            if (follows.containsKey(shard)) {
                log.requireContinues(shard, follows.get(shard));
            }
        } catch (TidemarkError changed) {
            throw changed.code() != ExitCode.ARCHIVE_DAMAGED
                    ? changed
                    : new TidemarkError(
                            changed.code(),
                            changed.getMessage() + ". Plan again: what S3 holds of that time is not affected",
                            changed);
        }
    }

    @Override
    public void close() {
        try (identity) {
            log.close();
        }
    }
}
