package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.drill.DrillReport;
import dev.tidemark.restorer.verify.VerifyReport;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisCluster;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Into servers that speak TLS alone, by certificates of an authority that the JDK does not know. */
@TestInstance(Lifecycle.PER_CLASS)
class TlsTargetTest {
    private static final String PASSWORD = "correct-horse";
    private static final RedisServer.Options SERVER =
            RedisServer.Options.defaults().withTls().withPassword(PASSWORD);
    private static final int HASHES = 60;
    private static final String EMBEDDING = "text_embedding";
    /** Of its own connection, in many pieces. */
    private static final byte[] LARGE = RedisContent.bytes("a large string ".repeat(100_000));

    private S3Endpoint s3;
    private Settings settings;

    @BeforeAll
    void backUp() throws IOException {
        s3 = S3Endpoint.start();
        Settings any = RestoreTest.settings(s3, "small", 1);
        settings = Settings.of(SourceSettings.of("small", 1), any.redis(), any.kafka(), any.s3());
        try (Archive archive = Archive.open(settings.s3(), "small")) {
            SmallSource source = new SmallSource(archive);
            for (int i = 0; i < HASHES; i++) {
                source.put("chunk:" + i, new Value.Hash(List.of(new Value.Field(Bytes.utf8(EMBEDDING), embedding(i)))));
            }
            source.put("large", source.blob("string", LARGE));
            source.archive();
        }
    }

    @AfterAll
    void stop() {
        s3.close();
    }

    @Test
    void aServerIsFilledAndLookedAt() {
        try (RedisServer server = RedisServer.start(SERVER)) {
            requireFilledAndSame(target(server).trusting(server.caFile()));
        }
    }

    @Test
    void aClusterIsFilledAndLookedAt() {
        try (RedisCluster cluster =
                RedisCluster.start(RedisCluster.Options.defaults().withNodes(SERVER))) {
            RedisServer entry = cluster.nodes().get(0);

            requireFilledAndSame(target(entry).trusting(entry.caFile()));
        }
    }

    @Test
    void aDrillSearchesSuchASource() {
        try (RedisServer server = RedisServer.start(SERVER);
                RedisServer scratch = RedisServer.start()) {
            restore(target(server).trusting(server.caFile()));
            RedisSettings source = RedisSettings.at(server.uri())
                    .as("default", Secret.of(PASSWORD))
                    .trusting(server.caFile());

            try (Lookout lookout = Lookout.open(settings.with(source), Clock.systemUTC())) {
                DrillReport drill = lookout.drill(
                        RestoreTarget.at(scratch.uri()),
                        new DrillOptions(Optional.empty(), EMBEDDING, false),
                        new Random(1),
                        RestoreListener.silent());
                assertThat(drill.passed()).as(drill.toString()).isTrue();
                assertThat(drill.searchesLeftOut()).isEmpty();
                assertThat(drill.searches()).isNotEmpty();
            }
        }
    }

    @Test
    void whoseAuthorityIsNotKnownIsToldHowToNameIt() {
        try (RedisServer server = RedisServer.start(SERVER)) {
            assertThatThrownBy(() -> restore(target(server)))
                    .isInstanceOfSatisfying(TidemarkError.class, error -> assertThat(error.code())
                            .isEqualTo(ExitCode.UNREACHABLE))
                    .hasMessageContaining("--target-ca-file");
        }
    }

    /** A restore sends its snapshot without TLS, so whoever follows must come without. */
    @Test
    void aReplicaThatComesInTlsIsToldHowToComeWithout() {
        try (RedisServer server = RedisServer.start(SERVER);
                Restorer restorer = Restorer.open(settings)) {
            RestoreTarget target = target(server).trusting(server.caFile());
            ReplicationPort port = new ReplicationPort(
                    "127.0.0.1",
                    FreePort.next(),
                    Optional.of(Secret.of(PASSWORD)),
                    Optional.of(target),
                    Optional.empty(),
                    Optional.empty());
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            RestoreRun run = restorer.run(plan, RestoreOptions.careful(), RestoreListener.silent());

            assertThatThrownBy(() -> new ReplicaRestoration(run, port, Duration.ofSeconds(4)).run())
                    .isInstanceOfSatisfying(TidemarkError.class, error -> assertThat(error.code())
                            .isEqualTo(ExitCode.TARGET_REFUSED))
                    .hasMessageContaining("CONFIG SET tls-replication no");

            try (TargetRedis redis = TargetRedis.open(target, Duration.ofSeconds(30), "")) {
                assertThat(redis.info("replication", "")).containsEntry("role", "master");
                redis.ask(asked -> asked.configSet("tls-replication", "no"), "");
            }
            assertThat(restorer.restore(plan, port, RestoreOptions.careful(), RestoreListener.silent())
                            .isProven())
                    .isTrue();
        }
    }

    private static Bytes embedding(int number) {
        return Bytes.wrap(ByteBuffer.allocate(2 * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(1)
                .putFloat(number)
                .array());
    }

    private void requireFilledAndSame(RestoreTarget target) {
        RestoreReport restored = restore(target);

        assertThat(restored.isProven()).as(restored.toString()).isTrue();
        assertThat(restored.keysWritten()).isEqualTo(HASHES + 1);
        try (Lookout lookout = Lookout.open(settings, Clock.systemUTC())) {
            VerifyReport same =
                    lookout.verify(lookout.plan(Optional.empty(), false), target, 5, RestoreListener.silent());
            assertThat(same.isSame()).as(same.toString()).isTrue();
            assertThat(same.keysSame()).isEqualTo(HASHES + 1);
        }
    }

    private RestoreReport restore(RestoreTarget target) {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.restore(
                    restorer.plan(Optional.empty(), false), target, RestoreOptions.careful(), RestoreListener.silent());
        }
    }

    private static RestoreTarget target(RedisServer server) {
        return RestoreTarget.at(server.uri()).withPassword(Secret.of(PASSWORD));
    }
}
