package dev.tidemark.restorer.look;

import dev.tidemark.archive.KeyRow;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.plan.ShardPlan;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which keys of a shard may differ between two times, from rows without values: first those that the later time reads, then
 * those that the earlier one reads, each in the order of the log. It holds the keys that were written in between or went, and
 * no others; where a resync lies in between, that is every key.
 */
public final class KeysBetween {
    private final ShardPlan fromPlan;
    private final long fromMicros;
    private final ShardPlan toPlan;
    private final long toMicros;
    private final Bytes prefix;
    private final long keysMax;
    private final Map<KeyName, Ends> keys = new LinkedHashMap<>();

    /** More keys differ than may be held. */
    public static final class TooMany extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooMany(long keysMax) {
            super("more than " + keysMax + " keys");
        }
    }

    /** The last rows of a key up to either time, if there are any. */
    public record Ends(Optional<KeyRow> before, Optional<KeyRow> after) {}

    public KeysBetween(
            ShardPlan fromPlan, long fromMicros, ShardPlan toPlan, long toMicros, Bytes prefix, long keysMax) {
        this.fromPlan = fromPlan;
        this.fromMicros = fromMicros;
        this.toPlan = toPlan;
        this.toMicros = toMicros;
        this.prefix = prefix;
        this.keysMax = keysMax;
    }

    /** A row that the restore to the later time would read. */
    public void addLater(KeyRow row) {
        if (isRead(row, toPlan, toMicros) && isAfterFrom(row)) {
            put(row, new Ends(Optional.empty(), Optional.of(row)));
        }
    }

    /** A row that the restore to the earlier time would read; all later ones have been added. */
    public void addEarlier(KeyRow row) {
        if (!isRead(row, fromPlan, fromMicros)) {
            return;
        }
        Ends known = keys.get(name(row));
        boolean isWrittenLater = known != null && known.after.isPresent();
        if (isWrittenLater) {
            keys.put(name(row), new Ends(Optional.of(row), known.after));
        } else if (goesUnwritten(row)) {
            put(row, new Ends(Optional.of(row), Optional.empty()));
        } else {
            keys.remove(name(row));
        }
    }

    /** By key. */
    public Map<KeyName, Ends> keys() {
        return keys;
    }

    private boolean isRead(KeyRow row, ShardPlan plan, long micros) {
        return plan.reads(row.offset())
                && row.timeMicros() <= micros
                && row.key().startsWith(prefix)
                && !ReservedKeys.isReserved(row.key());
    }

    private boolean isAfterFrom(KeyRow row) {
        return row.timeMicros() > fromMicros || !fromPlan.reads(row.offset());
    }

    /** It was there, and is not later, though no row says so: it expired, or a resync did not find it. */
    private boolean goesUnwritten(KeyRow row) {
        return isPresent(row, fromMicros) && !(toPlan.reads(row.offset()) && isPresent(row, toMicros));
    }

    private static boolean isPresent(KeyRow row, long micros) {
        return KeyAt.isPresent(row.isPresent(), row.expireAtMillis(), micros);
    }

    private void put(KeyRow row, Ends ends) {
        if (keys.size() >= keysMax && !keys.containsKey(name(row))) {
            throw new TooMany(keysMax);
        }
        keys.put(name(row), ends);
    }

    private static KeyName name(KeyRow row) {
        return new KeyName(row.db(), row.key());
    }
}
