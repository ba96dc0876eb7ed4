package dev.tidemark.restorer;

import java.nio.file.Path;
import java.util.Objects;

/** The snapshot file that a restore writes. */
public record RestoreFile(Path path) {
    private static final String UNFINISHED = ".unfinished";

    public RestoreFile {
        Objects.requireNonNull(path, "path");
        path = path.toAbsolutePath().normalize();
    }

    /** For messages. */
    public String address() {
        return path.toString();
    }

    /** What is written before it is whole and proven; a crash leaves it, and the next run begins it anew. */
    Path unfinished() {
        return path.resolveSibling(path.getFileName() + UNFINISHED);
    }

    /** The commands that make the search indexes, which no snapshot holds. */
    Path indexes() {
        return path.resolveSibling(path.getFileName() + SearchIndexes.BESIDE);
    }

    Path indexesUnfinished() {
        return path.resolveSibling(path.getFileName() + SearchIndexes.BESIDE + UNFINISHED);
    }
}
