package dev.tidemark.restorer.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value.Opaque;
import dev.tidemark.servers.MatrixServer;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A real server dumps a vector set that it restored in another order. */
class VectorSetTest {
    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void isEqualAfterARestoreAndNotWithAnotherVector(MatrixServer server) {
        assumeTrue(server.isHere(), server::whyNot);
        try (RedisServer redis = RedisServer.start(server.options());
                RedisClient client = RedisClient.create(redis.uri().toString());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            RedisCommands<String, String> commands = connection.sync();
            assumeTrue(commands.commandInfo("VADD").get(0) != null, () -> server + " has no vector sets");
            for (int i = 0; i < 20; i++) {
                commands.vadd("set", "element " + i, i / 3.0, -1.0, i * 7.0);
            }
            Bytes dump = Bytes.wrap(commands.dump("set"));
            commands.restore("restored", 0, dump.array());
            Bytes restored = Bytes.wrap(commands.dump("restored"));

            assertThat(restored).isNotEqualTo(dump);
            assertThat(DumpPayload.comparable("vectorset", restored))
                    .isEqualTo(DumpPayload.comparable("vectorset", dump));
            assertThat(sameness(dump, restored)).isEqualTo(Sameness.SAME);
            commands.vadd("restored", "element 3", 5.0, 5.0, 5.0);
            Bytes changed = Bytes.wrap(commands.dump("restored"));
            assertThat(DumpPayload.comparable("vectorset", changed))
                    .isNotEqualTo(DumpPayload.comparable("vectorset", dump));
            assertThat(sameness(dump, changed)).isEqualTo(Sameness.DIFFERENT);
        }
    }

    private static Sameness sameness(Bytes one, Bytes other) {
        return Sameness.of(new Opaque("vectorset", one), new Opaque("vectorset", other), 0);
    }
}
