package dev.tidemark.capture;

import java.util.BitSet;
import java.util.Objects;

/** A node that takes writes, and the hash slots it has; all of them where there is no Cluster. */
record Primary(NodeAddress address, BitSet slots) {
    Primary {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(slots, "slots");
    }

    static Primary ofEverything(NodeAddress address) {
        BitSet slots = new BitSet();
        slots.set(0, dev.tidemark.schemas.HashSlot.COUNT);
        return new Primary(address, slots);
    }
}
