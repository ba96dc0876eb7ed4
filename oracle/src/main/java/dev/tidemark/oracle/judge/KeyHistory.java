package dev.tidemark.oracle.judge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Everything known of one key, oldest first. One thread writes it, others may read it at any time.
 *
 * <p>Half a million writes must fit in a small heap, so an entry is five longs in one array, and a history that is
 * full forgets its older half; {@link #forgottenThroughMicros()} says from when on it can still judge.
 */
public final class KeyHistory {
    private static final int WIDTH = 5;
    private static final long NOT_PENDING = Long.MAX_VALUE;
    private static final long SPREAD_MAX_MICROS = (1L << 47) - 1;
    private static final Operation[] OPERATIONS = Operation.values();
    private static final ValueType[] TYPES = ValueType.values();

    private final int entriesMax;
    private long[] packed = new long[WIDTH];
    private int size;
    private long pendingSinceMicros = NOT_PENDING;
    private long forgottenThroughMicros = Long.MIN_VALUE;

    public KeyHistory(int entriesMax) {
        if (entriesMax < 2) {
            throw new IllegalArgumentException("a history needs room for two entries, not " + entriesMax);
        }
        this.entriesMax = entriesMax;
    }

    /**
     * A write is about to be sent, and may take effect at any instant from now on until its outcome is known. Whoever
     * judges meanwhile can exclude nothing after this instant.
     */
    public synchronized void pending(long sinceMicros) {
        pendingSinceMicros = sinceMicros;
    }

    /** The outcome is known and was no write at all. */
    public synchronized void settled() {
        pendingSinceMicros = NOT_PENDING;
    }

    /** Adds what is known now; whatever was pending is settled by it. */
    public synchronized void append(Written write) {
        if (size > 0 && write.fromMicros() < at(size - 1).fromMicros()) {
            throw new IllegalStateException("the clock of Redis stepped back from "
                    + at(size - 1).fromMicros() + " to " + write.fromMicros()
                    + " microseconds between two writes of one key: nothing can be judged across that");
        }
        if (size == entriesMax) {
            forgetOlderHalf();
        }
        if (size * WIDTH == packed.length) {
            packed = Arrays.copyOf(packed, WIDTH * Math.min(entriesMax, size + size / 2 + 1));
        }
        pack(size++, write);
        pendingSinceMicros = NOT_PENDING;
    }

    public synchronized KeyState last() {
        return at(size - 1).state();
    }

    /** A consistent copy for the judge. */
    public synchronized Past past() {
        List<Written> writes = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            writes.add(at(i));
        }
        return new Past(writes, pendingSinceMicros, forgottenThroughMicros != Long.MIN_VALUE);
    }

    /** Windows must begin later than this. */
    public synchronized long forgottenThroughMicros() {
        return forgottenThroughMicros;
    }

    private void forgetOlderHalf() {
        int forgotten = (size + 1) / 2;
        System.arraycopy(packed, forgotten * WIDTH, packed, 0, (size - forgotten) * WIDTH);
        size -= forgotten;
        // Up to the end of the first kept write's interval the forgotten state before it is still possible.
        forgottenThroughMicros = at(0).throughMicros();
    }

    /** Ordinals are good enough: what is packed here never leaves this process. */
    @SuppressWarnings("EnumOrdinal")
    private void pack(int index, Written write) {
        long spread = Math.min(write.throughMicros() - write.fromMicros(), SPREAD_MAX_MICROS);
        int at = index * WIDTH;
        packed[at] = write.state().digestHigh();
        packed[at + 1] = write.state().digestLow();
        packed[at + 2] = write.state().expireAtMillis();
        packed[at + 3] = write.fromMicros();
        packed[at + 4] = spread << 16
                | (long) write.state().type().ordinal() << 8
                | write.by().ordinal();
    }

    private Written at(int index) {
        int at = index * WIDTH;
        long low = packed[at + 4];
        KeyState state = new KeyState(TYPES[(int) (low >> 8) & 0xff], packed[at], packed[at + 1], packed[at + 2]);
        return new Written(state, packed[at + 3], packed[at + 3] + (low >> 16), OPERATIONS[(int) low & 0xff]);
    }

    /**
     * The history at one moment.
     *
     * @param pendingSinceMicros from then on a write of unknown outcome may have taken effect; Long.MAX_VALUE if none
     * @param forgotten whether older writes than these were known once
     */
    public record Past(List<Written> writes, long pendingSinceMicros, boolean forgotten) {
        public Past {
            writes = List.copyOf(Objects.requireNonNull(writes, "writes"));
        }

        public static Past settled(List<Written> writes) {
            return new Past(writes, NOT_PENDING, false);
        }

        public boolean isPending() {
            return pendingSinceMicros != NOT_PENDING;
        }

        /** Whether any state it ever had was to expire between these times. */
        public boolean anyExpires(long fromMillis, long throughMillis) {
            return writes.stream()
                    .map(Written::state)
                    .anyMatch(state -> state.expires()
                            && state.expireAtMillis() >= fromMillis
                            && state.expireAtMillis() <= throughMillis);
        }

        /** The last write that may have come before this instant; what came before the history counts as the first. */
        public Operation lastOperationBefore(long micros) {
            Operation last = writes.get(0).by();
            for (Written write : writes) {
                if (write.fromMicros() <= micros) {
                    last = write.by();
                }
            }
            return last;
        }
    }
}
