package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.oracle.Oracle;
import dev.tidemark.oracle.OracleOptions;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.MatrixServer;
import dev.tidemark.servers.RedisSentinels;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.standalone.endtoend.Court.Effect;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A primary that Sentinels watch over comes back, and what counts is the history of the one that is in force. */
@ExtendWith({OneCourtAtATime.class, SharedGround.class})
class SentinelSourceTest {
    private static final int SHARDS = 2;
    private static final int UNREPLICATED = 150;
    /** A busy machine is silent for longer than Sentinel's least: a failover that nobody planned would be no fault of ours. */
    private static final Duration DOWN_AFTER = Duration.ofSeconds(5);

    private static final Duration WITHIN = Duration.ofMinutes(2);

    /** Kept when the test fails: configuration and logs of every process. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_122L));
    private RedisSentinels sentinels;
    private Oracle oracle;
    private RedisServer writtenTo;

    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void whatThePrimaryInForceHeldComesBackThroughFailovers(MatrixServer server, Ground ground) {
        assumeTrue(server.isHere(), server::whyNot);
        try (RedisSentinels started = RedisSentinels.start(
                RedisSentinels.Options.defaults().withNodes(server.options()).withDownAfter(DOWN_AFTER))) {
            sentinels = started;
            try (Deployment deployment = Deployment.start(
                            directory,
                            ground,
                            SourceSettings.of("e2e-sentinel-" + server.name().replace('.', '-'), SHARDS),
                            redis());
                    Oracle opened = Oracle.open(sentinels.primary().uri(), oracleOptions());
                    Court court = Court.convene(deployment, opened, server.options(), random)) {
                oracle = opened;

                court.under("nothing", Effect.NONE, () -> oracle.awaitWrites(200, WITHIN));
                for (int round = 0; round < Integer.getInteger("tidemark.rounds", 1); round++) {
                    court.under("the primary killed", Effect.GAP, this::killThePrimary);
                    court.under("failover to a lagging replica", Effect.GAP, this::killThePrimaryAheadOfItsReplicas);
                    List<Instant> split = new ArrayList<>();
                    court.under("the primary isolated", Effect.GAP, () -> split.addAll(isolateThePrimary()));
                    split.forEach(at -> court.judge(at, true, "the primary isolated"));
                }

                court.adjourn();
            }
        }
    }

    private Optional<RedisServer> promoted(RedisServer old) {
        return sentinels.servers().stream()
                .filter(server -> !server.equals(old))
                .filter(SentinelSourceTest::isPrimary)
                .findFirst();
    }

    private static boolean isPrimary(RedisServer server) {
        RedisClient client = RedisClient.create(server.uri().toString());
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            return connection.sync().role().get(0).equals("master");
        } catch (RedisException notNow) {
            // Sentinels disconnect every client of whom they promote.
            return false;
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        }
    }

    private void follow(RedisServer primary) {
        oracle.moveTo(primary.uri());
        writtenTo = primary;
    }

    private void requireNoOtherFailover() {
        assertThat(sentinels.primary().port()).as("port of the primary").isEqualTo(writtenTo.port());
    }

    private RedisSettings redis() {
        List<String> addresses = sentinels.addresses();
        return RedisSettings.sentinel(
                URI.create("redis://" + addresses.get(0)),
                sentinels.masterName(),
                addresses.subList(1, addresses.size()));
    }

    private OracleOptions oracleOptions() {
        return Pace.seeded(random.nextLong()).withReplyTimeout(Duration.ofSeconds(2));
    }

    private void killThePrimary() {
        RedisServer lost = sentinels.primary();
        lost.kill();
        follow(sentinels.awaitNewPrimary(lost));
        lost.restart(true);
        sentinels.awaitReplica(lost);
        requireNoOtherFailover();
    }

    /** What it wrote since it was cut off from them is lost with it. */
    private void killThePrimaryAheadOfItsReplicas() {
        RedisServer ahead = sentinels.primary();
        sentinels.isolate(ahead);
        oracle.awaitWrites(UNREPLICATED, WITHIN);
        ahead.kill();
        follow(sentinels.awaitNewPrimary(ahead));
        sentinels.rejoin(ahead);
        ahead.restart(true);
        sentinels.awaitReplica(ahead);
        requireNoOtherFailover();
    }

    /** It answers its clients all along; what they write there after the failover is nobody's. */
    private List<Instant> isolateThePrimary() {
        RedisServer old = sentinels.primary();
        sentinels.isolate(old);
        // As the first client does who hears of it; the last one, and capture, hear it seconds later.
        follow(Await.value(WITHIN, () -> promoted(old), "a replica is promoted"));
        List<Instant> split = new ArrayList<>();
        for (int writes = 0; writes < 4; writes++) {
            oracle.awaitWrites(UNREPLICATED, WITHIN);
            split.add(oracle.now());
        }
        sentinels.awaitNewPrimary(old);
        sentinels.rejoin(old);
        sentinels.awaitReplica(old);
        requireNoOtherFailover();
        return split;
    }
}
