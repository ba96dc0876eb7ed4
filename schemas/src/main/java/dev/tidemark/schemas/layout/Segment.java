package dev.tidemark.schemas.layout;

import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * What a segment says of itself: the rows of one shard in [frontier, end) and the claims made since the segment before.
 *
 * @param end the offset at which the next segment starts
 * @param epochAfter the epoch in force at {@code end} in {@code changes}
 * @param lastMicros the time of its last row, or of the last one before it if it has none
 * @param claims all with offset <= end, at most {@link #CLAIMS_MAX}
 * @param sha256 of the file, in hex
 * @param layout the version of its columns
 * @param references how many of its rows need something beside the file, or say what is in force beside the keys: those
 *     of large values and of definitions. None in layout 1
 * @param leaderEpoch of Kafka, under which the record before {@code end} was written: whoever reads the log on from there
 *     finds out by it whether that is still the same log. Empty where it was not noted
 */
public record Segment(
        SegmentKey key,
        long end,
        long epochAfter,
        long lastMicros,
        long rows,
        List<ClaimInterval> claims,
        long sizeBytes,
        String sha256,
        int layout,
        long references,
        OptionalInt leaderEpoch)
        implements ArchivedRange {
    /** What is written now. */
    public static final int LAYOUT = 3;

    /** As many intervals as fit into an object's metadata whatever their numbers; whoever has more must cut earlier. */
    public static final int CLAIMS_MAX = 12;

    public Segment {
        Objects.requireNonNull(key, "key");
        claims = List.copyOf(claims);
        Objects.requireNonNull(sha256, "sha256");
        Objects.requireNonNull(leaderEpoch, "leaderEpoch");
        if (end <= key.frontier()) {
            throw new IllegalArgumentException("segment %s cannot end at offset %d".formatted(key.path(), end));
        }
        if (claims.size() > CLAIMS_MAX) {
            throw new IllegalArgumentException("segment %s cannot carry %d claim intervals, only %d"
                    .formatted(key.path(), claims.size(), CLAIMS_MAX));
        }
        for (ClaimInterval claim : claims) {
            if (claim.offset() > end) {
                throw new IllegalArgumentException("segment %s ends at offset %d but carries a claim through offset %d"
                        .formatted(key.path(), end, claim.offset()));
            }
        }
    }

    /** One of the layout that is written now, without references, of a log whose leader nobody noted. */
    public Segment(
            SegmentKey key,
            long end,
            long epochAfter,
            long lastMicros,
            long rows,
            List<ClaimInterval> claims,
            long sizeBytes,
            String sha256) {
        this(key, end, epochAfter, lastMicros, rows, claims, sizeBytes, sha256, LAYOUT, 0, OptionalInt.empty());
    }

    @Override
    public String path() {
        return key.path();
    }

    @Override
    public int shard() {
        return key.shard();
    }

    @Override
    public int generation() {
        return key.generation();
    }

    @Override
    public Hour hour() {
        return key.hour();
    }

    @Override
    public long from() {
        return key.frontier();
    }

    @Override
    public long to() {
        return end;
    }

    @Override
    public boolean hasFile() {
        return true;
    }
}
