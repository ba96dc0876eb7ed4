package dev.tidemark.capture.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.ShardProof.Next;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * A small world around one shard: a store with a clock, signals and answers that travel at their own speed, a log that
 * acknowledges when it likes. Chance decides what happens next; only the order within each channel is kept, as TCP and
 * Kafka keep it. In the end every claim is held against what the store truly held.
 */
final class SimulatedCapture {
    private static final int KEYS = 6;
    private static final int ABSENT = 0;

    private interface LoggedRow {
        long time();
    }

    private record BeginRow(long time) implements LoggedRow {}

    private record EndRow(long time) implements LoggedRow {}

    private record ChangeRow(long time, long touchedAfter, int key, int version) implements LoggedRow {}

    /** A read on its way: the store answers at a moment of its own. */
    private static final class ReadUnderWay {
        private final OpenKeys.Read read;
        private boolean answered;
        private int version;
        private long time;

        private ReadUnderWay(OpenKeys.Read read) {
            this.read = read;
        }
    }

    private final Random random;
    private long clock = 1_000;

    // The store, and all it ever held: key -> time -> version.
    private final int[] store = new int[KEYS];
    private final List<TreeMap<Long, Integer>> history = new ArrayList<>();
    private int versions;

    // What travels. A signal is a key, or -1 for the canary.
    private final Deque<Integer> signals = new ArrayDeque<>();
    private final Deque<ReadUnderWay> reads = new ArrayDeque<>();
    private final Deque<Runnable> unacknowledged = new ArrayDeque<>();
    private final List<LoggedRow> log = new ArrayList<>();

    // The capture.
    private final Barriers barriers = new Barriers();
    private final OpenKeys open = new OpenKeys();
    private final ShardProof proof = new ShardProof("start", 0, 0, 0);
    private final List<Next.Claim> claims = new ArrayList<>();
    private boolean watching;
    private boolean barrierOut;
    private long barrierTime;
    private boolean covered;
    private int scanNext = -1;
    private long scanAttempt;

    SimulatedCapture(long seed) {
        random = new Random(seed);
        for (int key = 0; key < KEYS; key++) {
            history.add(new TreeMap<>(Map.of(0L, ABSENT)));
        }
        watching = true;
    }

    SimulatedCapture run(int steps) {
        for (int step = 0; step < steps; step++) {
            step(random.nextInt(1_000));
        }
        return this;
    }

    private void step(int dice) {
        clock += random.nextInt(3);
        if (dice < 80) {
            write();
        } else if (dice < 300) {
            deliverSignal();
        } else if (dice < 360) {
            beat();
        } else if (dice < 500) {
            open.nextToRead().ifPresent(read -> reads.add(new ReadUnderWay(read)));
        } else if (dice < 620) {
            reads.stream().filter(read -> !read.answered).findFirst().ifPresent(this::answer);
        } else if (dice < 740) {
            deliverAnswer();
        } else if (dice < 880) {
            Runnable acknowledgement = unacknowledged.poll();
            if (acknowledgement != null) {
                acknowledgement.run();
            }
        } else if (dice < 980) {
            next();
            scan();
        } else if (dice < 990) {
            failRead();
        } else if (dice < (watching ? 993 : 1_000)) {
            doubtOrRecover();
        }
    }

    private void write() {
        int key = random.nextInt(KEYS);
        store[key] = random.nextInt(3) == 0 ? ABSENT : ++versions;
        history.get(key).put(++clock, store[key]);
        if (watching) {
            signals.add(key);
        }
    }

    private void deliverSignal() {
        Integer signal = signals.poll();
        if (signal == null) {
            return;
        }
        if (signal >= 0) {
            if (barriers.lastComplete() != Barriers.NONE) {
                open.touched(ref(signal), "", barriers.lastComplete());
            }
            return;
        }
        barrierOut = false;
        barriers.complete(new Beat("node", "run", "repl", "watch", 1, 1, barrierTime));
        if (!covered) {
            covered = true;
            proof.covered();
        }
    }

    private void beat() {
        if (watching && !barrierOut) {
            barrierOut = true;
            barrierTime = ++clock;
            barriers.begin();
            signals.add(-1);
        }
    }

    private void answer(ReadUnderWay read) {
        read.answered = true;
        read.version = store[key(read.read.ref())];
        read.time = ++clock;
    }

    private void deliverAnswer() {
        if (reads.isEmpty() || !reads.peek().answered) {
            return;
        }
        ReadUnderWay read = reads.poll();
        long touchedAfter = barriers.beat(read.read.since()).timeMicros();
        long time = proof.stampChange(read.time, touchedAfter);
        KeyRef ref = read.read.ref();
        append(new ChangeRow(time, touchedAfter, key(ref), read.version), offset -> open.acknowledged(ref));
    }

    private void failRead() {
        ReadUnderWay read = reads.poll();
        if (read != null) {
            open.failed(read.read.ref());
        }
    }

    private void append(LoggedRow row, java.util.function.LongConsumer landed) {
        log.add(row);
        long offset = log.size() - 1L;
        unacknowledged.add(() -> {
            proof.acknowledged(offset);
            landed.accept(offset);
        });
    }

    private void next() {
        Optional<Next> due = proof.next(open, barriers);
        if (due.isEmpty()) {
            return;
        }
        if (due.get() instanceof Next.BeginResync begin) {
            open.touchAll(barriers.lastComplete());
            long time = proof.stamp(barriers.beat(barriers.lastComplete()).timeMicros());
            append(new BeginRow(time), offset -> proof.begun(begin.attempt(), offset));
        } else if (due.get() instanceof Next.Scan scan) {
            scanNext = 0;
            scanAttempt = scan.attempt();
        } else if (due.get() instanceof Next.EndResync end) {
            long time = proof.stamp(end.timeMicros());
            append(new EndRow(time), offset -> proof.ended(end.attempt(), offset, time, barriers));
        } else if (due.get() instanceof Next.Claim claim) {
            claims.add(claim);
        }
    }

    private void scan() {
        if (scanNext < 0 || !watching) {
            return;
        }
        if (scanNext == KEYS) {
            scanNext = -1;
            proof.scanned(scanAttempt, barriers);
            return;
        }
        if (store[scanNext] != ABSENT) {
            open.touched(ref(scanNext), "", barriers.lastComplete());
        }
        scanNext++;
    }

    /** A watch breaks with whatever was under way on it; after a while there is another. */
    private void doubtOrRecover() {
        if (!watching) {
            watching = true;
            return;
        }
        watching = false;
        covered = false;
        barrierOut = false;
        scanNext = -1;
        signals.clear();
        proof.doubt("broken");
        if (random.nextBoolean()) {
            open.forgetUnread();
        }
    }

    List<Next.Claim> claims() {
        return claims;
    }

    void checkEveryClaim() {
        long before = Long.MIN_VALUE;
        for (LoggedRow row : log) {
            assertThat(row.time()).as("I3: times grow with offsets").isGreaterThanOrEqualTo(before);
            before = row.time();
        }
        long through = Long.MIN_VALUE;
        for (Next.Claim claim : claims) {
            assertThat(claim.throughMicros()).as("I3: claims grow").isGreaterThan(through);
            through = claim.throughMicros();
            for (long time = claim.base().endMicros(); time <= through; time += 1 + random.nextInt(5)) {
                check(claim, time);
            }
            check(claim, through);
        }
    }

    private void check(Next.Claim claim, long time) {
        Map<Integer, Integer> restored = new HashMap<>();
        long oldestTouch = time;
        for (int offset = (int) claim.base().beginOffset(); offset < claim.offset(); offset++) {
            if (log.get(offset) instanceof ChangeRow row) {
                if (row.time() <= time) {
                    restored.put(row.key(), row.version());
                } else if (row.touchedAfter() <= time) {
                    oldestTouch = Math.min(oldestTouch, row.touchedAfter());
                }
            }
        }
        for (int key = 0; key < KEYS; key++) {
            TreeMap<Long, Integer> truth = history.get(key);
            List<Integer> held =
                    new ArrayList<>(truth.subMap(oldestTouch, false, time, true).values());
            held.add(truth.floorEntry(oldestTouch).getValue());
            assertThat(held)
                    .as("key %d at %d, exact within %d, claim %s", key, time, time - oldestTouch, claim)
                    .contains(restored.getOrDefault(key, ABSENT));
        }
    }

    private static KeyRef ref(int key) {
        return new KeyRef(0, Bytes.utf8(Integer.toString(key)));
    }

    private static int key(KeyRef ref) {
        return Integer.parseInt(ref.key().asUtf8().orElseThrow());
    }
}
