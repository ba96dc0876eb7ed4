package dev.tidemark.capture;

import dev.tidemark.capture.proof.KeyRef;
import java.util.Objects;
import java.util.function.Consumer;

/** A key that is to be read, what it is taken to be, and who hears what came of it. */
record KeyRead(KeyRef ref, KeyReader.Shape shape, Consumer<KeyReader.Outcome> outcome) {
    KeyRead {
        Objects.requireNonNull(ref, "ref");
        Objects.requireNonNull(shape, "shape");
        Objects.requireNonNull(outcome, "outcome");
    }
}
