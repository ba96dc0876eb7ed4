package dev.tidemark.bench;

import dev.tidemark.servers.RedisServer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A socket to Redis and nothing else: commands go out as bytes, replies are counted as they come in and not looked at.
 * No client can be faster, which is why it is the limit.
 */
final class PlainRedis implements AutoCloseable {
    private static final Duration SILENCE_MAX = Duration.ofSeconds(60);
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final byte[] PING = ascii("PING\r\n");
    private static final String PONG = "+PONG\r\n";

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] buffer = new byte[256 << 10];
    private final ExecutorService sender = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "plain-redis-send");
        thread.setDaemon(true);
        return thread;
    });

    PlainRedis(RedisServer server) {
        try {
            socket = new Socket(InetAddress.getByAddress(LOOPBACK), server.port());
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) SILENCE_MAX.toMillis());
            in = socket.getInputStream();
            out = socket.getOutputStream();
        } catch (IOException e) {
            throw new UncheckedIOException("no connection to Redis on port " + server.port(), e);
        }
    }

    /**
     * Sends all commands and takes all replies, both at once. Replies of any other length than expected are an error: then
     * the commands did not do what was measured.
     */
    void exchange(byte[] commands, long replyBytes) {
        try {
            Future<?> sending = sender.submit(() -> send(commands));
            long left = replyBytes;
            while (left > 0) {
                int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (read < 0) {
                    throw new EOFException("Redis hung up with %d of %d bytes to come".formatted(left, replyBytes));
                }
                left -= read;
            }
            sending.get();
            requireNothingElse();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the commands could not be sent", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted between a command and its reply", e);
        }
    }

    private void send(byte[] commands) {
        try {
            out.write(commands);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void requireNothingElse() throws IOException {
        out.write(PING);
        String next = new String(in.readNBytes(PONG.length()), StandardCharsets.US_ASCII);
        if (!next.equals(PONG)) {
            throw new IllegalStateException("Redis replied with other lengths than expected; then came '" + next.strip()
                    + "', so what was measured is not what was meant");
        }
    }

    /** Redis's own clock. */
    long timeMicros() {
        try {
            out.write(ascii("TIME\r\n"));
            requireLine("*2");
            return bulkNumber() * 1_000_000 + bulkNumber();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long bulkNumber() throws IOException {
        String head = line();
        if (!head.startsWith("$")) {
            throw new IllegalStateException("not a time: " + head);
        }
        return Long.parseLong(line());
    }

    private void requireLine(String expected) throws IOException {
        String found = line();
        if (!found.equals(expected)) {
            throw new IllegalStateException("Redis said '%s' where '%s' was due".formatted(found, expected));
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("Redis hung up");
            }
            line.append((char) next);
        }
        return line.toString().strip();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        sender.shutdownNow();
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
