package dev.tidemark.restorer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Before a Redis: a command of that name is carried out, its answer is lost, and the connection with it. */
final class ForgetfulRelay implements AutoCloseable {
    private static final Duration CARRIED_OUT = Duration.ofMillis(500);

    private final ServerSocket door;
    private final int port;
    private final String command;

    private ForgetfulRelay(ServerSocket door, int port, String command) {
        this.door = door;
        this.port = port;
        this.command = command;
    }

    static ForgetfulRelay before(int port, String command) throws IOException {
        ForgetfulRelay relay =
                new ForgetfulRelay(new ServerSocket(0, 10, InetAddress.getLoopbackAddress()), port, command);
        start(relay::accept);
        return relay;
    }

    URI uri() {
        return URI.create("redis://127.0.0.1:" + door.getLocalPort());
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket asking = door.accept();
                start(new Connection(asking, new Socket(InetAddress.getLoopbackAddress(), port))::ask);
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private final class Connection {
        private final Socket asking;
        private final Socket redis;
        private volatile boolean isMuted;

        Connection(Socket asking, Socket redis) {
            this.asking = asking;
            this.redis = redis;
            start(this::answer);
        }

        void ask() {
            byte[] bytes = new byte[64 << 10];
            try (asking;
                    redis) {
                for (int n = asking.getInputStream().read(bytes);
                        n > 0;
                        n = asking.getInputStream().read(bytes)) {
                    isMuted |= new String(bytes, 0, n, StandardCharsets.ISO_8859_1).contains(command);
                    redis.getOutputStream().write(bytes, 0, n);
                    if (isMuted) {
                        Thread.sleep(CARRIED_OUT.toMillis());
                        return;
                    }
                }
            } catch (IOException gone) {
                // Whoever asked.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void answer() {
            byte[] bytes = new byte[64 << 10];
            try {
                for (int n = redis.getInputStream().read(bytes);
                        n > 0;
                        n = redis.getInputStream().read(bytes)) {
                    if (!isMuted) {
                        asking.getOutputStream().write(bytes, 0, n);
                    }
                }
            } catch (IOException gone) {
                // One of both.
            }
        }
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
