package dev.tidemark.restorer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Passes bytes on, and gives the same bytes to a reader of its own thread, at most a MiB behind. */
final class ReadBack extends OutputStream {
    private static final int BEHIND_BYTES_MAX = 1 << 20;

    private final OutputStream out;
    private final PipedInputStream in = new PipedInputStream(BEHIND_BYTES_MAX);
    private final PipedOutputStream copy = new PipedOutputStream(in);
    private final ExecutorService thread = Executors.newSingleThreadExecutor(work -> {
        Thread reader = new Thread(work, "read-back");
        reader.setDaemon(true);
        return reader;
    });
    private Future<?> reading;

    /** Reads to the end. */
    interface Reader<T> {
        T read(InputStream in) throws IOException;
    }

    ReadBack(OutputStream out) throws IOException {
        this.out = out;
    }

    /** Must be called before more than a MiB is written. */
    <T> void begin(Reader<T> reader) {
        reading = thread.submit(() -> reader.read(in));
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        out.write(bytes, from, length);
        try {
            copy.write(bytes, from, length);
        } catch (IOException closedByTheReader) {
            throw because(closedByTheReader);
        }
    }

    /** Waits for the reader, and gives what it made of it. */
    Object end() throws IOException, InterruptedException {
        copy.close();
        try {
            return reading.get();
        } catch (ExecutionException e) {
            throw because(new IOException(e.getCause()));
        }
    }

    /** What the reader stumbled over says more than that it is gone. */
    private IOException because(IOException symptom) {
        if (reading != null && reading.isDone()) {
            try {
                reading.get();
            } catch (ExecutionException e) {
                return new IOException("it cannot be read back: " + e.getCause().getMessage(), e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return symptom;
    }

    @Override
    public void close() throws IOException {
        thread.shutdownNow();
        in.close();
    }
}
