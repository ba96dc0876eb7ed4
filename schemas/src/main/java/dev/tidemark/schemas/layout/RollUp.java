package dev.tidemark.schemas.layout;

import dev.tidemark.schemas.layout.ArchiveKey.RollUpKey;
import java.util.List;
import java.util.Objects;

/**
 * One shard's part of an hour that is rolled up: the rows of all its segments in [from, to), as one file sorted by key
 * and then offset, or no file if there are no rows. The parts of consecutive hours follow each other without hole.
 *
 * @param generation of the log that the offsets belong to
 * @param to the offset at which the next hour's part, or the first segment that is not rolled up, starts
 * @param epochAfter the epoch in force at {@code to} in {@code changes}
 * @param lastMicros the time of its last row, or of the last one before it if it has none
 * @param references how many of its rows need something beside the file, as in {@link Segment#references}
 * @param claims made within it, and the claim that closed the hour; all with offset <= to
 * @param sizeBytes of the file, 0 if there is none
 * @param sha256 of the file in hex, empty if there is none
 * @param layout the version of its columns
 */
public record RollUp(
        RollUpKey key,
        int generation,
        long from,
        long to,
        long epochAfter,
        long lastMicros,
        long rows,
        long references,
        List<ClaimInterval> claims,
        long sizeBytes,
        String sha256,
        int layout)
        implements ArchivedRange {
    public RollUp {
        Objects.requireNonNull(key, "key");
        claims = List.copyOf(claims);
        Objects.requireNonNull(sha256, "sha256");
        if (generation < 1 || from < 0 || to < from || rows < 0 || rows > to - from) {
            throw new IllegalArgumentException("%s cannot have %d rows of generation %d in [%d, %d)"
                    .formatted(key.path(), rows, generation, from, to));
        }
        if ((rows == 0) != sha256.isEmpty() || (rows == 0) != (sizeBytes == 0)) {
            throw new IllegalArgumentException("%s has %d rows in %d bytes".formatted(key.path(), rows, sizeBytes));
        }
        for (ClaimInterval claim : claims) {
            if (claim.offset() > to) {
                throw new IllegalArgumentException("%s ends at offset %d but carries a claim through offset %d"
                        .formatted(key.path(), to, claim.offset()));
            }
        }
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
    public Hour hour() {
        return key.hour();
    }

    @Override
    public boolean hasFile() {
        return rows > 0;
    }
}
