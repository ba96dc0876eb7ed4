package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

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
    Path verified(String key, long sizeBytes, String sha256) {
        Path file = temporaryFile(key);
        try {
            String found = copied(key, sizeBytes, file);
            if (!found.equals(sha256)) {
                throw SegmentRows.damaged(
                        store.uri(key), "its SHA-256 is %s and should be %s".formatted(found, sha256), null);
            }
            return file;
        } catch (IOException e) {
            delete(file);
            throw noPlace(key, e);
        } catch (RuntimeException e) {
            delete(file);
            throw e;
        }
    }

    /** In ranges, so that no deadline depends on the size of the whole. What else fails is our own disk. */
    private String copied(String key, long sizeBytes, Path file) throws IOException {
        MessageDigest digest = ObjectBody.newSha256();
        try (InputStream in = new RangeInput(store, key, 0, sizeBytes);
                OutputStream out = new DigestOutputStream(Files.newOutputStream(file), digest)) {
            in.transferTo(out);
        }
        return HexFormat.of().formatHex(digest.digest());
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
