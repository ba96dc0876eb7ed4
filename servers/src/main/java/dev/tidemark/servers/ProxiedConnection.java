package dev.tidemark.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One client's connection through a {@link FaultProxy}, and ours to the server.
 *
 * <p>Each direction has a reader and a writer with a bounded queue of chunks between them, so that latency delays bytes
 * without slowing them down. When the queue is full the reader stops, and the sender feels it as it would on a network.
 */
final class ProxiedConnection {
    private static final int CHUNK_BYTES_MAX = 16 * 1024;
    private static final int CHUNKS_MAX = 64;
    private static final int CONNECT_MILLIS_MAX = 5_000;
    private static final long OFFER_MILLIS = 100;

    private final Socket client;
    private final Socket server = new Socket();
    private final Link up;
    private final Link down;
    private final Consumer<ProxiedConnection> whenClosed;
    private final CountDownLatch directionsLeft = new CountDownLatch(2);
    private volatile boolean cut;
    private volatile boolean silent;

    ProxiedConnection(Socket client, Link up, Link down, Consumer<ProxiedConnection> whenClosed) {
        this.client = client;
        this.up = up;
        this.down = down;
        this.whenClosed = whenClosed;
    }

    void start(String name, InetSocketAddress target) {
        thread(name + "-connect", () -> connect(name, target));
    }

    /** Both ends see a reset, not an orderly end. */
    void cut() {
        cut = true;
        reset(client);
        reset(server);
        up.wake();
        down.wake();
        whenClosed.accept(this);
    }

    int portTowardsServer() {
        return server.getLocalPort();
    }

    /** Nothing passes any more. */
    void silence() {
        silent = true;
    }

    private void connect(String name, InetSocketAddress target) {
        try {
            // Into a black hole no connection is made: the client has one with us, the server knows of nothing.
            up.awaitThrough(() -> cut);
            server.setTcpNoDelay(true);
            client.setTcpNoDelay(true);
            server.connect(target, CONNECT_MILLIS_MAX);
            new Direction(client, server, up).start(name + "-up");
            new Direction(server, client, down).start(name + "-down");
            directionsLeft.await();
            client.close();
            server.close();
            whenClosed.accept(this);
        } catch (IOException | InterruptedException e) {
            cut();
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException alreadyClosed) {
            // It is what we want.
        }
        try {
            socket.close();
        } catch (IOException e) {
            throw new ServerFailure("a socket cannot be closed", e);
        }
    }

    private static void thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Bytes and when they came in; a negative length: the end of the stream. */
    private static final class Chunk {
        private final byte[] bytes = new byte[CHUNK_BYTES_MAX];
        private final int length;
        private final long sentNanos;

        Chunk(InputStream in) throws IOException {
            length = in.read(bytes);
            sentNanos = System.nanoTime();
        }

        boolean isEnd() {
            return length < 0;
        }
    }

    private final class Direction {
        private final Socket from;
        private final Socket to;
        private final Link link;
        private final BlockingQueue<Chunk> queue = new ArrayBlockingQueue<>(CHUNKS_MAX);
        private volatile boolean ended;

        Direction(Socket from, Socket to, Link link) {
            this.from = from;
            this.to = to;
            this.link = link;
        }

        void start(String name) {
            thread(name + "-read", this::read);
            thread(name + "-write", this::write);
        }

        private void read() {
            try {
                InputStream in = from.getInputStream();
                while (true) {
                    Chunk chunk = new Chunk(in);
                    enqueue(chunk);
                    if (chunk.isEnd()) {
                        if (silent) {
                            // It would wait in the queue for ever.
                            cut();
                        }
                        return;
                    }
                }
            } catch (IOException | InterruptedException e) {
                cut();
            }
        }

        private void enqueue(Chunk chunk) throws InterruptedException {
            while (!queue.offer(chunk, OFFER_MILLIS, TimeUnit.MILLISECONDS)) {
                if (cut || ended) {
                    return;
                }
            }
        }

        private void awaitVoice() throws InterruptedException {
            while (silent && !cut) {
                TimeUnit.MILLISECONDS.sleep(OFFER_MILLIS);
            }
        }

        private void write() {
            try {
                OutputStream out = to.getOutputStream();
                while (!cut) {
                    Chunk chunk = queue.poll(OFFER_MILLIS, TimeUnit.MILLISECONDS);
                    if (chunk == null) {
                        continue;
                    }
                    awaitVoice();
                    link.carry(Math.max(chunk.length, 0), chunk.sentNanos, () -> cut);
                    if (chunk.isEnd()) {
                        to.shutdownOutput();
                        return;
                    }
                    out.write(chunk.bytes, 0, chunk.length);
                }
            } catch (IOException | InterruptedException e) {
                cut();
            } finally {
                ended = true;
                directionsLeft.countDown();
            }
        }
    }
}
