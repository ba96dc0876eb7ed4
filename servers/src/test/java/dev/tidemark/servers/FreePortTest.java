package dev.tidemark.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

class FreePortTest {
    @Test
    void isFreeAndNeverTheSameTwice() throws IOException {
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            int port = FreePort.next();

            assertThat(seen.add(port)).as("port %d for the first time", port).isTrue();
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(FreePort.loopback(), port));
            }
        }
    }

    @Test
    void aPortThatIsKeptForAServerIsHandedOutToNobody() {
        int port;
        do {
            port = ThreadLocalRandom.current().nextInt(50_000, 60_000);
        } while (!FreePort.isFree(port));

        FreePort.keep(port);

        assertThat(FreePort.preferring(port)).isNotEqualTo(port);
    }

    /** A server of it may be on its way to that port for seconds, or have been killed and come back. */
    @Test
    void aPortThatAnotherProcessWasGivenIsNotHandedOut() throws Exception {
        Process other = new ProcessBuilder(
                        Executables.java().toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        PortOnce.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            int port =
                    Integer.parseInt(other.inputReader(StandardCharsets.UTF_8).readLine());
            assertThat(FreePort.isFree(port)).isTrue();
            assertThat(FreePort.preferring(port)).isNotEqualTo(port);
        } finally {
            other.destroyForcibly();
        }
    }
}
