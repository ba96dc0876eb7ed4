package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value.Absent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The state of each key of a shard at one time, worked out from the rows that its plan reads. They come in blocks, the
 * newest block first, so that the first block that tells of a key settles it; within a block in the order of the log.
 *
 * <p>It holds one block's changes and the names of the keys that are settled.
 *
 * <p>An expiry is honoured: a key that was last known to expire at or before the time is absent, though somebody may have
 * extended it in the last moments of the exactness. That it was known so is a state that it truly had there.
 */
public final class StateAt {
    private final ShardPlan plan;
    private final long targetMicros;
    private final long exactnessMicros;
    private final SeenKeys settled;
    private long uncertain;

    public StateAt(ShardPlan plan, long targetMicros, long exactnessMicros, SeenKeys settled) {
        this.plan = plan;
        this.targetMicros = targetMicros;
        this.exactnessMicros = exactnessMicros;
        this.settled = settled;
    }

    /** Takes rows in the order of the log; {@link #settle} ends it. */
    public final class Block {
        private final Map<KeyName, Change> last = new LinkedHashMap<>();

        public void add(long offset, LogRow row) {
            if (!(row instanceof Change change) || !plan.reads(offset) || ReservedKeys.isReserved(change.key())) {
                return;
            }
            KeyName name = new KeyName(change.db(), change.key());
            if (change.timeMicros() <= targetMicros && !settled.contains(name)) {
                last.put(name, change);
            }
        }

        /** The keys that this block settles and that were there, each as it is to be restored. */
        public List<Change> settle() {
            List<Change> present = new ArrayList<>(last.size());
            for (Map.Entry<KeyName, Change> each : last.entrySet()) {
                settled.add(each.getKey());
                if (isPresent(each.getValue())) {
                    present.add(each.getValue());
                }
            }
            return present;
        }
    }

    public Block block() {
        return new Block();
    }

    /** How many keys expired within the exactness, and may have been extended just before. */
    public long uncertain() {
        return uncertain;
    }

    /** Whether a key that was last known like this is to be restored; its name is not looked at. */
    public boolean isPresent(Change change) {
        if (change.value() instanceof Absent) {
            return false;
        }
        if (change.expireAtMillis().isEmpty()) {
            return true;
        }
        long expiryMicros = RedisTime.microsOfMillis(change.expireAtMillis().getAsLong());
        if (expiryMicros <= targetMicros && expiryMicros > targetMicros - exactnessMicros) {
            uncertain++;
        }
        return expiryMicros > targetMicros;
    }
}
