package dev.tidemark.capture;

import dev.tidemark.capture.proof.Coverage;
import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.capture.proof.ShardPart;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.settings.SourceKeys;
import java.util.List;
import java.util.Map;

/**
 * Where touches go: to the open keys of the part that the watcher feeds, or else into what the watcher holds. Belongs to the
 * loop's thread, and is its busiest piece: each write to Redis comes through here once for each signal that tells of it.
 */
final class ShardTouches {
    private final CapturedKeys keys;
    private final CaptureMetrics metrics;
    private final Shards shards;
    private final Map<Integer, OwnedShard> owned;

    /** For one call: what the watcher feeds of each shard, or null; and how many touches there were. */
    private final ShardPart[] fed;

    private final int[] counts;
    private boolean tooLongSaid;

    ShardTouches(CapturedKeys keys, CaptureMetrics metrics, Shards shards, Map<Integer, OwnedShard> owned) {
        this.keys = keys;
        this.metrics = metrics;
        this.shards = shards;
        this.owned = owned;
        this.fed = new ShardPart[shards.count()];
        this.counts = new int[shards.count()];
    }

    /** @param db -1 where the signal does not say */
    void touched(Coverage seen, int db, List<Bytes> names, String event) {
        for (Bytes name : names) {
            if (!captures(name)) {
                continue;
            }
            int shard = shards.of(name);
            if (counts[shard]++ == 0) {
                fed[shard] = fedBy(seen, shard);
            }
            if (db >= 0) {
                touched(seen, shard, new KeyRef(db, name), event);
            } else {
                for (int each : keys.databases()) {
                    touched(seen, shard, new KeyRef(each, name), event);
                }
            }
        }
        for (int shard = 0; shard < counts.length; shard++) {
            if (counts[shard] > 0) {
                metrics.touched(shard, counts[shard]);
                counts[shard] = 0;
                fed[shard] = null;
            }
        }
    }

    /** Whether it is captured; if its name alone is why it is not, that is said. */
    boolean captures(Bytes name) {
        if (keys.captures(name)) {
            return true;
        }
        if (name.length() > SourceKeys.NAME_BYTES_MAX) {
            metrics.nameTooLong();
            if (!tooLongSaid) {
                tooLongSaid = true;
                CaptureLog.nameTooLong(shards.of(name), name.length());
            }
        }
        return false;
    }

    private ShardPart fedBy(Coverage seen, int number) {
        OwnedShard shard = owned.get(number);
        ShardPart part = shard == null ? null : shard.proof().part(seen.node()).orElse(null);
        return part != null && part.isFedBy(seen) ? part : null;
    }

    private void touched(Coverage seen, int shard, KeyRef ref, String event) {
        ShardPart part = fed[shard];
        if (part != null) {
            part.open().touched(ref, event, part.now());
        } else {
            seen.touched(shard, ref);
        }
    }
}
