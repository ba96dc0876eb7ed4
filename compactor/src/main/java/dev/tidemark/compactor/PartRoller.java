package dev.tidemark.compactor;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.RollUpFile;
import dev.tidemark.archive.RollUpWriter;
import dev.tidemark.archive.SegmentRows;
import dev.tidemark.compactor.roll.ShardPart;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.RollUpKey;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.function.BooleanSupplier;

/**
 * Makes one file of a shard's part of an hour: reads its segments, sorts, sends it create-only. In bounded memory, whatever
 * the size of the part.
 *
 * @param directory for what does not fit into memory
 * @param sortBytesMax of rows in memory
 */
record PartRoller(
        Archive archive,
        int generation,
        Path directory,
        long sortBytesMax,
        ChunkFields fields,
        BooleanSupplier isStopping) {

    /** The part is left where it is; it is begun again elsewhere. */
    static final class Stopping extends RuntimeException {
        private static final long serialVersionUID = 1;

        Stopping() {
            super(null, null, false, false);
        }
    }

    /** What lies on S3 afterwards; a part without rows has no file. */
    RollUp roll(Hour hour, ShardPart part) {
        RollUp described = new RollUp(
                new RollUpKey(hour, part.shard()),
                generation,
                part.from(),
                part.to(),
                part.epochAfter(),
                part.lastMicros(),
                part.rows(),
                part.references(),
                part.claims(),
                part.rows() == 0 ? 0 : 1,
                part.rows() == 0 ? "" : "not written yet",
                Segment.LAYOUT);
        if (!described.hasFile()) {
            return described;
        }
        // Sent by another, or by us before a crash: what is there is whole.
        return archive.rolled().find(described).orElseGet(() -> write(described, part));
    }

    private RollUp write(RollUp described, ShardPart part) {
        try (RowSort sort = new RowSort(directory, sortBytesMax);
                RollUpWriter writer = new RollUpWriter(
                        archive.source(),
                        described.key(),
                        generation,
                        described.from(),
                        described.to(),
                        fields,
                        directory)) {
            for (Segment segment : part.segments()) {
                try (SegmentRows<ArchivedRow> rows = archive.rows(segment)) {
                    rows.forEachRemaining(row -> {
                        goOn();
                        sort.add(row);
                    });
                }
            }
            for (Iterator<ArchivedRow> sorted = sort.sorted(); sorted.hasNext(); ) {
                goOn();
                writer.add(sorted.next());
            }
            try (RollUpFile file = writer.finish(part.epochAfter(), part.lastMicros(), part.claims())) {
                return archive.rolled().put(file);
            }
        } catch (UncheckedIOException e) {
            throw noPlace(described, e.getCause());
        } catch (IOException e) {
            throw noPlace(described, e);
        }
    }

    /** S3 fails in other ways: this is our own disk. */
    private TidemarkError noPlace(RollUp described, IOException why) {
        return new TidemarkError(
                ExitCode.UNEXPECTED,
                "the rows of %s have no place on this machine's disk, in %s: %s. Nothing is lost, and queries read the hour's segments. Make room there for twice what a shard writes in an hour, or name another directory in compactor.state-dir"
                        .formatted(described.key().path(), directory, why.getMessage()),
                why);
    }

    private void goOn() {
        if (isStopping.getAsBoolean()) {
            throw new Stopping();
        }
    }
}
