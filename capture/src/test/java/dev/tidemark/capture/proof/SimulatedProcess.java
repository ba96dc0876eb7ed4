package dev.tidemark.capture.proof;

import dev.tidemark.capture.proof.ShardProof.Next;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.ClaimsInForce;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * A capture of one shard: its watchers, and its proof while it believes that the shard is its own. Chance decides which of
 * the things that travel arrives next; only the order within each channel is kept, as TCP and Kafka keep it.
 */
final class SimulatedProcess {
    private static final int SHARD = 0;
    private static final int WATCHERS = 2;

    /** What comes through a signal connection: a key, or a beat. */
    private record Signal(int key, Beat beat) {}

    private static final class Watcher {
        private final Coverage coverage;
        private final SimulatedStore store;
        private final String id;
        private final Deque<Signal> signals = new ArrayDeque<>();
        private long n;
        private boolean barrierOut;
        private boolean beatSent;

        private Watcher(String node, SimulatedStore store, Beats beats, String id) {
            this.store = store;
            this.coverage = new Coverage(node, 1, beats);
            this.id = id;
        }
    }

    private static final class ReadUnderWay {
        private final ShardPart part;
        private final OpenKeys.Read read;
        private boolean answered;
        private int version;
        private long time;

        private ReadUnderWay(ShardPart part, OpenKeys.Read read) {
            this.part = part;
            this.read = read;
        }
    }

    private final String name;
    private final Random random;
    private final Map<String, SimulatedStore> stores;
    private final SimulatedLog log;
    private final Map<String, List<Watcher>> watchers = new TreeMap<>();
    private final Map<String, Beats> beats = new TreeMap<>();
    private int watches;

    private final Deque<Runnable> acknowledgements = new ArrayDeque<>();
    private final Deque<ReadUnderWay> reads = new ArrayDeque<>();
    private final ClaimsInForce inForce = new ClaimsInForce();
    private Tidemark lastCounted;
    private int controlsHeard;

    private long claiming = -1;
    private long epoch = -1;
    private ShardProof proof;
    private final Map<String, Integer> scanning = new TreeMap<>();
    private long scanAttempt;

    SimulatedProcess(String name, Random random, Map<String, SimulatedStore> stores, SimulatedLog log) {
        this.name = name;
        this.random = random;
        this.stores = stores;
        this.log = log;
        stores.keySet().forEach(node -> {
            watchers.put(node, new ArrayList<>());
            beats.put(node, few());
        });
    }

    // ---- what happens to it

    /** A key of this node changed: whoever watches is told, in time. */
    void changed(String node, int key) {
        watchers.get(node).forEach(watcher -> watcher.signals.add(new Signal(key, null)));
    }

    /** The node is another one now. */
    void restarted(String node) {
        for (Watcher watcher : List.copyOf(watchers.get(node))) {
            breakWatch(node, watcher, "restarted");
        }
        beats.put(node, few());
    }

    /** So few are kept that some stand for others in every run. */
    private static Beats few() {
        return new Beats(4);
    }

    /** The group says that the shard is ours. */
    void claim() {
        claiming = log.append(new ControlRecord.Claim(name));
    }

    /** The group says that it is not. */
    void release() {
        claiming = -1;
        if (proof != null) {
            proof.release();
            proof = null;
        }
    }

    /** One thing happens, or nothing that could. */
    void step() {
        int dice = random.nextInt(10_000);
        if (dice < 2_500) {
            someWatchers().forEach(this::deliverSignal);
        } else if (dice < 3_300) {
            someWatchers().forEach(this::barrier);
        } else if (dice < 4_000) {
            hearTheLog();
        } else if (dice < 5_200) {
            startRead();
        } else if (dice < 6_400) {
            reads.stream().filter(read -> !read.answered).findFirst().ifPresent(this::answer);
        } else if (dice < 7_600) {
            deliverAnswer();
        } else if (dice < 8_700) {
            Optional.ofNullable(acknowledgements.poll()).ifPresent(Runnable::run);
        } else if (dice < 9_700) {
            claimed();
            next();
            scan();
        } else if (dice < 9_750) {
            failRead();
        } else if (dice < 9_760) {
            breakAWatch();
        } else if (dice < 9_762 && proof != null) {
            proof.doubt(new Doubt(DoubtCause.OPEN_KEYS_OVERFLOW, "too many open keys"));
        } else if (dice < 9_766 && proof != null) {
            proof.refresh();
        } else if (dice < 9_768) {
            someWatchers().forEach(watcher -> watcher.coverage.forgetMost());
        } else {
            watchAgain();
        }
    }

    // ---- its watchers

    private List<Watcher> someWatchers() {
        return watchers.values().stream()
                .flatMap(List::stream)
                .filter(each -> random.nextInt(3) > 0)
                .toList();
    }

    private void breakAWatch() {
        for (String node : watchers.keySet()) {
            List<Watcher> watching = watchers.get(node);
            if (!watching.isEmpty() && random.nextBoolean()) {
                breakWatch(node, watching.get(random.nextInt(watching.size())), "broken");
            }
        }
    }

    private Collection<Coverage> coverage(String node) {
        return watchers.get(node).stream().map(watcher -> watcher.coverage).toList();
    }

    private void watchAgain() {
        watchers.forEach((node, watching) -> {
            if (watching.size() < WATCHERS) {
                watching.add(new Watcher(node, stores.get(node), beats.get(node), name + ++watches));
            }
        });
    }

    private void breakWatch(String node, Watcher watcher, String why) {
        watcher.coverage.end();
        watchers.get(node).remove(watcher);
        if (proof != null) {
            proof.lost(node, new Doubt(DoubtCause.COVERAGE_LOST, why), this::coverage);
        }
    }

    /** Sent at one moment, executed by the store at a later one. */
    private void barrier(Watcher watcher) {
        if (!watcher.barrierOut) {
            watcher.barrierOut = true;
            watcher.beatSent = true;
            watcher.coverage.begun(++watcher.n);
        } else if (watcher.beatSent) {
            watcher.beatSent = false;
            if (random.nextInt(20) == 0) {
                watcher.barrierOut = false;
                watcher.n--;
                watcher.coverage.refused();
            } else {
                watcher.signals.add(new Signal(-1, watcher.store.beat(watcher.id, watcher.n)));
            }
        }
    }

    private void deliverSignal(Watcher watcher) {
        Signal signal = watcher.signals.poll();
        if (signal == null) {
            return;
        }
        if (signal.beat() != null) {
            watcher.barrierOut = false;
            watcher.coverage.completed(signal.beat());
            return;
        }
        KeyRef ref = ref(signal.key());
        ShardPart part =
                proof == null ? null : proof.part(watcher.coverage.node()).orElseThrow();
        if (part != null && part.isFedBy(watcher.coverage)) {
            part.open().touched(ref, "", part.now());
        } else {
            watcher.coverage.touched(SHARD, ref);
        }
    }

    private void hearTheLog() {
        if (controlsHeard == log.controlsEnd()) {
            return;
        }
        ControlRecord record = log.control(controlsHeard);
        if (inForce.counts(controlsHeard, record) && record instanceof Tidemark tidemark) {
            lastCounted = tidemark;
            for (Beat beat : tidemark.nodes()) {
                coverage(beat.node()).forEach(seen -> seen.counted(SHARD, beat));
            }
            if (proof != null && tidemark.epoch() == epoch) {
                proof.counted(tidemark);
            }
        }
        controlsHeard++;
    }

    // ---- its shard

    private void claimed() {
        if (claiming < 0) {
            return;
        }
        while (controlsHeard <= claiming) {
            hearTheLog();
        }
        Optional<Tidemark> last = Optional.ofNullable(lastCounted);
        long through = last.map(Tidemark::throughMicros).orElse(0L);
        long begun = log.append(new SimulatedLog.Row(claiming, true, through, 0, -1, 0));
        long latest = log.latestFrom(last.map(tidemark -> tidemark.offset() - 1).orElse(0L));
        if (proof != null) {
            proof.release();
        }
        epoch = claiming;
        claiming = -1;
        proof = new ShardProof(SHARD, new Doubt(DoubtCause.TAKEOVER, "start"), latest, through, begun + 1);
        proof.lieOn(Set.copyOf(stores.keySet()));
        last.ifPresent(tidemark -> proof.takeOver(tidemark, this::coverage));
    }

    private void startRead() {
        if (proof != null) {
            proof.parts()
                    .forEach(part ->
                            part.open().nextToRead().ifPresent(read -> reads.add(new ReadUnderWay(part, read))));
        }
    }

    private void answer(ReadUnderWay read) {
        SimulatedStore store = stores.get(read.part.node());
        read.answered = true;
        read.version = store.read(key(read.read.ref()));
        read.time = store.time();
    }

    private boolean isOurs(ShardPart part) {
        return proof != null && proof.part(part.node()).orElse(null) == part;
    }

    private void deliverAnswer() {
        if (reads.isEmpty() || !reads.peek().answered) {
            return;
        }
        ReadUnderWay read = reads.poll();
        if (!isOurs(read.part)) {
            return;
        }
        long touchedAfter = read.part.timeOf(read.read.since());
        long time = proof.stampChange(read.time, touchedAfter);
        KeyRef ref = read.read.ref();
        append(
                new SimulatedLog.Row(
                        epoch, false, time, touchedAfter, global(read.part.node(), key(ref)), read.version),
                offset -> {
                    if (isOurs(read.part)) {
                        read.part.open().acknowledged(ref);
                    }
                });
    }

    private void failRead() {
        ReadUnderWay read = reads.poll();
        if (read != null && isOurs(read.part)) {
            read.part.open().failed(read.read.ref());
        }
    }

    private void append(SimulatedLog.Row row, LongConsumer landed) {
        ShardProof writer = proof;
        long offset = log.append(row);
        acknowledgements.add(() -> {
            if (proof == writer) {
                writer.acknowledged(offset);
                landed.accept(offset);
            }
        });
    }

    private void next() {
        Optional<Next> due = proof == null ? Optional.empty() : proof.next(this::coverage);
        if (due.isEmpty()) {
            return;
        }
        ShardProof deciding = proof;
        if (due.get() instanceof Next.BeginResync begin) {
            append(
                    new SimulatedLog.Row(epoch, false, proof.stamp(begin.timeMicros()), 0, -1, 0),
                    offset -> deciding.begun(begin.attempt(), offset));
        } else if (due.get() instanceof Next.Scan scan) {
            stores.keySet().forEach(node -> scanning.put(node, 0));
            scanAttempt = scan.attempt();
        } else if (due.get() instanceof Next.EndResync end) {
            long time = proof.stamp(end.timeMicros());
            append(
                    new SimulatedLog.Row(epoch, false, time, 0, -1, 0),
                    offset -> deciding.ended(end.attempt(), offset, time));
        } else if (due.get() instanceof Next.Claim claim) {
            log.append(log.tidemark(epoch, claim));
        }
    }

    private void scan() {
        for (String node : List.copyOf(scanning.keySet())) {
            int key = scanning.get(node);
            ShardPart part = proof == null ? null : proof.part(node).orElseThrow();
            if (part == null || part.feeder().isEmpty()) {
                // Whatever this walk was for is void, or waits for a watcher.
                continue;
            }
            if (key == SimulatedStore.KEYS) {
                scanning.remove(node);
                proof.scanned(scanAttempt, part);
                continue;
            }
            if (stores.get(node).read(key) != SimulatedStore.ABSENT) {
                part.open().touched(ref(key), "", part.now());
            }
            scanning.put(node, key + 1);
        }
    }

    /** Keys of different nodes are different keys. */
    static int global(String node, int key) {
        return Integer.parseInt(node) * SimulatedStore.KEYS + key;
    }

    private static KeyRef ref(int key) {
        return new KeyRef(0, Bytes.utf8(Integer.toString(key)));
    }

    private static int key(KeyRef ref) {
        return Integer.parseInt(ref.key().asUtf8().orElseThrow());
    }
}
