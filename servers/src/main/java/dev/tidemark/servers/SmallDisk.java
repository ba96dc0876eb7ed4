package dev.tidemark.servers;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/** A disk of a few megabytes of its own, to be filled to the last byte and emptied again. */
public final class SmallDisk implements AutoCloseable {
    /** Why there may be none. */
    public static final String NEEDS = "a disk of a few megabytes can be mounted by root alone, where there is tmpfs";

    private static final String FILLER = "filler";
    private static final int LARGE_STEP_BYTES = 64 << 10;
    private static final int SMALL_STEP_BYTES = 256;

    private static final Duration CLOSED_WITHIN = Duration.ofSeconds(60);

    private final Path path;

    private SmallDisk(Path path) {
        this.path = path;
    }

    /** Mounts one in a new directory; empty where that is not allowed. */
    public static Optional<SmallDisk> mount(Path parent, int megabytes) {
        return mount(parent, "size=%dm".formatted(megabytes));
    }

    /** One from which nothing can be run, as hardened machines have for temporary files. */
    public static Optional<SmallDisk> mountNoexec(Path parent, int megabytes) {
        return mount(parent, "noexec,size=%dm".formatted(megabytes));
    }

    private static Optional<SmallDisk> mount(Path parent, String options) {
        try {
            Path path = Files.createTempDirectory(parent, "disk-");
            return isDone("mount", "-t", "tmpfs", "-o", options, "none", path.toString())
                    ? Optional.of(new SmallDisk(path))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("no directory for a disk in " + parent, e);
        }
    }

    public Path path() {
        return path;
    }

    /** Leaves no room for another byte. */
    public void fill() {
        fillBy(LARGE_STEP_BYTES);
        fillBy(SMALL_STEP_BYTES);
    }

    private void fillBy(int stepBytes) {
        byte[] step = new byte[stepBytes];
        try (OutputStream filler =
                Files.newOutputStream(path.resolve(FILLER), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (true) {
                filler.write(step);
            }
        } catch (IOException full) {
            requireFull(full);
        }
    }

    private static void requireFull(IOException e) {
        if (!String.valueOf(e.getMessage()).contains("No space left on device")) {
            throw new UncheckedIOException("a small disk cannot be filled", e);
        }
    }

    /** Gives back what {@link #fill} took. */
    public void makeRoom() {
        try {
            Files.deleteIfExists(path.resolve(FILLER));
        } catch (IOException e) {
            throw new UncheckedIOException("a small disk cannot be emptied", e);
        }
    }

    /** Unmounts it, with all that is on it; who has a file of it open is waited for, as he may be on his way out. */
    @Override
    public void close() {
        Await.until(CLOSED_WITHIN, () -> isDone("umount", path.toString()), "nobody has a file open on " + path);
    }

    private static boolean isDone(String... command) {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException noSuchProgram) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerFailure("interrupted while a disk was mounted or unmounted", e);
        }
    }
}
