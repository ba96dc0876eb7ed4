package dev.tidemark.capture;

import dev.tidemark.capture.proof.DoubtCause;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/**
 * What capture counts; docs/metrics.md explains each. All state of the proof belongs to one thread, and a scrape comes on
 * another: so the loop tells here what it sees, and no scrape asks the loop. What is called for each change costs one
 * addition and looks nothing up by name.
 */
final class CaptureMetrics {
    private static final Duration[] BARRIER_BOUNDS = {
        Duration.ofMillis(5),
        Duration.ofMillis(25),
        Duration.ofMillis(100),
        Duration.ofSeconds(1),
        Duration.ofSeconds(10)
    };

    private final MeterRegistry registry;
    private final LongSupplier nowMicros;
    private final Counter[] changes;
    private final Counter[] bytes;
    private final Counter[] touches;
    private final ShardGauges[] bound;
    private final Map<DoubtCause, Counter> doubts = new EnumMap<>(DoubtCause.class);
    private final Map<LateCause, Counter> late = new EnumMap<>(LateCause.class);
    private final Counter entriesSetAside;
    private final Counter namesTooLong;
    private final Timer acknowledgements;
    private final AtomicInteger owned = new AtomicInteger();
    private final AtomicInteger standingBy = new AtomicInteger();
    private final AtomicLong readsInFlight = new AtomicLong();
    private final AtomicLong bytesInFlight = new AtomicLong();

    /** @param nowMicros our own clock */
    CaptureMetrics(MeterRegistry registry, int shards, LongSupplier nowMicros) {
        this.registry = registry;
        this.nowMicros = nowMicros;
        changes = perShard(shards, "tidemark.capture.changes");
        bytes = perShard(shards, "tidemark.capture.change.bytes");
        touches = perShard(shards, "tidemark.capture.touches");
        bound = new ShardGauges[shards];
        for (DoubtCause cause : DoubtCause.values()) {
            doubts.put(cause, registry.counter("tidemark.capture.doubts", "cause", label(cause)));
        }
        for (LateCause cause : LateCause.values()) {
            late.put(cause, registry.counter("tidemark.capture.late", "cause", label(cause)));
        }
        entriesSetAside = registry.counter("tidemark.capture.journal.set.aside");
        namesTooLong = registry.counter("tidemark.capture.names.too.long");
        acknowledgements = registry.timer("tidemark.capture.kafka.acknowledgement");
        gauge("tidemark.capture.shards.owned", owned);
        gauge("tidemark.capture.shards.standing.by", standingBy);
        gauge("tidemark.capture.reads.in.flight", readsInFlight);
        gauge("tidemark.capture.bytes.in.flight", bytesInFlight);
    }

    private Counter[] perShard(int shards, String name) {
        Counter[] counters = new Counter[shards];
        for (int shard = 0; shard < shards; shard++) {
            counters[shard] = registry.counter(name, "shard", Integer.toString(shard));
        }
        return counters;
    }

    private static String label(Enum<?> cause) {
        return cause.name().toLowerCase(Locale.ROOT);
    }

    private void gauge(String name, Number value) {
        Gauge.builder(name, value, Number::doubleValue).register(registry);
    }

    // ---- for each change and signal

    /** A change was acknowledged by Kafka. */
    void changeWritten(int shard, long recordBytes) {
        changes[shard].increment();
        bytes[shard].increment((double) recordBytes);
    }

    /** Signals arrived that say to look at keys of this shard. */
    void touched(int shard, int keys) {
        touches[shard].increment(keys);
    }

    /** Kafka acknowledged a record so long after it was sent; the clocks of two processors may differ by a little. */
    void acknowledged(long nanos) {
        acknowledgements.record(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    }

    // ---- now and then

    void doubt(DoubtCause cause) {
        doubts.get(cause).increment();
    }

    void late(LateCause cause) {
        late.get(cause).increment();
    }

    /** An entry of the journal names no key that can be looked at. */
    void entrySetAside() {
        entriesSetAside.increment();
    }

    /** A signal or a walk told of a key that is not captured, because of the length of its name. */
    void nameTooLong() {
        namesTooLong.increment();
    }

    /** What is under way between Redis and Kafka. */
    void inFlight(long reads, long valueBytes) {
        readsInFlight.set(reads);
        bytesInFlight.set(valueBytes);
    }

    /** Shards that another capture owns and this one would take over without a gap. */
    void standingBy(int shards) {
        standingBy.set(shards);
    }

    /**
     * A shard is ours.
     *
     * @param lastThroughMicros of the last claim that counts, by whomever; 0 if there is none
     */
    void bindShard(int shard, long lastThroughMicros) {
        releaseShard(shard);
        bound[shard] = new ShardGauges(shard, lastThroughMicros);
        owned.incrementAndGet();
    }

    /** It is not ours any more; its gauges go, since the next owner has them. */
    void releaseShard(int shard) {
        if (bound[shard] != null) {
            bound[shard].remove();
            bound[shard] = null;
            owned.decrementAndGet();
        }
    }

    /** A tidemark of ours counts. */
    void claimed(int shard, long throughMicros, long exactnessMicros) {
        if (bound[shard] != null) {
            bound[shard].throughMicros = throughMicros;
            bound[shard].exactnessMicros = exactnessMicros;
        }
    }

    /**
     * How a shard of ours stands; a few times a second is enough.
     *
     * @param live whether it claims: no doubt is open and no resync under way
     * @param oldestMicros since when the oldest open key is open; ignored if none is
     * @param heldTouches kept for the case that another owner dies
     */
    void shardState(int shard, boolean live, long openKeys, long oldestMicros, long heldTouches, long unreadableKeys) {
        ShardGauges gauges = bound[shard];
        if (gauges != null) {
            gauges.live = live;
            gauges.openKeys = openKeys;
            gauges.oldestMicros = oldestMicros;
            gauges.heldTouches = heldTouches;
            gauges.unreadableKeys = unreadableKeys;
        }
    }

    /** A node of the source; whoever binds it releases it when it is gone. */
    NodeGauges bindNode(String node) {
        return new NodeGauges(node);
    }

    private double secondsSince(long micros) {
        return micros == 0 ? Double.NaN : (nowMicros.getAsLong() - micros) / 1e6;
    }

    /** Written by the loop, read by scrapes; each value alone is enough, so that no lock is needed. */
    private final class ShardGauges {
        private final List<Meter> meters = new ArrayList<>();
        private volatile long throughMicros;
        private volatile long exactnessMicros;
        private volatile boolean live;
        private volatile long openKeys;
        private volatile long oldestMicros;
        private volatile long heldTouches;
        private volatile long unreadableKeys;

        ShardGauges(int shard, long lastThroughMicros) {
            throughMicros = lastThroughMicros;
            String label = Integer.toString(shard);
            add("tidemark.capture.tidemark.age", "seconds", label, it -> secondsSince(it.throughMicros));
            add("tidemark.capture.tidemark.exactness", "seconds", label, it -> it.exactnessMicros / 1e6);
            add("tidemark.capture.shard.live", null, label, it -> it.live ? 1 : 0);
            add("tidemark.capture.open.keys", null, label, it -> it.openKeys);
            add(
                    "tidemark.capture.open.age",
                    "seconds",
                    label,
                    it -> it.openKeys == 0 ? 0 : secondsSince(it.oldestMicros));
            add("tidemark.capture.held.touches", null, label, it -> it.heldTouches);
            add("tidemark.capture.unreadable.keys", null, label, it -> it.unreadableKeys);
        }

        private void add(String name, String unit, String shard, ToDoubleFunction<ShardGauges> value) {
            meters.add(Gauge.builder(name, this, value)
                    .tag("shard", shard)
                    .baseUnit(unit)
                    .register(registry));
        }

        void remove() {
            meters.forEach(registry::remove);
        }
    }

    /** What is measured of one node. */
    final class NodeGauges implements AutoCloseable {
        private final List<Meter> meters = new ArrayList<>();
        private final Timer barriers;
        private volatile int watchers;
        private volatile long scannedKeys;
        private volatile long keysInAll;
        private volatile long endMicros;
        private final Map<String, Long> journal = new ConcurrentHashMap<>();

        private NodeGauges(String node) {
            barriers = Timer.builder("tidemark.capture.barrier")
                    .tag("node", node)
                    .serviceLevelObjectives(BARRIER_BOUNDS)
                    .register(registry);
            meters.add(barriers);
            add("tidemark.capture.watchers", null, node, it -> it.watchers);
            add("tidemark.capture.resync.scanned.keys", null, node, it -> it.scannedKeys);
            add("tidemark.capture.resync.keys", null, node, it -> it.keysInAll);
            add("tidemark.capture.resync.remaining", "seconds", node, NodeGauges::remaining);
            add("tidemark.capture.journal.length", null, node, it -> it.journal.values().stream()
                    .mapToLong(Long::longValue)
                    .sum());
        }

        private void add(String name, String unit, String node, ToDoubleFunction<NodeGauges> value) {
            meters.add(Gauge.builder(name, this, value)
                    .tag("node", node)
                    .baseUnit(unit)
                    .register(registry));
        }

        private double remaining() {
            return endMicros == 0 ? 0 : Math.max(0, -secondsSince(endMicros));
        }

        /** A barrier completed, so long after it was begun. */
        void barrierTook(long nanos) {
            barriers.record(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        }

        /** How many watchers of the node are connected. */
        void watching(int connected) {
            watchers = connected;
        }

        /**
         * How far a resync is.
         *
         * @param ofKeys as INFO keyspace counts them: roughly
         * @param expectedEndMicros by our own clock; 0 if nobody can say
         */
        void resyncing(long scanned, long ofKeys, long expectedEndMicros) {
            scannedKeys = scanned;
            keysInAll = ofKeys;
            endMicros = expectedEndMicros;
        }

        /** So many entries are in a stream of the journal, now that it was acknowledged and trimmed. */
        void journaled(String stream, long entries) {
            journal.put(stream, entries);
        }

        /** No resync is under way. */
        void resynced() {
            resyncing(0, 0, 0);
        }

        @Override
        public void close() {
            meters.forEach(registry::remove);
        }
    }
}
