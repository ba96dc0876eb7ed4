package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * How an oracle writes and what it judges; start from {@link #seeded} and change what matters.
 *
 * @param seed the same seed gives the same keys and, as far as expiry and timing allow, the same operations
 * @param prefix all keys of this oracle begin with it; several oracles need prefixes none of which begins another
 * @param threads writing threads, each with its own connection and keys
 * @param keysPerThread the keys a thread owns and writes again and again
 * @param opsPerSecondMax over all threads; 0 for as fast as can be
 * @param batchOpsMax operations a thread has in flight at most, none of which share a key
 * @param bigValues whether values of 1 MB and 5 MB are written now and then
 * @param ignored keys never judged, wherever they are found
 * @param replyTimeout how long a connection may be silent before it counts as lost
 * @param recoverWithin how long a thread tries to reach a lost source before it gives up writing
 * @param historyEntriesMax writes remembered over all keys, about 40 bytes each
 */
public record OracleOptions(
        long seed,
        Key prefix,
        WriteMode mode,
        int threads,
        int keysPerThread,
        int opsPerSecondMax,
        int batchOpsMax,
        boolean bigValues,
        Predicate<Key> ignored,
        Duration replyTimeout,
        Duration recoverWithin,
        int historyEntriesMax) {
    private static final Key RESERVED = Key.utf8("tidemark:");
    private static final int THREADS_MAX = 64;
    private static final int KEYS_PER_THREAD_MIN = 32;
    private static final int ENTRIES_PER_KEY_MIN = 4;

    public OracleOptions {
        Objects.requireNonNull(prefix, "prefix");
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(ignored, "ignored");
        Objects.requireNonNull(replyTimeout, "replyTimeout");
        Objects.requireNonNull(recoverWithin, "recoverWithin");
        List<String> problems = new ArrayList<>();
        if (threads < 1 || threads > THREADS_MAX) {
            problems.add("threads is " + threads + "; choose 1 to " + THREADS_MAX);
        }
        if (keysPerThread < KEYS_PER_THREAD_MIN) {
            problems.add("keysPerThread is " + keysPerThread + "; choose " + KEYS_PER_THREAD_MIN + " or more");
        }
        if (opsPerSecondMax < 0) {
            problems.add("opsPerSecondMax is " + opsPerSecondMax + "; choose 0 for no limit");
        }
        if (batchOpsMax < 1 || batchOpsMax > keysPerThread / 8) {
            problems.add("batchOpsMax is " + batchOpsMax + "; choose 1 to an eighth of keysPerThread");
        }
        if (historyEntriesMax / ENTRIES_PER_KEY_MIN < (long) threads * keysPerThread) {
            problems.add("historyEntriesMax is " + historyEntriesMax + "; choose at least " + ENTRIES_PER_KEY_MIN
                    + " for each key");
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    /** The observed mode under the prefix {@code oracle:}, as fast as it goes. */
    public static OracleOptions seeded(long seed) {
        return new OracleOptions(
                seed,
                Key.utf8("oracle:"),
                WriteMode.OBSERVED,
                4,
                2_000,
                0,
                8,
                true,
                key -> key.startsWith(RESERVED),
                Duration.ofSeconds(5),
                Duration.ofMinutes(2),
                4_000_000);
    }

    public OracleOptions withPrefix(Key newPrefix) {
        return new OracleOptions(
                seed,
                newPrefix,
                mode,
                threads,
                keysPerThread,
                opsPerSecondMax,
                batchOpsMax,
                bigValues,
                ignored,
                replyTimeout,
                recoverWithin,
                historyEntriesMax);
    }

    /** Plain mode with batches large enough to be fast. */
    public OracleOptions plain() {
        return new OracleOptions(
                seed,
                prefix,
                WriteMode.PLAIN,
                threads,
                keysPerThread,
                opsPerSecondMax,
                keysPerThread / 8,
                bigValues,
                ignored,
                replyTimeout,
                recoverWithin,
                historyEntriesMax);
    }

    public OracleOptions withThreads(int newThreads) {
        return new OracleOptions(
                seed,
                prefix,
                mode,
                newThreads,
                keysPerThread,
                opsPerSecondMax,
                batchOpsMax,
                bigValues,
                ignored,
                replyTimeout,
                recoverWithin,
                historyEntriesMax);
    }

    public OracleOptions withKeysPerThread(int newKeysPerThread) {
        int batch = mode == WriteMode.PLAIN ? newKeysPerThread / 8 : Math.min(batchOpsMax, newKeysPerThread / 8);
        return new OracleOptions(
                seed,
                prefix,
                mode,
                threads,
                newKeysPerThread,
                opsPerSecondMax,
                batch,
                bigValues,
                ignored,
                replyTimeout,
                recoverWithin,
                historyEntriesMax);
    }

    public OracleOptions withOpsPerSecondMax(int newOpsPerSecondMax) {
        return new OracleOptions(
                seed,
                prefix,
                mode,
                threads,
                keysPerThread,
                newOpsPerSecondMax,
                batchOpsMax,
                bigValues,
                ignored,
                replyTimeout,
                recoverWithin,
                historyEntriesMax);
    }

    public OracleOptions withBatchOpsMax(int newBatchOpsMax) {
        return new OracleOptions(
                seed,
                prefix,
                mode,
                threads,
                keysPerThread,
                opsPerSecondMax,
                newBatchOpsMax,
                bigValues,
                ignored,
                replyTimeout,
                recoverWithin,
                historyEntriesMax);
    }

    public OracleOptions withoutBigValues() {
        return new OracleOptions(
                seed,
                prefix,
                mode,
                threads,
                keysPerThread,
                opsPerSecondMax,
                batchOpsMax,
                false,
                ignored,
                replyTimeout,
                recoverWithin,
                historyEntriesMax);
    }

    public OracleOptions ignoring(Predicate<Key> newIgnored) {
        return new OracleOptions(
                seed,
                prefix,
                mode,
                threads,
                keysPerThread,
                opsPerSecondMax,
                batchOpsMax,
                bigValues,
                newIgnored,
                replyTimeout,
                recoverWithin,
                historyEntriesMax);
    }

    public OracleOptions withReplyTimeout(Duration newReplyTimeout) {
        return new OracleOptions(
                seed,
                prefix,
                mode,
                threads,
                keysPerThread,
                opsPerSecondMax,
                batchOpsMax,
                bigValues,
                ignored,
                newReplyTimeout,
                recoverWithin,
                historyEntriesMax);
    }

    public OracleOptions withRecoverWithin(Duration newRecoverWithin) {
        return new OracleOptions(
                seed,
                prefix,
                mode,
                threads,
                keysPerThread,
                opsPerSecondMax,
                batchOpsMax,
                bigValues,
                ignored,
                replyTimeout,
                newRecoverWithin,
                historyEntriesMax);
    }

    public OracleOptions withHistoryEntriesMax(int newHistoryEntriesMax) {
        return new OracleOptions(
                seed,
                prefix,
                mode,
                threads,
                keysPerThread,
                opsPerSecondMax,
                batchOpsMax,
                bigValues,
                ignored,
                replyTimeout,
                recoverWithin,
                newHistoryEntriesMax);
    }

    int historyEntriesPerKeyMax() {
        return historyEntriesMax / (threads * keysPerThread);
    }
}
