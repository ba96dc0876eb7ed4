package dev.tidemark.restorer;

import dev.tidemark.restorer.plan.SeenKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Room on this machine's disk, of which the system keeps in memory what it can spare. It holds digests of keys alone. */
final class DiskRoom implements SeenKeys.Room {
    private static final Path DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

    @Override
    public LongBuffer of(int longs) {
        try {
            Path path = Files.createTempFile(DIRECTORY, "tidemark-keys-", null);
            try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                // What is beyond the end reads as zero, and the mapping outlives both the channel and the name.
                return file.map(FileChannel.MapMode.READ_WRITE, 0, (long) longs * Long.BYTES)
                        .asLongBuffer();
            } finally {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the names of keys need %d MiB in %s; make room, or name another directory by -Djava.io.tmpdir"
                            .formatted(((long) longs * Long.BYTES) >> 20, DIRECTORY),
                    e);
        }
    }
}
