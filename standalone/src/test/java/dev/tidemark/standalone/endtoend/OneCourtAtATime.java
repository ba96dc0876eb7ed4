package dev.tidemark.standalone.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Lets the classes that hold court wait for each other, in whatever process they run: each keeps both cores of a small machine busy. Two
 * together take longer than one after the other, and how exact one of them finds a claim says more about the other than about
 * us.
 */
final class OneCourtAtATime implements BeforeAllCallback {
    private static final Namespace OURS = Namespace.create(OneCourtAtATime.class);
    private static final Path FILE =
            Path.of(System.getProperty("java.io.tmpdir"), "tidemark-court-" + System.getProperty("user.name"));

    /** Given back when the class is over, or its process. */
    private record Turn(FileChannel file) implements AutoCloseable {
        static Turn await() {
            try {
                FileChannel file = FileChannel.open(FILE, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                file.lock();
                return new Turn(file);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot wait for a turn by " + FILE, e);
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /** No limit of a test counts what it waits here. */
    @Override
    public void beforeAll(ExtensionContext context) {
        context.getStore(OURS).getOrComputeIfAbsent(Turn.class, absent -> Turn.await(), Turn.class);
    }
}
