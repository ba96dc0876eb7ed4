package dev.tidemark.compactor;

import dev.tidemark.compactor.ShardStatus.State;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** How the shards of this process are doing: written by the threads that work on them, read by any. */
final class ShardBoard {
    private final MeterRegistry registry;
    private final Clock clock;
    private final LongSupplier nanoClock;
    private final Map<Integer, ShardStatus> shown = new TreeMap<>();
    private final Map<Integer, Long> turnedNanos = new HashMap<>();
    private final Map<Integer, Meter> ages = new HashMap<>();

    ShardBoard(MeterRegistry registry, Clock clock, LongSupplier nanoClock) {
        this.registry = registry;
        this.clock = clock;
        this.nanoClock = nanoClock;
        for (State state : State.values()) {
            Gauge.builder("tidemark.compactor.shards", this, board -> board.count(state))
                    .tag("state", state.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
    }

    /** The shard's thread is about to work on it. */
    synchronized void turned(int shard) {
        turnedNanos.put(shard, nanoClock.getAsLong());
    }

    synchronized void show(ShardStatus status) {
        shown.put(status.shard(), status);
        ages.computeIfAbsent(status.shard(), this::age);
    }

    private Meter age(int shard) {
        return Gauge.builder("tidemark.compactor.archived.age", this, board -> board.archivedAge(shard))
                .tag("shard", Integer.toString(shard))
                .baseUnit("seconds")
                .register(registry);
    }

    /** Another thread of this process may have taken the shard over already: what it shows stays. */
    @SuppressWarnings("ReferenceEquality")
    synchronized void withdraw(ShardStatus status) {
        if (shown.get(status.shard()) == status) {
            shown.remove(status.shard());
            turnedNanos.remove(status.shard());
            registry.remove(ages.remove(status.shard()));
        }
    }

    synchronized List<ShardStatus> all() {
        return List.copyOf(shown.values());
    }

    /** The shards whose thread has not come round for longer than this. */
    synchronized List<Integer> stuckFor(Duration limit) {
        List<Integer> stuck = new ArrayList<>();
        turnedNanos.forEach((shard, nanos) -> {
            if (nanoClock.getAsLong() - nanos > limit.toNanos()) {
                stuck.add(shard);
            }
        });
        return stuck;
    }

    private synchronized double count(State state) {
        return shown.values().stream().filter(status -> status.state() == state).count();
    }

    private synchronized double archivedAge(int shard) {
        ShardStatus status = shown.get(shard);
        return status == null || status.archivedMicros() == 0
                ? Double.NaN
                : (clock.millis() * 1_000 - status.archivedMicros()) / 1e6;
    }
}
