package dev.tidemark.compactor.cut;

import java.nio.file.Files;
import java.nio.file.Path;

/** Breaks a rule on purpose. */
final class ReadsAFile {
    private ReadsAFile() {}

    static boolean isThere(Path path) {
        return Files.exists(path);
    }
}
