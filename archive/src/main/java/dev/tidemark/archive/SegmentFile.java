package dev.tidemark.archive;

import dev.tidemark.schemas.layout.Segment;
import java.util.Objects;

/** A segment that is complete and not yet uploaded: what it says of itself, and its bytes. */
public final class SegmentFile {
    private final Segment segment;
    private final ObjectBody body;

    SegmentFile(Segment segment, ObjectBody body) {
        this.segment = Objects.requireNonNull(segment, "segment");
        this.body = Objects.requireNonNull(body, "body");
    }

    public Segment segment() {
        return segment;
    }

    ObjectBody body() {
        return body;
    }
}
