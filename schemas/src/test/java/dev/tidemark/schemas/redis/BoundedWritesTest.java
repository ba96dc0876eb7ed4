package dev.tidemark.schemas.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BoundedWritesTest {
    private static final Duration LIMIT = Duration.ofSeconds(1);
    /** Long enough for a reader who is kept waiting by a busy machine, and shorter than what it takes for it all. */
    private static final Duration LONGER = Duration.ofSeconds(2);

    @Test
    void aPeerThatTakesNothingIsGivenUp() throws IOException {
        try (ServerSocket door = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket socket = new Socket(door.getInetAddress(), door.getLocalPort());
                Socket silent = door.accept();
                OutputStream out = new BoundedWrites(socket, socket.getOutputStream(), LIMIT)) {
            assertThat(silent.isConnected()).isTrue();

            assertThatThrownBy(() -> out.write(new byte[64 << 20]))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessage("it has taken nothing for 1 s");
            assertThat(socket.isClosed()).isTrue();
        }
    }

    @Test
    void aPeerThatTakesALittleNowAndThenIsNot() throws Exception {
        try (ServerSocket door = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket socket = new Socket(door.getInetAddress(), door.getLocalPort());
                Socket slow = door.accept();
                OutputStream out = new BoundedWrites(socket, socket.getOutputStream(), LONGER)) {
            Thread reader = new Thread(() -> readSlowly(slow));
            reader.start();

            for (int i = 0; i < 24; i++) {
                out.write(new byte[1 << 20]);
            }

            socket.shutdownOutput();
            reader.join();
        }
    }

    /** Four seconds for it all. */
    private static void readSlowly(Socket slow) {
        try (InputStream in = slow.getInputStream()) {
            while (in.readNBytes(1 << 20).length > 0) {
                Thread.sleep(160);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
