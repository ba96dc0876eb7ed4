package dev.tidemark.capture.proof;

import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A Redis with a handful of keys, a clock, a count of commands, and a memory of all it ever held. */
final class SimulatedStore {
    static final int KEYS = 6;
    static final int ABSENT = 0;

    private final Random random;
    private final String node;
    private final int[] versions = new int[KEYS];
    private final List<TreeMap<Long, Integer>> history = new ArrayList<>();
    private int written;
    private int runs = 1;
    private long commands;
    private long clock;

    SimulatedStore(String node, Random random, long clock) {
        this.node = node;
        this.random = random;
        this.clock = clock;
        for (int key = 0; key < KEYS; key++) {
            history.add(new TreeMap<>(Map.of(0L, ABSENT)));
        }
    }

    void timePasses() {
        clock += random.nextInt(3);
    }

    /** The key that changed. */
    int write() {
        commands++;
        int key = random.nextInt(KEYS);
        set(key, random.nextInt(3) == 0 ? ABSENT : ++written);
        return key;
    }

    private void set(int key, int version) {
        versions[key] = version;
        history.get(key).put(++clock, version);
    }

    /** With other data, and nobody is told. */
    void restart() {
        runs++;
        commands = 0;
        for (int key = 0; key < KEYS; key++) {
            set(key, random.nextBoolean() ? ABSENT : ++written);
        }
    }

    Beat beat(String watch, long n) {
        return new Beat(node, runId(), "repl", watch, n, ++commands, ++clock);
    }

    String runId() {
        return "run-" + runs;
    }

    int read(int key) {
        commands++;
        clock++;
        return versions[key];
    }

    long time() {
        return clock;
    }

    /** Whether the key was in that state at some instant of [from, through]. */
    boolean held(int key, int version, long from, long through) {
        TreeMap<Long, Integer> truth = history.get(key);
        return truth.floorEntry(from).getValue() == version
                || truth.subMap(from, false, through, true).containsValue(version);
    }
}
