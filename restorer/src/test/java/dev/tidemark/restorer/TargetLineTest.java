package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.restorer.TargetLine.Command;
import dev.tidemark.schemas.redis.RedisRefused;
import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TargetLineTest {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);
    private static final int COMMANDS = 2_000;

    @Test
    void aRefusalIsOfItsCommandAlone() throws Exception {
        try (RedisServer server = RedisServer.start();
                TargetRedis target = TargetRedis.open(RestoreTarget.at(server.uri()), ANSWER_LIMIT, "");
                TargetLine line = new TargetLine(target, 3)) {
            List<Command> commands = new ArrayList<>();
            for (int i = 0; i < COMMANDS; i++) {
                commands.add(command("SET", "key:" + i, "value"));
                commands.add(command("LPUSH", "key:" + i, "value"));
                commands.add(command("DEL", "key:" + i));
                commands.add(command("RPUSH", "list", "value"));
                line.send(List.copyOf(commands.subList(4 * i, 4 * i + 4)));
            }

            for (int i = 0; i < COMMANDS; i++) {
                assertThat(answer(commands.get(4 * i))).isEqualTo("OK");
                assertThatThrownBy(commands.get(4 * i + 1).answer()::get)
                        .hasCauseInstanceOf(RedisRefused.class)
                        .hasMessageContaining("WRONGTYPE");
                assertThat(answer(commands.get(4 * i + 2))).isEqualTo("1");
                assertThat(answer(commands.get(4 * i + 3))).isEqualTo(Integer.toString(i + 1));
            }
            assertThat(target.keys("")).containsOnlyKeys(3);
        }
    }

    @Test
    void whoeverWaitsHearsThatTheServerIsGone() {
        try (RedisServer server = RedisServer.start();
                TargetRedis target = TargetRedis.open(RestoreTarget.at(server.uri()), ANSWER_LIMIT, "");
                TargetLine line = new TargetLine(target, 0)) {
            Command waiting = command("BLPOP", "nothing", "0");
            Command behindIt = command("SET", "key", "value");
            line.send(List.of(waiting));
            line.send(List.of(behindIt));

            server.kill();

            requireFailed(waiting);
            requireFailed(behindIt);
            Command later = command("SET", "key", "value");
            line.send(List.of(later));
            requireFailed(later);
        }
    }

    /** While it takes in a large value of somebody else, it says nothing, and idle lines have asked whether it is there. */
    @Test
    void aLineThatWaitsForWorkOutlivesAServerThatIsSilentForLong() throws Exception {
        Duration answerLimit = Duration.ofSeconds(2);
        try (RedisServer server = RedisServer.start();
                TargetRedis target = TargetRedis.open(RestoreTarget.at(server.uri()), answerLimit, "");
                TargetLine line = new TargetLine(target, 0)) {
            server.pause();
            Thread.sleep(5_000);
            server.resume();

            Command command = command("SET", "key", "value");
            line.send(List.of(command));

            assertThat(answer(command)).isEqualTo("OK");
        }
    }

    /** Much later it would be given up in any case. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLineThatIsClosedDoesNotWaitForAServerThatTakesNothing(boolean tls) throws InterruptedException {
        RedisServer.Options options = RedisServer.Options.defaults();
        try (RedisServer server = RedisServer.start(tls ? options.withTls() : options)) {
            RestoreTarget there = RestoreTarget.at(server.uri());
            Command large =
                    Command.of(List.of(RedisContent.bytes("SET"), RedisContent.bytes("key"), new byte[64 << 20]));
            try (TargetRedis target =
                    TargetRedis.open(tls ? there.trusting(server.caFile()) : there, ANSWER_LIMIT, "")) {
                try (TargetLine line = new TargetLine(target, 0)) {
                    server.pause();
                    line.send(List.of(large));
                    Thread.sleep(1_000);
                    assertThat(large.answer()).isNotDone();
                }
                requireFailed(large);
                server.resume();
            }
        }
    }

    private static Command command(String... words) {
        return Command.of(List.of(words).stream().map(RedisContent::bytes).toList());
    }

    private static String answer(Command command) throws Exception {
        return command.answer().get(ANSWER_LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private static void requireFailed(Command command) {
        assertThatThrownBy(() -> answer(command))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IOException.class)
                .cause()
                .isNotInstanceOf(RedisRefused.class);
    }
}
