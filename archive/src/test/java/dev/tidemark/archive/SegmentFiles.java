package dev.tidemark.archive;

import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.log.Tidemark.Base;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/** Segments for tests, and their files without a store. */
final class SegmentFiles {
    static final Hour HOUR = new Hour(LocalDate.of(2026, 11, 20), 14);

    private SegmentFiles() {}

    static SegmentKey slot(long frontier) {
        return new SegmentKey(HOUR, 3, 1, frontier);
    }

    static SegmentFile write(long frontier, long end, List<ArchivedRow> rows) {
        SegmentWriter writer = new SegmentWriter("prod-rag", slot(frontier));
        rows.forEach(row -> writer.add(row.offset(), row.row()));
        return writer.finish(
                end, 7, 1_763_647_201_000_000L, List.of(new ClaimInterval(new Base(0, 1, 5), 9, Math.max(2, end), 11)));
    }

    static byte[] bytesOf(SegmentFile file) {
        try (InputStream in = file.body().open()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path onDisk(byte[] bytes) {
        try {
            Path path = Files.createTempFile("tidemark-test-", ".parquet");
            return Files.write(path, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A local copy, as of an object. */
    static Spool spooled(byte[] bytes) {
        try {
            Spool spool = Spool.in(Path.of(System.getProperty("java.io.tmpdir")));
            spool.write(bytes);
            return spool;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<ArchivedRow> read(SegmentFile file, byte[] bytes) {
        try (SegmentRows<ArchivedRow> rows =
                SegmentRows.open(file.segment(), "s3://bucket/key", spooled(bytes), RowShapes.ROWS)) {
            List<ArchivedRow> read = new ArrayList<>();
            rows.forEachRemaining(read::add);
            return read;
        }
    }
}
