package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.tidemark.schemas.checkup.Finding;
import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.checkup.Mend;
import dev.tidemark.schemas.checkup.Mend.Place;
import dev.tidemark.schemas.settings.JournalSettings;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which servers' journals are believed, and what the doctor says of those that are not. */
@ExtendWith(SharedKafka.class)
class JournalTrustTest {
    private static final String HUSH = "hunter2-correct-horse";

    private static RedisServer redis;
    private static RedisClient client;
    private static StatefulRedisConnection<byte[], byte[]> connection;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        client = RedisClient.create(redis.uri().toString());
        connection = client.connect(ByteArrayCodec.INSTANCE);
    }

    @AfterAll
    static void stop() {
        client.shutdown();
        redis.close();
    }

    @BeforeEach
    void asItShouldBe() {
        connection.sync().configSet("maxmemory-policy", "noeviction");
        connection.sync().aclDeluser("legacy", "tidemark");
    }

    @Test
    void aServerThatEvictsIsRefusedAndTheDoctorSaysWhatMendsIt() {
        connection.sync().configSet("maxmemory-policy", "allkeys-lru");

        assertThatThrownBy(() -> trust(false).require(connection))
                .hasMessageContaining("maxmemory-policy is allkeys-lru")
                .hasMessageContaining("Nothing is claimed");
        assertThat(finding("journal's memory").mend())
                .contains(Mend.in(Place.REDIS_CONF, "maxmemory-policy noeviction"));
    }

    @Test
    void aUserWhoCouldWritePastTheJournalIsRefusedByName() {
        redis.aclUser("legacy", HUSH, "~*", "+@all");

        assertThatThrownBy(() -> trust(false).require(connection))
                .hasMessageContaining("legacy may write captured keys");
        assertThatThrownBy(() -> trust(true).require(connection))
                .as("what is proven wrong is not accepted as unproven")
                .hasMessageContaining("legacy");
        assertThat(finding("journal's writers").mend())
                .contains(Mend.in(Place.TIDEMARK_YML, "source.journal.writers: [default, legacy]"));
    }

    @Test
    void aServerThatDoesNotShowItsUsersIsRefusedUnlessThatIsAccepted() {
        redis.aclUser("tidemark", HUSH, "~*", "+@all", "-acl");
        try (StatefulRedisConnection<byte[], byte[]> other =
                RedisClient.create(redis.uri("tidemark", HUSH).toString()).connect(ByteArrayCodec.INSTANCE)) {
            assertThatThrownBy(() -> trust(false).require(other)).hasMessageContaining("ACL LIST is refused");
            trust(true).require(other);
        }
    }

    /** Whoever waited for ever would never try again, and the node would never be watched. */
    @Test
    void aServerThatFallsSilentIsGivenUp() {
        RedisServer silent = RedisServer.start();
        try (FaultProxy proxy = FaultProxy.before(silent);
                RedisServers servers = new RedisServers(RedisSettings.at(proxy.uri("redis")), Clock.systemUTC())) {
            StatefulRedisConnection<byte[], byte[]> other =
                    servers.at(servers.configured().get(0)).commands(0);
            trust(false).require(other);

            proxy.blackHole();

            assertTimeoutPreemptively(CaptureFixture.SOON, () -> assertThatThrownBy(
                            () -> trust(false).require(other))
                    .hasMessageContaining("does not answer while its journal is looked at"));
        } finally {
            silent.close();
        }
    }

    /** The rights that are listed, no more, and a journal is captured. */
    @Test
    void withExactlyTheRightsThatAreListedAJournalIsCaptured(KafkaBroker kafka) {
        try (JournalFixture fixture = new JournalFixture(kafka)) {
            CaptureFixture capture = fixture.capture;
            SourceSettings source = capture.settings.source();
            RedisRights rights = new RedisRights(new CapturedKeys(source), 70_000, false, false);
            String line = rights.setUser("tidemark").replace("PASSWORD", HUSH);
            List<String> words = List.of(line.split(" ", -1));
            capture.redis.aclUser(
                    "tidemark", HUSH, words.subList(4, words.size()).toArray(String[]::new));
            capture.settings = capture.settings.with(capture.settings.redis().as("tidemark", Secret.of(HUSH)));

            assertThat(examine(capture.settings))
                    .filteredOn(each -> each.mend().isPresent())
                    .isEmpty();
            capture.startAndCover();
            capture.commands.xadd(JournalFixture.STREAM, "no", "key");
            fixture.set("k", "1");
            fixture.awaitClaimed();

            assertThat(CaptureFixture.present(capture.logged.statesBelowTidemarks()))
                    .containsExactly("k");
            assertThat(capture.commands.xlen(JournalSettings.asideOf(JournalFixture.STREAM)))
                    .isEqualTo(1);
            assertThat(capture.commands.xinfoGroups(JournalFixture.STREAM)).hasSize(1);
        }
    }

    private static JournalTrust trust(boolean acceptUnproven) {
        return new JournalTrust(source(acceptUnproven), "node", Optional.empty());
    }

    private static SourceSettings source(boolean acceptUnproven) {
        return SourceSettings.of("test", 1)
                .journaledIn(new JournalSettings(List.of("journal"), List.of("default"), acceptUnproven));
    }

    private static Finding finding(String check) {
        return examine(Settings.of(
                        source(false), RedisSettings.at(redis.uri()), KafkaSettings.defaults(), S3Settings.defaults()))
                .stream()
                .filter(each -> each.check().equals(check))
                .findFirst()
                .orElseThrow();
    }

    private static List<Finding> examine(Settings settings) {
        Findings findings = Findings.of("redis", "");
        CaptureCheckup.redis(settings, Clock.systemUTC(), findings);
        return findings.soFar();
    }
}
