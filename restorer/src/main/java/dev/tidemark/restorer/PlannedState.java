package dev.tidemark.restorer;

import dev.tidemark.restorer.RestorePlan.PlannedShard;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.plan.SeenKeys;
import dev.tidemark.restorer.plan.StateAt;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Every key that was there at a plan's time, once: first those that the log tells of, newest first, then those of the
 * baseline, if there is one, that it does not tell of.
 */
final class PlannedState {
    private final RestorePlan plan;
    private final Shards shards;
    private final int readers;
    private final Function<PlannedShard, ShardRows> rows;
    private final SeenKeys settled;
    private final Optional<BaseSnapshot> base;
    private long uncertain;

    /**
     * For one reading.
     *
     * @param shards of the source; of those that are not in the plan nothing is handed on
     * @param readers how many read beside each other
     * @param settled empty
     * @param base the plan's
     */
    PlannedState(
            RestorePlan plan,
            Shards shards,
            int readers,
            Function<PlannedShard, ShardRows> rows,
            SeenKeys settled,
            Optional<BaseSnapshot> base) {
        this.plan = plan;
        this.shards = shards;
        this.readers = readers;
        this.rows = rows;
        this.settled = settled;
        this.base = base;
    }

    /** Shard by shard and then block by block, several beside each other; the taker works on this thread. */
    void read(Readers.Taker taker) throws InterruptedException {
        long toMicros = RedisTime.micros(plan.to());
        Map<Integer, StateAt> states = new HashMap<>();
        List<Readers.Reader> logs = new ArrayList<>();
        for (PlannedShard shard : plan.shards()) {
            StateAt state = new StateAt(shard.plan(), toMicros, shard.exactnessMicros(), settled);
            states.put(shard.plan().shard(), state);
            logs.add(hand ->
                    rows.apply(shard).read(new SettledBlocks(state, hand), file -> hand.read(file.sizeBytes(), true)));
        }
        Readers.read(readers, logs, taker);
        if (base.isPresent()) {
            Readers.read(
                    readers,
                    base.get()
                            .readers(entry -> states.containsKey(shards.of(entry.key()))
                                    && !settled.contains(new KeyName(entry.db(), entry.key()))),
                    new Present(
                            base.get().isProven() ? taker : new TakerOfUnproven(taker),
                            change -> states.get(shards.of(change.key())).isPresent(change)));
        }
        uncertain = states.values().stream().mapToLong(StateAt::uncertain).sum();
    }

    /** How many keys expired within the exactness, and may have been extended just before. */
    long uncertain() {
        return uncertain;
    }

    private static final class SettledBlocks implements ShardRows.Blocks {
        private final StateAt state;
        private final Readers.Hand hand;
        private StateAt.Block block;

        SettledBlocks(StateAt state, Readers.Hand hand) {
            this.state = state;
            this.hand = hand;
        }

        @Override
        public void begin() {
            block = state.block();
        }

        @Override
        public void row(long offset, LogRow row) {
            block.add(offset, row);
        }

        @Override
        public void end() throws InterruptedException {
            for (Change change : block.settle()) {
                hand.give(change);
            }
            block = null;
        }
    }

    /** What a value that was handed on before it was proven does to whoever takes it, only a byte that was flipped can have done. */
    private record TakerOfUnproven(Readers.Taker taker) implements Readers.Taker {
        @Override
        public void take(Change change) throws InterruptedException {
            try {
                taker.take(change);
            } catch (TidemarkError e) {
                throw e;
            } catch (RuntimeException e) {
                throw new DamagedBaseline("a baseline holds a value that cannot be", e);
            }
        }

        @Override
        public void read(long bytes, boolean isFileEnd) {
            taker.read(bytes, isFileEnd);
        }
    }

    /** Keys of the baseline that were still there. */
    private record Present(Readers.Taker taker, Predicate<Change> isPresent) implements Readers.Taker {
        @Override
        public void take(Change change) throws InterruptedException {
            if (isPresent.test(change)) {
                taker.take(change);
            }
        }

        @Override
        public void read(long bytes, boolean isFileEnd) {
            taker.read(bytes, isFileEnd);
        }
    }
}
