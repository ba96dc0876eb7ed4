package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * Local copies of objects, each compared with its checksum before anybody reads it.
 *
 * @param directory on whose disk they lie
 */
record Downloads(ObjectStore store, Path directory) {
    /** In the system's temporary directory. */
    static Downloads from(ObjectStore store) {
        return new Downloads(store, Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** The caller closes it. */
    Spool verified(String key, long sizeBytes, String sha256) {
        try {
            Spool copy = Spool.in(directory);
            try {
                fill(copy, key, sizeBytes);
                requireSame(copy, key, sha256);
                return copy;
            } catch (IOException | RuntimeException e) {
                copy.close();
                throw e;
            }
        } catch (IOException e) {
            throw noPlace(key, e);
        }
    }

    /** In ranges, so that no deadline depends on the size of the whole. What else fails is our own disk. */
    private void fill(Spool copy, String key, long sizeBytes) throws IOException {
        try (InputStream in = new RangeInput(store, key, 0, sizeBytes)) {
            in.transferTo(copy);
        }
    }

    private void requireSame(Spool copy, String key, String sha256) {
        String found = copy.sha256().toHex();
        if (!found.equals(sha256)) {
            throw SegmentRows.damaged(
                    store.uri(key), "its SHA-256 is %s and should be %s".formatted(found, sha256), null);
        }
    }

    private TidemarkError noPlace(String key, IOException why) {
        return new TidemarkError(
                ExitCode.UNEXPECTED,
                "a copy of %s has no place on this machine's disk, in %s: %s. What the archive holds is unchanged. Make room there, or name another directory by -Djava.io.tmpdir"
                        .formatted(store.uri(key), directory, why.getMessage()),
                why);
    }
}
