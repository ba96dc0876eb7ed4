package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.oracle.Oracle;
import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisCluster;
import dev.tidemark.servers.RedisSentinel;
import dev.tidemark.servers.RedisSentinels;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.standalone.command.Terminal;
import dev.tidemark.standalone.endtoend.Court.Effect;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.sync.RedisAdvancedClusterCommands;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** From end to end as the user that the page about rights creates, by TLS, with every secret in a file. */
@ExtendWith({OneCourtAtATime.class, SharedGround.class})
class LeastRightsTest {
    private static final Path PAGE = Path.of("../docs/redis-rights.md");
    /** {@code ACL SETUSER tidemark on >PASSWORD} */
    private static final int WORDS_BEFORE_RULES = 5;
    /** On every node some. */
    private static final int KEYS = 60;

    private static final String USER = "tidemark";
    private static final String HUSH = "hunter2-correct-horse";
    private static final String SENTINELS_HUSH = "hunter3-battery-staple";
    private static final Duration WITHIN = Duration.ofMinutes(2);
    private static final List<String> TAKEN_BY_PROVIDERS = List.of(
            "CONFIG", "SYNC", "PSYNC", "REPLCONF", "BGSAVE", "SAVE", "DEBUG", "REPLICAOF", "SLAVEOF", "MIGRATE");

    /** Kept when the test fails: configuration and logs of every process. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_124L));

    @Test
    void theRightsThatThePageListsAreEnough(Ground ground) throws IOException {
        int plain = FreePort.next();
        try (RedisServer redis = RedisServer.start(tls(plain, List.of("notify-keyspace-events Kgxet")))) {
            redis.aclUser(USER, HUSH, rules(redis).toArray(String[]::new));

            String doctor = comesBack(ground, "e2e-rights", redis, plain);

            assertThat(doctor).contains(" 0 MISSING,").doesNotContain(HUSH);
        }
    }

    /** Signals are proven by the canary, not by CONFIG GET; a restore reads no snapshot. */
    @Test
    void aManagedServerIsCapturedWithoutTheCommandsThatItsProviderTakesAway(Ground ground) throws IOException {
        int plain = FreePort.next();
        List<String> config = new ArrayList<>(List.of("notify-keyspace-events Kgxet"));
        TAKEN_BY_PROVIDERS.forEach(command -> config.add("rename-command " + command + " \"\""));
        try (RedisServer redis = RedisServer.start(tls(plain, config))) {
            List<String> rules = rules(redis);
            rules.removeAll(List.of("+psync", "+replconf"));
            redis.aclUser(USER, HUSH, rules.toArray(String[]::new));

            String doctor = comesBack(ground, "e2e-managed", redis, plain);

            assertThat(doctor).contains(" 0 MISSING,").doesNotContain("CONFIG SET", "ACL SETUSER");
        }
        config.remove(0);
        try (RedisServer forgotten = RedisServer.start(tls(plain, config))) {
            forgotten.aclUser(USER, HUSH, "~*", "&*", "+@all", "-psync");
            Path known = directory.resolve("e2e-managed/tidemark.yml");
            Path file = Files.writeString(
                    known.resolveSibling("forgotten.yml"),
                    Files.readString(known)
                            .replaceAll("rediss://[^\"]*", forgotten.uri().toString()));

            assertThat(doctor(file))
                    .contains("in redis.conf, or in the provider's parameter group:", "notify-keyspace-events Kgxet")
                    .doesNotContain("CONFIG SET");
        }
    }

    /** And what a node says of the others leads there by TLS, as does the way to a slot that has moved. */
    @Test
    void aClusterThatSpeaksTlsAloneIsCaptured(Ground ground) throws IOException {
        RedisServer.Options node = RedisServer.Options.defaults().withTls().withConfig("notify-keyspace-events Kgxet");
        try (RedisCluster cluster =
                        RedisCluster.start(RedisCluster.Options.defaults().withNodes(node));
                RedisServer scratch = RedisServer.start()) {
            for (RedisServer each : cluster.nodes()) {
                List<String> rules = rules(each);
                rules.addAll(List.of("+cluster|nodes", "+cluster|slots"));
                each.aclUser(USER, HUSH, rules.toArray(String[]::new));
            }
            Path authority = cluster.nodes().get(0).caFile();
            RedisSettings settings = RedisSettings.cluster(cluster.uris().get(0), cluster.seeds())
                    .as(USER, Secret.of(HUSH))
                    .trusting(authority);
            try (Deployment deployment =
                            Deployment.start(directory, ground, SourceSettings.of("e2e-tls-cluster", 4), settings);
                    RedisClusterClient client = trusting(authority, cluster.uris())) {
                write(client, "before");
                deployment.awaitProtected(Instant.now());
                int slot = SlotHash.getSlot(key(0));
                RedisServer owner = cluster.nodeOf(slot);
                cluster.moveSlot(
                        slot,
                        cluster.nodes().stream()
                                .filter(other -> !other.equals(owner))
                                .findFirst()
                                .orElseThrow());
                write(client, "after");
                deployment.awaitHolding(Instant.now());

                restoreLatest(deployment, scratch);

                try (RedisClient restored = RedisClient.create(scratch.uri().toString())) {
                    RedisCommands<String, String> found = restored.connect().sync();
                    assertThat(found.dbsize()).isEqualTo(KEYS);
                    for (int i = 0; i < KEYS; i++) {
                        assertThat(found.get(key(i))).isEqualTo("after");
                    }
                }
                assertThat(doctor(deployment.config())).contains(" 0 MISSING,").doesNotContain(HUSH);
            }
        }
    }

    /** And whom they name next is found by it, and compared with what it says of itself. */
    @Test
    void sentinelsThatSpeakTlsAloneAreAskedWithTheTwoCommandsOfThePage(Ground ground) throws IOException {
        RedisServer.Options node = RedisServer.Options.defaults().withTls().withConfig("notify-keyspace-events Kgxet");
        try (RedisSentinels sentinels = RedisSentinels.start(
                        RedisSentinels.Options.defaults().withNodes(node).withDownAfter(Duration.ofSeconds(5)));
                RedisServer scratch = RedisServer.start()) {
            for (RedisServer each : sentinels.servers()) {
                each.aclUser(USER, HUSH, rules(each).toArray(String[]::new));
            }
            for (RedisSentinel each : sentinels.sentinels()) {
                each.aclUser(
                        USER,
                        SENTINELS_HUSH,
                        rules(sentinels.primary(), "sentinel|").toArray(String[]::new));
            }
            Path authority = sentinels.primary().caFile();
            List<String> addresses = sentinels.addresses();
            RedisSettings settings = RedisSettings.sentinel(
                            URI.create("rediss://" + addresses.get(0)),
                            sentinels.masterName(),
                            addresses.subList(1, addresses.size()))
                    .as(USER, Secret.of(HUSH))
                    .askingSentinelsAs(USER, Secret.of(SENTINELS_HUSH))
                    .trusting(authority);
            try (Deployment deployment =
                    Deployment.start(directory, ground, SourceSettings.of("e2e-tls-sentinel", 1), settings)) {
                RedisServer lost = sentinels.primary();
                ask(lost, redis -> redis.set(key(0), "before"));
                deployment.awaitHolding(Instant.now());
                sentinels.replicas().forEach(RedisServer::awaitInSync);

                lost.kill();
                RedisServer promoted = sentinels.awaitNewPrimary(lost);
                ask(promoted, redis -> redis.set(key(1), "after"));
                deployment.awaitHolding(Instant.now());

                restoreLatest(deployment, scratch);
                assertThat(ask(scratch, redis -> redis.get(key(0)))).isEqualTo("before");
                assertThat(ask(scratch, redis -> redis.get(key(1)))).isEqualTo("after");
                assertThat(doctor(deployment.config()))
                        .contains(" 0 MISSING,")
                        .doesNotContain(HUSH)
                        .doesNotContain(SENTINELS_HUSH);
            }
        }
    }

    private static String ask(RedisServer server, Function<RedisCommands<String, String>, String> question) {
        RedisClient client = RedisClient.create(server.uri().toString());
        if (server.uri().getScheme().equals("rediss")) {
            client.setOptions(
                    ClientOptions.builder().sslOptions(trust(server.caFile())).build());
        }
        try (client) {
            return question.apply(client.connect().sync());
        }
    }

    private static SslOptions trust(Path authority) {
        return SslOptions.builder()
                .jdkSslProvider()
                .trustManager(authority.toFile())
                .build();
    }

    private static RedisClusterClient trusting(Path authority, List<URI> nodes) {
        RedisClusterClient client =
                RedisClusterClient.create(nodes.stream().map(RedisURI::create).toList());
        client.setOptions(
                ClusterClientOptions.builder().sslOptions(trust(authority)).build());
        return client;
    }

    private static void write(RedisClusterClient client, String value) {
        RedisAdvancedClusterCommands<String, String> redis = client.connect().sync();
        for (int i = 0; i < KEYS; i++) {
            redis.set(key(i), value);
        }
    }

    private static String key(int number) {
        return "chunk:" + number;
    }

    private static void restoreLatest(Deployment deployment, RedisServer into) {
        try (Restorer restorer = Restorer.open(deployment.settings())) {
            assertThat(restorer.restore(
                                    Deployment.withTail(() -> restorer.plan(Optional.empty(), true)),
                                    RestoreTarget.at(into.uri()),
                                    RestoreOptions.careful(),
                                    RestoreListener.silent())
                            .isProven())
                    .isTrue();
        }
    }

    /** @return what the doctor says */
    private String comesBack(Ground ground, String source, RedisServer redis, int plainPort) throws IOException {
        RedisSettings settings =
                RedisSettings.at(redis.uri()).as(USER, Secret.of(HUSH)).trusting(redis.caFile());
        Path own = Files.createDirectory(directory.resolve(source));
        // Who writes is not restricted, and need not come by TLS.
        URI writers = URI.create("redis://127.0.0.1:" + plainPort);
        try (Deployment deployment = Deployment.start(own, ground, SourceSettings.of(source, 1), settings);
                Oracle oracle = Oracle.open(writers, Pace.seeded(random.nextLong()));
                Court court = Court.convene(deployment, oracle, RedisServer.Options.defaults(), random)) {
            court.under("least rights", Effect.NONE, () -> oracle.awaitWrites(200, WITHIN));
            court.adjourn();
            return doctor(deployment.config());
        }
    }

    private static RedisServer.Options tls(int plainPort, List<String> config) {
        return RedisServer.Options.defaults()
                .withTls()
                .withConfig(Stream.concat(Stream.of("port " + plainPort), config.stream())
                        .toArray(String[]::new));
    }

    /** Those of the line for every key, with what the page adds for newer servers. */
    private static List<String> rules(RedisServer redis) throws IOException {
        return rules(redis, "%R~* ");
    }

    private static List<String> rules(RedisServer redis, String ofLine) throws IOException {
        String line = Files.readAllLines(PAGE).stream()
                .filter(each -> each.startsWith("ACL SETUSER " + USER) && each.contains(ofLine))
                .findFirst()
                .orElseThrow();
        List<String> words = Arrays.asList(line.split(" ", -1));
        List<String> rules = new ArrayList<>(words.subList(WORDS_BEFORE_RULES, words.size()));
        if (redis.binary().isAtLeast(7, 2)) {
            rules.add("+client|setinfo");
        }
        return rules;
    }

    private String doctor(Path config) {
        Terminal terminal = Terminal.in(directory);
        terminal.run("doctor", "--config", config.toString());
        return terminal.out();
    }
}
