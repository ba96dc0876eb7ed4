package dev.tidemark.schemas.layout;

import java.util.List;

/**
 * What lies on S3 of one shard's log in [from, to), and what is known of it without reading a row: a segment, or an hour's
 * roll-up of several.
 */
public sealed interface ArchivedRange permits Segment, RollUp {
    /** The object's key below the source's. */
    String path();

    int shard();

    int generation();

    /** The hour that it lies in. */
    Hour hour();

    long from();

    /** The offset at which what comes next starts. */
    long to();

    /** The epoch in force at {@code to}. */
    long epochAfter();

    /** The time of its last row, or of the last one before it if it has none. */
    long lastMicros();

    long rows();

    /** How many of its rows need something beside the file, or say what is in force beside the keys. */
    long references();

    List<ClaimInterval> claims();

    long sizeBytes();

    String sha256();

    int layout();

    /** A range without rows need not have one. */
    boolean hasFile();
}
