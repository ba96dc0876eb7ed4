package dev.tidemark.capture.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.log.Tidemark;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * One shard on one or two nodes, and two captures of it: each may be paused while the other takes over, and wake up later
 * without knowing. In the end every claim that counts is held against what the nodes truly held.
 */
final class SimulatedWorld {
    private final Random random;
    private final Map<String, SimulatedStore> stores = new TreeMap<>();
    private final SimulatedLog log = new SimulatedLog();
    private final List<SimulatedProcess> processes = new ArrayList<>();
    private final boolean[] paused = new boolean[2];

    SimulatedWorld(long seed) {
        random = new Random(seed);
        for (int node = 0; node <= random.nextInt(2); node++) {
            // Clocks differ.
            stores.put(Integer.toString(node), new SimulatedStore("" + node, random, 1_000 + random.nextInt(100)));
        }
        for (int i = 0; i < paused.length; i++) {
            processes.add(new SimulatedProcess("p" + i + "-", random, stores, log));
        }
        processes.get(0).claim();
    }

    SimulatedWorld run(int steps) {
        for (int step = 0; step < steps; step++) {
            stores.values().forEach(SimulatedStore::timePasses);
            int dice = random.nextInt(10_000);
            if (dice < 300) {
                write();
            } else if (dice < 312) {
                takeOver();
            } else if (dice < 313) {
                restart();
            } else if (dice < 325) {
                int i = random.nextInt(paused.length);
                paused[i] = !paused[i];
            } else {
                int i = random.nextInt(paused.length);
                if (!paused[i]) {
                    processes.get(i).step();
                }
            }
        }
        return this;
    }

    private String anyNode() {
        return Integer.toString(random.nextInt(stores.size()));
    }

    private void write() {
        String node = anyNode();
        int key = stores.get(node).write();
        processes.forEach(process -> process.changed(node, key));
    }

    /** The group gives the shard away, or to the same once more; the one who had it learns of it, or does not. */
    private void takeOver() {
        int next = random.nextInt(processes.size());
        if (random.nextBoolean()) {
            processes.get(1 - next).release();
        }
        processes.get(next).claim();
    }

    private void restart() {
        String node = anyNode();
        stores.get(node).restart();
        processes.forEach(process -> process.restarted(node));
    }

    List<Tidemark> claims() {
        return log.tidemarksThatCount();
    }

    void checkEveryClaim() {
        List<SimulatedLog.Row> rows = log.rowsThatCount();
        long before = Long.MIN_VALUE;
        for (SimulatedLog.Row row : rows) {
            // A claimed epoch is dated with the last claim, which the rows behind that have passed.
            if (row != null && !row.claimsEpoch()) {
                assertThat(row.time()).as("I3: times grow with offsets").isGreaterThanOrEqualTo(before);
                before = row.time();
            }
        }
        long through = Long.MIN_VALUE;
        for (Tidemark claim : claims()) {
            assertThat(claim.throughMicros()).as("I3: claims grow").isGreaterThan(through);
            through = claim.throughMicros();
            for (long time = claim.base().endMicros(); time <= through; time += 1 + random.nextInt(7)) {
                check(rows, claim, time);
            }
            check(rows, claim, through);
        }
    }

    private void check(List<SimulatedLog.Row> rows, Tidemark claim, long time) {
        Map<Integer, Integer> restored = new HashMap<>();
        long oldestTouch = time;
        for (int offset = (int) claim.base().beginOffset(); offset < claim.offset(); offset++) {
            SimulatedLog.Row row = rows.get(offset);
            if (row != null && row.key() >= 0) {
                if (row.time() <= time) {
                    restored.put(row.key(), row.version());
                } else if (row.touchedAfter() <= time) {
                    oldestTouch = Math.min(oldestTouch, row.touchedAfter());
                }
            }
        }
        for (String node : stores.keySet()) {
            for (int key = 0; key < SimulatedStore.KEYS; key++) {
                int version = restored.getOrDefault(SimulatedProcess.global(node, key), SimulatedStore.ABSENT);
                assertThat(stores.get(node).held(key, version, oldestTouch, time))
                        .as(
                                "node %s key %d version %d at %d, exact within %d, claim %s",
                                node, key, version, time, time - oldestTouch, claim)
                        .isTrue();
            }
        }
    }
}
