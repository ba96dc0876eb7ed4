package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TargetRedisTest {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);

    /** As when the client hears of its own closing first. */
    @Test
    void anAnswerToALoginThatIsLostIsAskedForOnceMore() throws IOException {
        try (RedisServer target = RedisServer.start();
                ServerSocket door = new ServerSocket(0, 2, InetAddress.getLoopbackAddress())) {
            RestoreTarget wrong = RestoreTarget.at(URI.create("redis://nobody:wrong@127.0.0.1:" + door.getLocalPort()));
            CompletableFuture<Void> relay = CompletableFuture.runAsync(() -> relayAllButTheFirst(door, target.port()));

            assertThatThrownBy(() -> TargetRedis.open(wrong, ANSWER_LIMIT, "").close())
                    .isInstanceOfSatisfying(TidemarkError.class, refused -> assertThat(refused.code())
                            .isEqualTo(ExitCode.UNREACHABLE))
                    .hasMessageContaining("WRONGPASS")
                    .hasMessageContaining("--target-password-file");
            relay.join();
        }
    }

    @Test
    void whoIsInterruptedLearnsWhatBecameOfItsCommand() {
        try (RedisServer server = RedisServer.start();
                TargetRedis target = TargetRedis.open(RestoreTarget.at(server.uri()), ANSWER_LIMIT, "")) {
            byte[] key = {1};
            Thread.currentThread().interrupt();

            boolean isNew = target.ask(redis -> redis.hsetnx(key, key, key), "");

            assertThat(isNew).isTrue();
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aServerThatDoesNotAnswerIsGivenUp() {
        try (RedisServer server = RedisServer.start();
                TargetRedis target = TargetRedis.open(RestoreTarget.at(server.uri()), ANSWER_LIMIT, "")) {
            server.pause();

            assertThatThrownBy(
                            () -> target.askPatiently(RedisAsyncCommands::time, Duration.ofSeconds(1), "All is well"))
                    .isInstanceOfSatisfying(TidemarkError.class, refused -> assertThat(refused.code())
                            .isEqualTo(ExitCode.UNREACHABLE))
                    .hasMessageEndingWith("failed: no answer within 1 s. All is well");
        }
    }

    @Test
    void aServerThatTakesNobodyInIsGivenUp() {
        try (RedisServer server = RedisServer.start()) {
            server.pause();

            assertThatThrownBy(
                            () -> TargetRedis.open(RestoreTarget.at(server.uri()), Duration.ofSeconds(1), "All is well")
                                    .close())
                    .isInstanceOfSatisfying(TidemarkError.class, refused -> assertThat(refused.code())
                            .isEqualTo(ExitCode.UNREACHABLE))
                    .hasMessageEndingWith("Is it stopped, or cut off? All is well");
        }
    }

    private static void relayAllButTheFirst(ServerSocket door, int port) {
        try (Socket first = door.accept()) {
            assertThat(first.getInputStream().read()).as("it says something").isPositive();
            first.getInputStream().skipNBytes(first.getInputStream().available());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try (Socket second = door.accept();
                Socket redis = new Socket(InetAddress.getLoopbackAddress(), port)) {
            CompletableFuture<Void> there = CompletableFuture.runAsync(() -> pass(second, redis));
            pass(redis, second);
            there.join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void pass(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException closed) {
            // By the other side.
        }
    }
}
