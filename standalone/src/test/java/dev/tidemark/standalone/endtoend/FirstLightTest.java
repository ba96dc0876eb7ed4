package dev.tidemark.standalone.endtoend;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.oracle.Oracle;
import dev.tidemark.oracle.judge.Operation;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.MatrixServer;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.RedisServers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A change made in a real Redis comes back from S3 at a chosen moment, whatever dies on the way. */
@ExtendWith(OneCourtAtATime.class)
class FirstLightTest {
    /** What differs from one server to another; the rest is shown on the machine's own. */
    private static final List<Disaster> ON_OTHER_SERVERS =
            List.of(Disaster.NOTHING, Disaster.REDIS_PAUSED, Disaster.CAPTURE_PAUSED, Disaster.REDIS_RESTARTED_EMPTY);

    private static final int SHARDS = 2;
    private static final int RESTORES_IN_THE_END = 4;

    /** Kept when the test fails: configuration and logs of every process. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_120L));

    static Stream<Arguments> servers() {
        List<MatrixServer> all = RedisServers.matrix().toList();
        return all.stream()
                .map(server -> Arguments.of(
                        server, server.equals(all.get(0)) ? List.of(Disaster.values()) : ON_OTHER_SERVERS));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("servers")
    void whatRedisHeldComesBackAtAnyMomentWhateverDies(MatrixServer server, List<Disaster> disasters) {
        assumeTrue(server.isHere(), server::whyNot);
        try (RedisServer redis = RedisServer.start(server.options());
                Ground ground = Ground.start();
                Deployment deployment = Deployment.start(
                        directory, ground, SourceSettings.of("e2e", SHARDS), RedisSettings.at(redis.uri()));
                Oracle oracle = Oracle.open(redis.uri(), Pace.seeded(random.nextLong()));
                Court court = Court.convene(deployment, oracle, server.options(), random)) {

            int rounds = Integer.getInteger("tidemark.rounds", disasters.size());
            for (int round = 0; round < rounds; round++) {
                Disaster disaster = disasters.get(round % disasters.size());
                court.under(disaster.name(), disaster.most(), () -> disaster.strike(deployment, redis, oracle, random));
            }

            Set<Operation> operations = new HashSet<>(oracle.onlyHere());
            if (disasters.size() == Disaster.values().length) {
                operations.addAll(Operation.observed());
            }
            court.judgeOnUntilChecked(operations);

            Instant last = oracle.now();
            deployment.awaitArchived(last);
            oracle.stop();
            deployment.capture.kill();
            deployment.compactor.kill();
            ground.kafka().close();
            redis.kill();
            for (int i = 0; i < RESTORES_IN_THE_END; i++) {
                court.judge(Oracle.randomInstant(random, court.from(), last), false, "the end of all but S3");
            }

            court.adjourn().requireAll(operations);
        }
    }
}
