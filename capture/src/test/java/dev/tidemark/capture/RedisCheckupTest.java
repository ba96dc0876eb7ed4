package dev.tidemark.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.checkup.Finding;
import dev.tidemark.schemas.checkup.Finding.State;
import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.checkup.Mend;
import dev.tidemark.schemas.checkup.Mend.Place;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The checkup of a real Redis; every mend that it prints for a right is executed as it was printed. */
class RedisCheckupTest {
    private static final String USER = "tidemark";
    private static final String HUSH = "hunter2-correct-horse";
    private static final List<String> PREFIXES = List.of("rag:", "we\"ird[*]:");
    private static final int STRANGER_VERSION = 70_000;
    private static final Pattern WORD = Pattern.compile("\"(?:\\\\.|[^\"\\\\])*\"|\\S+");

    private static RedisServer redis;
    private static int version;
    private static RedisClient client;
    private static StatefulRedisConnection<String, String> admin;

    @BeforeAll
    static void start() {
        redis = RedisServer.start(RedisServer.Options.defaults().withConfig("notify-keyspace-events Kgxet"));
        client = RedisClient.create(redis.uri().toString());
        admin = client.connect();
        version = new ServerInfo()
                .add(admin.sync().info("server").getBytes(UTF_8))
                .version();
    }

    @AfterAll
    static void stop() {
        client.shutdown();
        redis.close();
    }

    @BeforeEach
    void whatATestMayHaveSet() {
        admin.sync().configSet("maxmemory", "0");
        admin.sync().configSet("client-output-buffer-limit", "pubsub 33554432 8388608 60");
        admin.sync().configSet("notify-keyspace-events", "KA");
    }

    @Test
    void withExactlyTheRightsThatAreListedNothingIsWantingAndNothingIsLeftBehind() {
        execute(rights().setUser(USER).replace("PASSWORD", HUSH));

        List<Finding> found = examine(asUser(redis.uri()));

        assertThat(wanting(found)).isEmpty();
        assertThat(found)
                .filteredOn(each -> each.state() == State.SKIPPED)
                .extracting(Finding::check)
                .containsExactly("client-output-buffer-limit pubsub", "maxmemory-clients");
        assertThat(found).extracting(Finding::check).contains("tracking", "notifications", "canary", "right +hgetall");
        assertThat(found.toString()).doesNotContain(HUSH);
        assertThat(admin.sync().keys("*")).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("everyRule")
    void eachRightThatIsTakenAwayIsNamedAloneAndTheLineThatIsPrintedGivesItBack(String rule) {
        execute(without(rights().setUser(USER).replace("PASSWORD", HUSH), rule));

        List<Finding> before = examine(asUser(redis.uri()));

        assertThat(wanting(before)).singleElement().satisfies(finding -> {
            assertThat(finding.check()).isEqualTo("right " + rule);
            assertThat(finding.found()).contains("NOPERM");
            assertThat(finding.mend()).contains(Mend.in(Place.REDIS_CLI, "ACL SETUSER tidemark " + rule));
        });

        execute(wanting(before).get(0).mend().orElseThrow().line());

        assertThat(wanting(examine(asUser(redis.uri())))).isEmpty();
    }

    @Test
    void aPrefixWithASpaceNeedsTheRightToEveryChannel() {
        List<String> prefixes = List.of("a b:", "rag:");
        String line = rights(source(prefixes)).setUser(USER).replace("PASSWORD", HUSH);
        assertThat(line).contains("~a?b:* ").contains(" allchannels ").doesNotContain(" &");
        execute(line);
        assertThat(wanting(examine(asUser(redis.uri()), source(prefixes)))).isEmpty();

        execute(without(line, "allchannels"));
        Finding wanting =
                wanting(examine(asUser(redis.uri()), source(prefixes))).get(0);

        assertThat(wanting.check()).isEqualTo("right allchannels");
        execute(wanting.mend().orElseThrow().line());
        assertThat(wanting(examine(asUser(redis.uri()), source(prefixes)))).isEmpty();
    }

    @Test
    void aDatabaseWithKeysThatIsNotCapturedIsNamed() {
        execute("SELECT 7");
        execute("SET left-out 1");
        execute("SELECT 0");
        try {
            Finding databases = finding(examine(RedisSettings.at(redis.uri())), "databases");

            assertThat(databases.state()).isEqualTo(State.WARNING);
            assertThat(databases.found()).endsWith("; not captured: 7 has 1 key");
            assertThat(databases.mend()).contains(Mend.in(Place.TIDEMARK_YML, "source.databases: [0, 7]"));
        } finally {
            execute("SWAPDB 0 7");
            execute("DEL left-out");
            execute("SWAPDB 0 7");
        }
    }

    @Test
    void anotherDatabaseNeedsTheRightToSelectIt() {
        SourceSettings source = new SourceSettings("test", 1, PREFIXES, List.of(3, 5));
        execute(without(rights(source).setUser(USER).replace("PASSWORD", HUSH), "+select"));

        Finding wanting = wanting(examine(asUser(redis.uri()), source)).get(0);

        assertThat(wanting.check()).isEqualTo("right +select");
        execute(wanting.mend().orElseThrow().line());
        List<Finding> mended = examine(asUser(redis.uri()), source);
        assertThat(wanting(mended)).isEmpty();
        assertThat(finding(mended, "databases").found()).isEqualTo("3 has no keys, 5 has no keys");
    }

    @Test
    void aUserThatIsNotLetInIsToldTheWholeLineWithoutThePassword() {
        execute("ACL DELUSER " + USER);

        List<Finding> found = examine(asUser(redis.uri()));

        assertThat(wanting(found)).singleElement().satisfies(finding -> {
            assertThat(finding.check()).isEqualTo("authentication");
            RedisRights strangers = new RedisRights(new CapturedKeys(source(PREFIXES)), STRANGER_VERSION, false, false);
            assertThat(finding.mend()).contains(Mend.in(Place.REDIS_CLI, strangers.setUser(USER)));
        });
        assertThat(found.toString()).doesNotContain(HUSH);
    }

    @Test
    void notificationsThatAreOffAreFoundByTheCanaryAndMended() {
        admin.sync().configSet("notify-keyspace-events", "");
        execute(rights().setUser(USER).replace("PASSWORD", HUSH));

        Finding unprivileged = finding(examine(asUser(redis.uri())), "notifications");
        Finding privileged = finding(examine(RedisSettings.at(redis.uri())), "notifications");

        assertThat(unprivileged.state()).isEqualTo(State.MISSING);
        assertThat(unprivileged.mend()).contains(Mend.in(Place.REDIS_CONF, "notify-keyspace-events Kgxet"));
        assertThat(privileged.state()).isEqualTo(State.WARNING);
        assertThat(admin.sync().configGet("notify-keyspace-events"))
                .as("nothing was changed")
                .containsEntry("notify-keyspace-events", "");
        execute(privileged.mend().orElseThrow().line());
        assertThat(wanting(examine(RedisSettings.at(redis.uri())))).isEmpty();
    }

    @Test
    void aManagedServerIsNeverAdvisedToUseConfigOrAcl() {
        String[] managed = {
            "rename-command CONFIG \"\"", "rename-command PSYNC \"\"", "user tidemark on nopass ~* &* +@all -dump"
        };
        try (RedisServer bare = RedisServer.start(RedisServer.Options.defaults().withConfig(managed))) {
            List<Finding> found = examine(asUser(bare.uri()));

            assertThat(finding(found, "notifications").mend())
                    .contains(Mend.in(Place.REDIS_CONF, "notify-keyspace-events Kgxet"));
            assertThat(finding(found, "right +dump").mend()).contains(Mend.in(Place.PROVIDER, "+dump"));
            assertThat(finding(found, "right +psync").state()).isEqualTo(State.SKIPPED);
            assertThat(wanting(found)).extracting(Finding::check).containsExactly("right +dump", "notifications");
        }
        String[] mended = {"rename-command CONFIG \"\"", "notify-keyspace-events Kgxet"};
        try (RedisServer set = RedisServer.start(RedisServer.Options.defaults().withConfig(mended))) {
            assertThat(wanting(examine(RedisSettings.at(set.uri())))).isEmpty();
        }
    }

    @Test
    void aNodeOfAClusterIsAskedForTheRightsThatAClusterNeeds() {
        String[] config = {"cluster-enabled yes", "notify-keyspace-events Kgxet"};
        try (RedisServer node = RedisServer.start(RedisServer.Options.defaults().withConfig(config));
                RedisClient ofNode = RedisClient.create(node.uri().toString())) {
            RedisCommands<String, String> commands = ofNode.connect().sync();
            commands.clusterAddSlots(IntStream.range(0, 16_384).toArray());
            Await.until(
                    CaptureFixture.SOON,
                    () -> commands.clusterInfo().contains("cluster_state:ok"),
                    "the node serves all slots");
            RedisRights rights = new RedisRights(new CapturedKeys(source(PREFIXES)), version, true, false);
            execute(commands, rights.setUser(USER).replace("PASSWORD", HUSH));
            assertThat(wanting(examine(asUser(node.uri())))).isEmpty();

            execute(commands, "ACL SETUSER tidemark -cluster|nodes");
            Finding wanting = wanting(examine(asUser(node.uri()))).get(0);

            assertThat(wanting.check()).isEqualTo("right +cluster|nodes");
            execute(commands, wanting.mend().orElseThrow().line());
            assertThat(wanting(examine(asUser(node.uri())))).isEmpty();
        }
    }

    @Test
    void aReplicaIsNoPrimaryAndTheAddressOfThePrimaryIsNamed() {
        String config = "replicaof 127.0.0.1 " + redis.port();
        try (RedisServer replica =
                RedisServer.start(RedisServer.Options.defaults().withConfig(config, "notify-keyspace-events Kgxet"))) {
            List<Finding> found = examine(RedisSettings.at(replica.uri()));

            assertThat(finding(found, "role").mend())
                    .contains(Mend.in(Place.TIDEMARK_YML, "redis.uri: redis://127.0.0.1:" + redis.port()));
            assertThat(wanting(found)).hasSize(1);
        }
    }

    @Test
    void aBufferThatIsTooSmallIsEnlargedByTheLineThatIsPrinted() {
        admin.sync().configSet("client-output-buffer-limit", "pubsub 1048576 524288 10");

        List<Finding> found = examine(RedisSettings.at(redis.uri()));

        Finding limit = finding(found, "client-output-buffer-limit pubsub");
        assertThat(limit.state()).isEqualTo(State.WARNING);
        execute(limit.mend().orElseThrow().line());
        assertThat(wanting(examine(RedisSettings.at(redis.uri())))).isEmpty();
    }

    @Test
    void fullMemoryIsSaidToBeThat() {
        admin.sync().configSet("maxmemory", "1");

        List<Finding> found = examine(RedisSettings.at(redis.uri()));

        assertThat(finding(found, "canary").found()).contains("memory is full");
        assertThat(wanting(found)).extracting(Finding::check).containsExactly("canary");
    }

    @Test
    void whatMayBeEvictedIsTold() {
        admin.sync().configSet("maxmemory-policy", "allkeys-lru");
        try {
            assertThat(finding(examine(RedisSettings.at(redis.uri())), "eviction")
                            .found())
                    .isEqualTo("allkeys-lru, without a limit of memory, so nothing is evicted");
            admin.sync().configSet("maxmemory", "1gb");
            assertThat(finding(examine(RedisSettings.at(redis.uri())), "eviction")
                            .found())
                    .startsWith("allkeys-lru: what Redis evicts is gone");
        } finally {
            admin.sync().configSet("maxmemory-policy", "noeviction");
        }
        assertThat(finding(examine(RedisSettings.at(redis.uri())), "eviction").found())
                .isEqualTo("noeviction");
    }

    @Test
    void aClockThatIsFarAheadOfOursIsMissing() {
        Clock late = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(-20));

        Finding clock = finding(examine(RedisSettings.at(redis.uri()), source(PREFIXES), late), "clock");

        assertThat(clock.state()).isEqualTo(State.MISSING);
        assertThat(clock.found()).containsPattern("^(19|20)\\.\\d+ s ahead of ours");
    }

    @Test
    void aServerThatIsAwayOrSilentIsAFindingInBoundedTime() {
        URI nobody = URI.create("redis://127.0.0.1:" + FreePort.next());

        assertThat(wanting(examine(RedisSettings.at(nobody)))).singleElement().satisfies(finding -> {
            assertThat(finding.check()).isEqualTo("reachable");
            assertThat(finding.found()).endsWith("Connection refused; does a Redis listen there?");
        });
        Instant began = Instant.now();
        redis.pause();
        try {
            assertThat(wanting(examine(RedisSettings.at(redis.uri()))))
                    .extracting(Finding::check)
                    .containsExactly("reachable");
        } finally {
            redis.resume();
        }
        assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void aPrefixBelowTheCanariesIsNamed() {
        List<Finding> found = examine(RedisSettings.at(redis.uri()), source(List.of("rag:", "tidemark:canary:x")));

        assertThat(finding(found, "prefixes").mend())
                .contains(Mend.in(Place.TIDEMARK_YML, "source.prefixes: [\"rag:\"]"));
    }

    /** Every rule of the line, as it stands there. */
    static Stream<String> everyRule() {
        List<String> words = written(rights().setUser(USER));
        return words.subList(words.indexOf("-@all") + 1, words.size()).stream();
    }

    private static RedisRights rights() {
        return rights(source(PREFIXES));
    }

    private static RedisRights rights(SourceSettings source) {
        return new RedisRights(new CapturedKeys(source), version, false, false);
    }

    private static SourceSettings source(List<String> prefixes) {
        return new SourceSettings("test", 1, prefixes, List.of(0));
    }

    private static String without(String line, String rule) {
        List<String> words = new ArrayList<>(written(line));
        assertThat(words.remove(rule)).isTrue();
        return String.join(" ", words);
    }

    private static RedisSettings asUser(URI uri) {
        return RedisSettings.at(uri).as(USER, Secret.of(HUSH));
    }

    private static List<Finding> examine(RedisSettings settings) {
        return examine(settings, source(PREFIXES), Clock.systemUTC());
    }

    private static List<Finding> examine(RedisSettings settings, SourceSettings source) {
        return examine(settings, source, Clock.systemUTC());
    }

    private static List<Finding> examine(RedisSettings settings, SourceSettings source, Clock clock) {
        Findings findings = Findings.of("redis", "");
        Settings all = Settings.of(source, settings, KafkaSettings.defaults(), S3Settings.defaults());
        CaptureCheckup.redis(all, clock, findings);
        return findings.soFar();
    }

    /** An old server is warned of at every turn, which says nothing about rights. */
    private static List<Finding> wanting(List<Finding> found) {
        return found.stream()
                .filter(each -> each.mend().isPresent())
                .filter(each -> !each.check().equals("version"))
                .toList();
    }

    private static Finding finding(List<Finding> found, String check) {
        return found.stream()
                .filter(each -> each.check().equals(check))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no finding about " + check + " in " + found));
    }

    /** Runs the line as redis-cli would. */
    private static void execute(String line) {
        execute(admin.sync(), line);
    }

    private static void execute(RedisCommands<String, String> redis, String line) {
        CommandArgs<String, String> args = new CommandArgs<>(StringCodec.UTF8);
        List<String> words = written(line);
        words.subList(1, words.size()).forEach(word -> args.add(read(word)));
        redis.dispatch(CommandType.valueOf(words.get(0)), new ArrayOutput<>(StringCodec.UTF8), args);
    }

    /** The words of a line with their quotes. */
    private static List<String> written(String line) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(line);
        while (word.find()) {
            words.add(word.group());
        }
        return words;
    }

    private static String read(String word) {
        return word.startsWith("\"") ? word.substring(1, word.length() - 1).replaceAll("\\\\(.)", "$1") : word;
    }
}
