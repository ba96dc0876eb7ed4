package dev.tidemark.capture.proof;

import dev.tidemark.schemas.Bytes;
import java.util.Objects;

/** A key in its database. */
public record KeyRef(int db, Bytes key) {
    public KeyRef {
        Objects.requireNonNull(key, "key");
    }
}
