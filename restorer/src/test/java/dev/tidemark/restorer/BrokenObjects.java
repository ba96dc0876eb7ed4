package dev.tidemark.restorer;

import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.UUID;

/** Objects of a source's archive that were damaged where they lie, below everything that might notice, and how to mend them. */
final class BrokenObjects {
    private final Path root;
    private final Deque<Mend> mends = new ArrayDeque<>();

    private interface Mend {
        void run() throws IOException;
    }

    BrokenObjects(S3Endpoint s3, String source) {
        this.root = s3.directory().resolve(s3.bucket()).resolve(source);
    }

    /** @param sibling of the same kind, for an object to be swapped with */
    void damage(String path, String sibling, Damage damage) {
        Path file = root.resolve(path);
        try {
            switch (damage) {
                case DELETED -> {
                    Path away = root.resolveSibling("away-" + UUID.randomUUID());
                    Files.move(file, away);
                    mends.push(() -> Files.move(away, file));
                }
                case TRUNCATED -> {
                    byte[] bytes = Files.readAllBytes(file);
                    overwrite(file, Arrays.copyOf(bytes, bytes.length - 1 - bytes.length / 10));
                    mends.push(() -> overwrite(file, bytes));
                }
                case FLIPPED -> {
                    byte[] bytes = Files.readAllBytes(file);
                    byte[] flipped = bytes.clone();
                    flipped[bytes.length / 3] ^= 4;
                    overwrite(file, flipped);
                    mends.push(() -> overwrite(file, bytes));
                }
                case SWAPPED -> {
                    swap(file, root.resolve(sibling));
                    mends.push(() -> swap(file, root.resolve(sibling)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In the opposite order. */
    void mend() {
        try {
            while (!mends.isEmpty()) {
                mends.pop().run();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In place: what the store keeps beside the bytes stays as it was. */
    private static void overwrite(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    private static void swap(Path one, Path other) throws IOException {
        Path between = one.resolveSibling("between");
        Files.move(one, between);
        Files.move(other, one);
        Files.move(between, other);
    }
}
