package dev.tidemark.oracle.judge;

import java.util.Objects;

/**
 * The whole logical state of a key: type, bytes (as a 128-bit digest of their canonical form) and expiry.
 *
 * @param expireAtMillis the absolute expiry as Redis keeps it, or {@link #NEVER}
 */
public record KeyState(ValueType type, long digestHigh, long digestLow, long expireAtMillis) {
    public static final long NEVER = -1;
    public static final KeyState ABSENT = new KeyState(ValueType.ABSENT, 0, 0, NEVER);
    public static final KeyState UNKNOWN = new KeyState(ValueType.UNKNOWN, 0, 0, NEVER);

    public KeyState {
        Objects.requireNonNull(type, "type");
    }

    public boolean absent() {
        return type == ValueType.ABSENT;
    }

    public boolean expires() {
        return expireAtMillis != NEVER;
    }

    public boolean sameBytes(KeyState other) {
        return type == other.type && digestHigh == other.digestHigh && digestLow == other.digestLow;
    }

    public boolean sameExpiry(KeyState other, long toleranceMillis) {
        if (expires() != other.expires()) {
            return false;
        }
        return Math.abs(expireAtMillis - other.expireAtMillis) <= toleranceMillis;
    }

    public KeyState expiringAt(long millis) {
        return new KeyState(type, digestHigh, digestLow, millis);
    }

    @Override
    public String toString() {
        if (absent()) {
            return "absent";
        }
        String digest = String.format("%016x%016x", digestHigh, digestLow);
        return type + " " + digest.substring(0, 12) + (expires() ? " until " + expireAtMillis : "");
    }
}
