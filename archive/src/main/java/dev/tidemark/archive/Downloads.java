package dev.tidemark.archive;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Local copies of objects, each compared with its checksum before anybody reads it. */
record Downloads(ObjectStore store) {

    /** The caller deletes it. */
    Path verified(String key, String sha256) {
        Path file = temporaryFile();
        try {
            String found = store.download(key, file)
                    .orElseThrow(() -> SegmentRows.damaged(store.uri(key), "it is gone", null));
            if (!found.equals(sha256)) {
                throw SegmentRows.damaged(
                        store.uri(key), "its SHA-256 is %s and should be %s".formatted(found, sha256), null);
            }
            return file;
        } catch (RuntimeException e) {
            delete(file);
            throw e;
        }
    }

    private static Path temporaryFile() {
        try {
            return Files.createTempFile("tidemark-rows-", ".parquet");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create a temporary file for rows of the archive", e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + file, e);
        }
    }
}
