package dev.tidemark.schemas;

/** Keys that Tidemark itself writes into a Redis. They are never captured, counted or restored. */
public final class ReservedKeys {
    /** A watch writes its canary below this. */
    public static final Bytes CANARY_PREFIX = Bytes.utf8("tidemark:canary:");

    /** A restore holds this in its target while it runs. */
    public static final Bytes RESTORE_LOCK = Bytes.utf8("tidemark:restore-lock");

    /** A restore builds a large string under this name before it gives it its own; in a Cluster a hash tag follows. */
    public static final Bytes RESTORE_PIECES = Bytes.utf8("tidemark:restore-pieces");

    private ReservedKeys() {}

    public static boolean isReserved(Bytes key) {
        return key.startsWith(CANARY_PREFIX) || key.equals(RESTORE_LOCK) || key.startsWith(RESTORE_PIECES);
    }
}
