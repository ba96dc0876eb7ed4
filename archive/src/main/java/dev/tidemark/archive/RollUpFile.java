package dev.tidemark.archive;

import dev.tidemark.schemas.layout.RollUp;
import java.io.IOException;
import java.util.Objects;

/** A roll-up that is complete, on this machine's disk, and not yet uploaded. */
public final class RollUpFile implements AutoCloseable {
    private final RollUp rollUp;
    private final Spool content;

    RollUpFile(RollUp rollUp, Spool content) {
        this.rollUp = Objects.requireNonNull(rollUp, "rollUp");
        this.content = Objects.requireNonNull(content, "content");
    }

    public RollUp rollUp() {
        return rollUp;
    }

    Spool content() {
        return content;
    }

    @Override
    public void close() throws IOException {
        content.close();
    }
}
