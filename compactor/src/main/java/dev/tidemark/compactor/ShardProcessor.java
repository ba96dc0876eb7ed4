package dev.tidemark.compactor;

import dev.tidemark.compactor.ShardStatus.State;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.time.Duration;
import java.util.Map;
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
    private static final Duration PACE = Duration.ofMillis(500);
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long LAST_PAUSE_MILLIS = 15_000;

    private final IntFunction<ShardCompactor> opens;
    private final Map<Integer, ShardStatus> board;
    private int shard;
    private ProcessorContext<Void, Void> context;
    private ShardCompactor compactor;
    private State state = State.FOLLOWING;
    private ShardStatus shown;
    private int failures;
    private long nextTryNanos;

    ShardProcessor(IntFunction<ShardCompactor> opens, Map<Integer, ShardStatus> board) {
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
        if (state == State.STOPPED || System.nanoTime() - nextTryNanos < 0) {
            return;
        }
        try {
            compactor.step();
            recovered();
        } catch (TidemarkError e) {
            if (e.code() == ExitCode.ARCHIVE_DAMAGED) {
                stopped(e);
            } else {
                tryLater(e);
            }
        } catch (RuntimeException e) {
            tryLater(e);
        }
    }

    private void recovered() {
        if (state == State.RETRYING) {
            LOG.info("event=shard_recovered shard={} failures={}", shard, failures);
        }
        state = State.FOLLOWING;
        failures = 0;
        show("");
    }

    private void stopped(TidemarkError e) {
        state = State.STOPPED;
        LOG.error(
                "event=shard_stopped shard={} frontier={} reason=\"{}\"", shard, compactor.frontier(), e.getMessage());
        show(e.getMessage());
    }

    private void tryLater(RuntimeException e) {
        state = State.RETRYING;
        long pause = Math.min(LAST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures, 10));
        failures++;
        nextTryNanos = System.nanoTime() + Duration.ofMillis(pause).toNanos();
        LOG.warn(
                "event=shard_retrying shard={} frontier={} failures={} reason=\"{}\"",
                shard,
                compactor.frontier(),
                failures,
                e.getMessage(),
                e instanceof TidemarkError ? null : e);
        show(String.valueOf(e.getMessage()));
    }

    private void show(String reason) {
        shown = new ShardStatus(shard, state, compactor.frontier(), reason);
        board.put(shard, shown);
    }

    @Override
    public void close() {
        // Another thread of this process may have taken the shard over already: what it shows stays.
        board.computeIfPresent(shard, (unused, current) -> isOurs(current) ? null : current);
        if (compactor != null) {
            compactor.close();
        }
    }

    @SuppressWarnings("ReferenceEquality")
    private boolean isOurs(ShardStatus current) {
        return current == shown;
    }
}
