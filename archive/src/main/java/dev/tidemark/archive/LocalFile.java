package dev.tidemark.archive;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that something is copied to from a connection. What our own disk refuses is thrown unchecked, so that nobody takes it
 * for a fault of the connection and tries again.
 */
final class LocalFile extends OutputStream {
    private final OutputStream file;

    private LocalFile(OutputStream file) {
        this.file = file;
    }

    /** Written anew, whatever it held. */
    static LocalFile over(Path path) {
        try {
            return new LocalFile(Files.newOutputStream(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Finds what our own disk refused, however a client has wrapped it. */
    static void rethrowIfRefused(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof UncheckedIOException refused) {
                throw refused;
            }
        }
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
        try {
            file.write(bytes, from, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
