package dev.tidemark.standalone.command;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Optional;

/** No room on a disk of this machine, told by the system in words of its own somewhere below what failed. */
final class FullDisk {
    private static final String NO_SPACE = "No space left on device";

    private FullDisk() {}

    /** What to say; empty if it failed of something else. */
    static Optional<String> in(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof IOException && String.valueOf(each.getMessage()).contains(NO_SPACE)) {
                return Optional.of(words(each instanceof FileSystemException file ? file.getFile() : null));
            }
        }
        return Optional.empty();
    }

    private static String words(String file) {
        return "a disk of this machine is full%s: %s. What is in Kafka and on S3 is unchanged. Make room, or name another directory: compactor.state-dir, capture.spool-dir, or for temporary files, which lie in %s, -Djava.io.tmpdir"
                .formatted(file == null ? "" : " (" + file + ")", NO_SPACE, System.getProperty("java.io.tmpdir"));
    }
}
