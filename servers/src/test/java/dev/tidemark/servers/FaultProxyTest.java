package dev.tidemark.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration IMPATIENCE = Duration.ofMillis(700);

    private static RedisServer redis;
    private FaultProxy proxy;

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void startProxy() {
        proxy = FaultProxy.before(redis);
    }

    @AfterEach
    void stopProxy() {
        proxy.close();
        assertThat(proxy.connections()).isZero();
    }

    @Test
    void passesEverythingOnUnchanged() throws IOException {
        String big = "0123456789abcdef".repeat(60_000);
        try (RedisControl control = RedisControl.open(proxy.port(), PATIENCE)) {
            control.call("SET", "big", big);

            assertThat(control.call("GET", "big")).isEqualTo(big);
            assertThat(control.call("INFO", "server")).contains("process_id:" + redis.pid());
        }
        Await.until(PATIENCE, () -> proxy.connections() == 0, "the closed connection is gone from the proxy");
        assertThat(proxy.accepted()).isEqualTo(1);
    }

    @Test
    void latencyCountsInBothDirections() throws IOException {
        Duration oneWay = Duration.ofMillis(150);
        try (RedisControl control = RedisControl.open(proxy.port(), PATIENCE)) {
            control.call("PING");
            proxy.latency(oneWay);

            assertThat(timeOf(() -> control.call("PING"))).isGreaterThanOrEqualTo(oneWay.multipliedBy(2));

            proxy.latency(Duration.ZERO);
            Await.until(
                    PATIENCE,
                    () -> timeOf(() -> control.call("PING")).compareTo(oneWay) < 0,
                    "a round trip is fast without latency");
        }
    }

    @Test
    void latencyDelaysAStreamOnceAndDoesNotSlowItDown() throws IOException {
        String value = "v".repeat(900_000);
        try (RedisControl control = RedisControl.open(proxy.port(), PATIENCE)) {
            control.call("SET", "stream", value);
            proxy.latency(Duration.ofMillis(100));

            // More than fifty chunks: one after the other they would take over five seconds.
            assertThat(timeOf(() -> control.call("GET", "stream")))
                    .isBetween(Duration.ofMillis(200), Duration.ofSeconds(4));
        }
    }

    @Test
    void bandwidthBoundsAllConnectionsTogether() throws IOException {
        String value = "v".repeat(200_000);
        try (RedisControl first = RedisControl.open(proxy.port(), PATIENCE);
                RedisControl second = RedisControl.open(proxy.port(), PATIENCE)) {
            first.call("SET", "wide", value);
            proxy.bandwidth(400_000);

            Duration time = timeOf(() -> {
                first.call("GET", "wide");
                second.call("GET", "wide");
            });

            // 400 kB at 400 kB/s, less the chunks that go ahead.
            assertThat(time).isGreaterThan(Duration.ofMillis(800));
            proxy.unlimitedBandwidth();
            Await.until(
                    PATIENCE,
                    () -> timeOf(() -> first.call("GET", "wide")).compareTo(Duration.ofMillis(400)) < 0,
                    "200 kB are fast on the unlimited line");
        }
    }

    @Test
    void oneConnectionFallsSilentAndTheOthersGoOn() throws IOException {
        try (RedisControl silenced = RedisControl.open(proxy.port(), PATIENCE);
                RedisControl other = RedisControl.open(proxy.port(), PATIENCE)) {
            String port = silenced.call("CLIENT", "INFO").replaceAll("(?s).* addr=[^ ]*:(\\d+) .*", "$1");

            proxy.silence(Integer.parseInt(port));
            silenced.limit(IMPATIENCE);

            assertThatThrownBy(() -> silenced.call("PING")).isInstanceOf(IOException.class);
            assertThat(other.call("PING")).isEqualTo("PONG");
        }
        Await.until(PATIENCE, () -> proxy.connections() == 0, "the server hears that the silent client has gone");
    }

    @Test
    void aCutEndsConnectionsAndNewOnesAreServed() throws IOException {
        try (RedisControl before = RedisControl.open(proxy.port(), PATIENCE)) {
            before.call("PING");

            proxy.cut();

            assertThatThrownBy(() -> before.call("PING")).isInstanceOf(IOException.class);
            assertThat(proxy.connections()).isZero();
        }
        try (RedisControl after = RedisControl.open(proxy.port(), PATIENCE)) {
            assertThat(after.call("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void aRefusalLeavesConnectionsThatExist() throws IOException {
        try (RedisControl before = RedisControl.open(proxy.port(), PATIENCE)) {
            before.call("PING");

            proxy.refuse();

            assertThatThrownBy(() -> RedisControl.open(proxy.port(), PATIENCE)).isInstanceOf(ConnectException.class);
            assertThat(before.call("PING")).isEqualTo("PONG");

            proxy.accept();
            try (RedisControl after = RedisControl.open(proxy.port(), PATIENCE)) {
                assertThat(after.call("PING")).isEqualTo("PONG");
            }
        }
    }

    /** Each of them has every socket of ours for the moment before it becomes another program. */
    @Test
    void aRefusalHoldsWhileProcessesAreStarted() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        Thread starting = new Thread(() -> {
            while (!enough.get()) {
                try {
                    new ProcessBuilder("true").start().waitFor();
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        starting.start();
        try {
            for (int i = 0; i < 100; i++) {
                proxy.refuse();
                assertThatThrownBy(() -> RedisControl.open(proxy.port(), PATIENCE))
                        .as("refusal " + i)
                        .isInstanceOf(ConnectException.class);
                proxy.accept();
            }
        } finally {
            enough.set(true);
            starting.join();
        }
    }

    @Test
    void aBlackHoleHoldsEverythingUntilItHeals() throws IOException {
        try (RedisControl before = RedisControl.open(proxy.port(), PATIENCE)) {
            before.call("SET", "hole", "0");
            proxy.blackHole();
            before.limit(IMPATIENCE);

            assertThatThrownBy(() -> before.call("INCR", "hole")).isInstanceOf(SocketTimeoutException.class);
            assertThatThrownBy(() -> pingAnew(IMPATIENCE)).isInstanceOf(SocketTimeoutException.class);
            assertThat(direct("GET", "hole")).isEqualTo("0");
            assertThat(proxy.connections()).isGreaterThanOrEqualTo(1);

            proxy.heal();
            Await.until(PATIENCE, () -> direct("GET", "hole").equals("1"), "what was sent into the hole arrives");
            assertThat(pingAnew(PATIENCE)).isEqualTo("PONG");
        }
    }

    @Test
    void aCutReachesIntoABlackHole() throws IOException {
        try (RedisControl before = RedisControl.open(proxy.port(), PATIENCE)) {
            before.call("PING");
            proxy.blackHole();
            proxy.cut();

            assertThatThrownBy(() -> before.call("PING")).isInstanceOf(IOException.class);
            assertThat(proxy.connections()).isZero();
        }
    }

    @Test
    void aDeadServerBehindItIsSeenAsAHangUp() throws IOException {
        try (FaultProxy beforeNobody = FaultProxy.before("127.0.0.1", FreePort.next());
                Socket client = new Socket()) {
            client.connect(new InetSocketAddress(FreePort.loopback(), beforeNobody.port()), (int) PATIENCE.toMillis());
            client.setSoTimeout((int) PATIENCE.toMillis());

            assertThat(isHungUp(client)).isTrue();
        }
    }

    private static boolean isHungUp(Socket client) throws IOException {
        try {
            return client.getInputStream().read() < 0;
        } catch (SocketTimeoutException stillThere) {
            throw stillThere;
        } catch (IOException reset) {
            return true;
        }
    }

    private String pingAnew(Duration patience) throws IOException {
        try (RedisControl control = RedisControl.open(proxy.port(), patience)) {
            return control.call("PING");
        }
    }

    private static String direct(String... command) {
        try (RedisControl control = RedisControl.open(redis.port(), PATIENCE)) {
            return control.call(command);
        } catch (IOException e) {
            throw new AssertionError("redis itself is well", e);
        }
    }

    private static Duration timeOf(Work work) {
        long start = System.nanoTime();
        try {
            work.run();
        } catch (IOException e) {
            throw new AssertionError("the work fails", e);
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private interface Work {
        void run() throws IOException;
    }
}
