package dev.tidemark.capture.proof;

import dev.tidemark.schemas.log.Tidemark.Base;
import java.util.Optional;

/**
 * The resync that claims follow from. Where another one ends while they go on, one more of them follows from the one before: it
 * reaches past the end of the other, so that no moment lies between what the two let be restored.
 */
final class BaseInForce {
    private Optional<Base> base = Optional.empty();
    private Optional<Base> next = Optional.empty();

    /** Claims begin anew with it. */
    void begin(Base first) {
        base = Optional.of(first);
        next = Optional.empty();
    }

    /** Claims go over to it. */
    void goOver(Base another) {
        next = Optional.of(another);
    }

    /** When the last of them ended: the next claim reaches further. */
    long endMicros() {
        return next.or(() -> base).orElseThrow().endMicros();
    }

    /** What the claim follows from that is made now. */
    Base claimed() {
        Base claimed = base.orElseThrow();
        next.ifPresent(this::begin);
        return claimed;
    }
}
