package dev.tidemark.schemas.redis;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes to a socket that end. Java bounds the reads of one alone, and a peer that stands still while its kernel is awake takes nothing
 * for ever: so the socket is closed under a write that lasts too long.
 */
public final class BoundedWrites extends OutputStream {
    private static final long LOOKED_AT_MILLIS = 500;
    private static final long NONE = Long.MIN_VALUE;
    private static final Set<BoundedWrites> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Thread watchdog = new Thread(BoundedWrites::watch, "bounded-writes");
        watchdog.setDaemon(true);
        watchdog.start();
    }

    private final Socket socket;
    private final OutputStream out;
    private final Duration limit;
    private volatile long beganNanos = NONE;
    private volatile boolean isOverdue;

    /**
     * For one thread.
     *
     * @param socket that is closed; below TLS if there is any, whose own way to close waits for the write
     * @param out that leads to it
     * @param limit of each write
     */
    public BoundedWrites(Socket socket, OutputStream out, Duration limit) {
        this.socket = socket;
        this.out = out;
        this.limit = limit;
        OPEN.add(this);
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        long now = System.nanoTime();
        beganNanos = now == NONE ? now + 1 : now;
        try {
            out.write(bytes, from, length);
        } catch (IOException e) {
            if (!isOverdue) {
                throw e;
            }
            SocketTimeoutException timeout =
                    new SocketTimeoutException("it has taken nothing for %d s".formatted(limit.toSeconds()));
            timeout.initCause(e);
            throw timeout;
        } finally {
            beganNanos = NONE;
        }
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        OPEN.remove(this);
        socket.close();
    }

    private static void watch() {
        while (true) {
            try {
                Thread.sleep(LOOKED_AT_MILLIS);
            } catch (InterruptedException nobodyShould) {
                return;
            }
            long now = System.nanoTime();
            OPEN.forEach(each -> each.look(now));
        }
    }

    private void look(long now) {
        long began = beganNanos;
        if (socket.isClosed()) {
            OPEN.remove(this);
        } else if (began != NONE && now - began > limit.toNanos()) {
            isOverdue = true;
            try {
                close();
            } catch (IOException alreadyGone) {
                // So is the write.
            }
        }
    }
}
