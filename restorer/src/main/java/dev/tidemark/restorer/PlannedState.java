package dev.tidemark.restorer;

import dev.tidemark.restorer.RestorePlan.PlannedShard;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.plan.SeenKeys;
import dev.tidemark.restorer.plan.StateAt;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * Every key that was there at a plan's time, once: first those that the log tells of, newest first, then those of the
 * baseline, if there is one, that it does not tell of.
 */
final class PlannedState {
    private final RestorePlan plan;
    private final Shards shards;
    private final Function<PlannedShard, ShardRows> rows;
    private final SeenKeys settled;
    private final Optional<BaseSnapshot> base;
    private long uncertain;

    /** Takes a key as it is to be restored. */
    interface Keys {
        void take(Change change) throws InterruptedException;
    }

    /**
     * For one reading.
     *
     * @param shards of the source; of those that are not in the plan nothing is handed on
     * @param settled empty
     * @param base the plan's, validated
     */
    PlannedState(
            RestorePlan plan,
            Shards shards,
            Function<PlannedShard, ShardRows> rows,
            SeenKeys settled,
            Optional<BaseSnapshot> base) {
        this.plan = plan;
        this.shards = shards;
        this.rows = rows;
        this.settled = settled;
        this.base = base;
    }

    /** @param fileRead takes the size of each file that is done with */
    void read(Keys keys, LongConsumer fileRead) throws InterruptedException {
        long toMicros = RedisTime.micros(plan.to());
        Map<Integer, StateAt> states = new HashMap<>();
        for (PlannedShard shard : plan.shards()) {
            StateAt state = new StateAt(shard.plan(), toMicros, shard.exactnessMicros(), settled);
            rows.apply(shard).read(new SettledBlocks(state, keys), file -> fileRead.accept(file.sizeBytes()));
            states.put(shard.plan().shard(), state);
        }
        if (base.isPresent()) {
            Keys ifPresent = change -> {
                if (states.get(shards.of(change.key())).isPresent(change)) {
                    keys.take(change);
                }
            };
            base.get()
                    .read(
                            entry -> states.containsKey(shards.of(entry.key()))
                                    && !settled.contains(new KeyName(entry.db(), entry.key())),
                            ifPresent,
                            fileRead);
        }
        uncertain = states.values().stream().mapToLong(StateAt::uncertain).sum();
    }

    /** How many keys expired within the exactness, and may have been extended just before. */
    long uncertain() {
        return uncertain;
    }

    private static final class SettledBlocks implements ShardRows.Blocks {
        private final StateAt state;
        private final Keys keys;
        private StateAt.Block block;

        SettledBlocks(StateAt state, Keys keys) {
            this.state = state;
            this.keys = keys;
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
                keys.take(change);
            }
            block = null;
        }
    }
}
