package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.Bytes;
import java.util.Objects;

/** A key of a database. */
public record KeyName(int db, Bytes key) {
    public KeyName {
        Objects.requireNonNull(key, "key");
    }
}
