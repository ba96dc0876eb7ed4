package dev.tidemark.standalone.command;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory on a disk without room, which takes root to make: a skip without. */
final class FullDirectory implements AutoCloseable {
    private final Path path;

    private FullDirectory(Path path) {
        this.path = path;
    }

    static FullDirectory in(Path parent) throws IOException {
        Path path = Files.createTempDirectory(parent, "full-");
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=64k", "none", path.toString()) == 0,
                "a disk of 64 KiB can be mounted by root alone, where there is tmpfs");
        try {
            Files.write(path.resolve("filler"), new byte[1 << 20]);
            throw new IllegalStateException(path + " is larger than it was to be");
        } catch (IOException full) {
            return new FullDirectory(path);
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        if (run("umount", path.toString()) != 0) {
            throw new IOException(path + " is still mounted");
        }
    }

    private static int run(String... command) {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException noSuchProgram) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }
}
