package dev.tidemark.compactor;

import dev.tidemark.compactor.ShardStatus.State;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.time.Duration;
import java.util.function.IntFunction;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams' handle on a shard: a record of {@code tidemarks} wakes it, the wall clock paces it. Nothing that goes wrong
 * with a shard leaves this class, so that one shard's trouble never becomes another's rebalance.
 */
final class ShardProcessor implements Processor<byte[], byte[], Void, Void> {
    private static final Logger LOG = LoggerFactory.getLogger(ShardProcessor.class);
    static final Duration PACE = Duration.ofMillis(500);
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long LAST_PAUSE_MILLIS = 15_000;

    /** A stopped shard says so again each time, so this is also how often the log repeats it. */
    private static final long LAST_STOPPED_PAUSE_MILLIS = 60_000;

    private final IntFunction<ShardCompactor> opens;
    private final ShardBoard board;
    private int shard;
    private ProcessorContext<Void, Void> context;
    private ShardCompactor compactor;
    private State state = State.FOLLOWING;
    private ShardStatus shown;
    private int failures;
    private long nextTryNanos;

    ShardProcessor(IntFunction<ShardCompactor> opens, ShardBoard board) {
        this.opens = opens;
        this.board = board;
    }

    @Override
    public void init(ProcessorContext<Void, Void> streams) {
        context = streams;
        shard = streams.taskId().partition();
        compactor = opens.apply(shard);
        nextTryNanos = System.nanoTime();
        show("");
        streams.schedule(PACE, PunctuationType.WALL_CLOCK_TIME, now -> step());
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        context.recordMetadata().map(RecordMetadata::offset).ifPresent(compactor::wake);
    }

    private void step() {
        board.turned(shard);
        if (System.nanoTime() - nextTryNanos < 0) {
            return;
        }
        try {
            if (state == State.STOPPED) {
                // What was damaged may have been mended; what we believed of it is worth nothing now.
                compactor.reopen();
            }
            compactor.step();
            recovered();
        } catch (TidemarkError e) {
            if (e.code() == ExitCode.ARCHIVE_DAMAGED) {
                stopped(e);
            } else {
                tryLater(e, e.getMessage());
            }
        } catch (RuntimeException e) {
            // Its message was written by a library, for who knows whom: only the log shows it, with its trace.
            tryLater(e, e.getClass().getName());
        }
    }

    private void recovered() {
        if (state != State.FOLLOWING) {
            LOG.info("event=shard-recovered shard={} failures={}", shard, failures);
        }
        state = State.FOLLOWING;
        failures = 0;
        show("");
    }

    private void stopped(TidemarkError e) {
        state = State.STOPPED;
        pause(LAST_STOPPED_PAUSE_MILLIS);
        LOG.error(
                "event=shard-stopped shard={} frontier={} failures={} reason=\"{}\"",
                shard,
                compactor.frontier(),
                failures,
                e.getMessage());
        show(e.getMessage());
    }

    private void pause(long longestMillis) {
        long pause = Math.min(longestMillis, FIRST_PAUSE_MILLIS << Math.min(failures, 10));
        failures++;
        nextTryNanos = System.nanoTime() + Duration.ofMillis(pause).toNanos();
    }

    private void tryLater(RuntimeException e, String reason) {
        // A stopped shard that cannot even be looked at stays stopped, and the reason says what is in the way.
        state = state == State.STOPPED ? State.STOPPED : State.RETRYING;
        pause(LAST_PAUSE_MILLIS);
        LOG.warn(
                "event=shard-retrying shard={} frontier={} failures={} reason=\"{}\"",
                shard,
                compactor.frontier(),
                failures,
                e.getMessage(),
                e instanceof TidemarkError ? null : e);
        show(reason);
    }

    private void show(String reason) {
        shown = new ShardStatus(shard, state, compactor.frontier(), compactor.archivedMicros(), reason);
        board.show(shown);
    }

    @Override
    public void close() {
        if (shown != null) {
            board.withdraw(shown);
        }
        if (compactor != null) {
            compactor.close();
        }
    }
}
