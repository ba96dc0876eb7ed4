package dev.tidemark.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RedisServersTest {
    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void eachServerOfTheMatrixIsWhatItsNameSaysAndSurvivesARestart(MatrixServer server) {
        assumeTrue(server.isHere(), server::whyNot);

        try (RedisServer redis = RedisServer.start(server.options())) {
            assertThat(server.name()).matches("[a-z]+-" + majorAndMinor(redis) + "(\\..*)?");
            redis.call("SET", "k", "v");
            redis.restart(true);
            assertThat(redis.call("GET", "k")).isEqualTo("v");
            assertThat(redis.call("BGSAVE")).contains("started");
            if (server.name().startsWith("redis-8")) {
                assertThat(redis.call("VADD", "vectors", "VALUES", "3", "1", "0.5", "-2", "element"))
                        .isEqualTo("1");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void eachServerOfTheMatrixFollowsAndFormsAClusterAndSpeaksTls(MatrixServer server) {
        assumeTrue(server.isHere(), server::whyNot);
        RedisCluster.Options options = RedisCluster.Options.defaults()
                .withNodes(server.options().withTls())
                .withPrimaries(1)
                .withReplicasEach(1);

        try (RedisCluster cluster = RedisCluster.start(options)) {
            RedisServer primary = cluster.nodeOf(0);
            RedisServer replica = cluster.replicasOf(primary).get(0);
            primary.call("SET", "k", "v");
            replica.awaitInSync();
            assertThat(replica.call("DBSIZE")).isEqualTo("1");
        }
    }

    @Test
    void theMachinesOwnIsAlwaysAmongThem() {
        assertThat(RedisServers.matrix("")).singleElement().satisfies(own -> assertThat(own.name())
                .isEqualTo("own-" + own.binary().orElseThrow().version()));
    }

    @Test
    void aMissingServerIsThereToBeSkippedWithItsReason() {
        List<MatrixServer> matrix = RedisServers.matrix("redis-8.0=, valkey-8.1=" + own().path())
                .skip(1)
                .toList();

        assertThat(matrix).extracting(MatrixServer::toString).containsExactly("redis-8.0", "valkey-8.1");
        assertThat(matrix).extracting(MatrixServer::isHere).containsExactly(false, true);
        assertThat(matrix.get(0).whyNot()).contains("redis-8.0", "TIDEMARK_MATRIX");
        assertThatThrownBy(matrix.get(0)::options).hasMessageContaining("redis-8.0 is wanted");
    }

    @Test
    void whatIsNamedAndDoesNotRunIsAMistake() {
        Stream<MatrixServer> wrong = RedisServers.matrix("redis-8.0=" + Executables.java());
        Stream<MatrixServer> nonsense = RedisServers.matrix("redis");

        assertThatThrownBy(wrong::toList).hasMessageContaining("no redis-server that runs here");
        assertThatThrownBy(nonsense::toList).hasMessageContaining("write name=");
    }

    private static RedisBinary own() {
        return RedisServers.matrix("").findFirst().flatMap(MatrixServer::binary).orElseThrow();
    }

    private static String majorAndMinor(RedisServer redis) {
        return redis.binary().major() + "\\." + redis.binary().minor();
    }
}
