package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Local copies of objects, each compared with its checksum before anybody reads it.
 *
 * @param directory where they lie
 */
record Downloads(ObjectStore store, Path directory) {
    /** In the system's temporary directory. */
    static Downloads from(ObjectStore store) {
        return new Downloads(store, Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** The caller deletes it. */
    Path verified(String key, String sha256) {
        Path file = temporaryFile(key);
        try {
            String found = store.download(key, file)
                    .orElseThrow(() -> SegmentRows.damaged(store.uri(key), "it is gone", null));
            if (!found.equals(sha256)) {
                throw SegmentRows.damaged(
                        store.uri(key), "its SHA-256 is %s and should be %s".formatted(found, sha256), null);
            }
            return file;
        } catch (UncheckedIOException e) {
            delete(file);
            throw noPlace(key, e.getCause());
        } catch (RuntimeException e) {
            delete(file);
            throw e;
        }
    }

    private Path temporaryFile(String key) {
        try {
            return Files.createTempFile(directory, "tidemark-rows-", ".parquet");
        } catch (IOException e) {
            throw noPlace(key, e);
        }
    }

    private TidemarkError noPlace(String key, IOException why) {
        return new TidemarkError(
                ExitCode.UNEXPECTED,
                "a copy of %s has no place on this machine's disk, in %s: %s. What the archive holds is unchanged. Make room there, or name another directory by -Djava.io.tmpdir"
                        .formatted(store.uri(key), directory, why.getMessage()),
                why);
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + file, e);
        }
    }
}
