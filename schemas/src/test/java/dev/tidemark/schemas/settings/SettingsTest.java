package dev.tidemark.schemas.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SettingsTest {
    private static final Settings SOUND = Settings.of(
            SourceSettings.of("prod-rag", 2),
            RedisSettings.at(URI.create("redis://127.0.0.1:6379")),
            KafkaSettings.singleBroker("127.0.0.1:9092"),
            S3Settings.at(URI.create("http://127.0.0.1:9000"), "my-backups", "id", Secret.of("hush")));

    @Test
    void soundSettingsHaveNoProblem() {
        Settings pruned = SOUND.with(new RetentionSettings(Duration.ofDays(30), 3));
        for (Role role : Role.values()) {
            assertThat(pruned.problems(role)).isEmpty();
        }
        assertThat(SOUND.problems(Role.COMPACTOR)).isEmpty();
        assertThat(SOUND.problems(Role.PRUNE))
                .singleElement()
                .asString()
                .startsWith("retention.keep and retention.baselines are not set");
    }

    @Test
    void defaultsLackOnlyWhatIsRequired() {
        assertThat(Settings.defaults().problems(Role.CAPTURE))
                .containsExactly(
                        "source.name is missing; for example prod-rag",
                        "redis.uri is missing; for example redis://127.0.0.1:6379",
                        "s3.bucket is missing; for example my-backups");
        assertThat(Settings.defaults().problems(Role.RESTORER)).noneMatch(each -> each.startsWith("redis"));
    }

    @Test
    void everyBrokenRuleIsReportedAtOnce() {
        Settings broken = new Settings(
                new SourceSettings("Prod", 0, List.of("", "chunk:"), List.of(1, 1, -1)),
                new RedisSettings(
                        Optional.of(URI.create("http://127.0.0.1:6379/3")),
                        true,
                        new SentinelSettings(
                                Optional.of("mymaster"), Optional.of("tidemark"), Optional.empty(), Optional.empty()),
                        List.of("http://somewhere"),
                        Optional.of("tidemark"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(Path.of("ca.pem")),
                        Duration.ofHours(1)),
                new KafkaSettings(
                        "broker-without-port",
                        false,
                        true,
                        Duration.ofSeconds(1),
                        ClientProperties.of(Map.of("enable.idempotence", "false"))),
                new S3Settings(
                        "s3://my-backups",
                        "/redis/",
                        Optional.of(URI.create("minio:9000")),
                        "",
                        false,
                        Optional.empty(),
                        Optional.of(Secret.of("hush")),
                        Optional.empty(),
                        Checksums.WHEN_REQUIRED,
                        Duration.ofMillis(1),
                        0),
                new CaptureSettings(Duration.ZERO, 1, 0, 1, 1L << 40, Path.of("spool"), 1, 0, 1, Duration.ofMillis(1)),
                new CompactorSettings(
                        Duration.ofDays(1),
                        1,
                        Optional.of("with space"),
                        Path.of("state"),
                        1,
                        new ColumnsSettings(
                                ColumnsPreset.STANDARD,
                                Optional.of("text"),
                                Optional.of("doc id"),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()),
                        Duration.ofMillis(1),
                        0),
                new RestorerSettings(1, 1, 0, Duration.ZERO),
                IndexSettings.defaults(),
                new RetentionSettings(Duration.ofHours(23), -1),
                new HttpSettings("a host", -1, 70_000));

        assertThat(broken.problems(Role.CAPTURE))
                .containsExactly(
                        "source.name is 'Prod'; it is 1 to 40 of a-z, 0-9 and '-', for example prod-rag",
                        "source.shards is 0; it may be 1 to 64",
                        "source.prefixes overlap: '' and 'chunk:'; keep the shorter one",
                        "source.databases names a database twice: [1, 1, -1]",
                        "source.databases is -1; it may be 0 to 1000000",
                        "redis.uri begins with neither redis:// nor rediss://; for example redis://127.0.0.1:6379",
                        "redis.uri has a path or a query; which databases are captured is said by source.databases",
                        "redis.cluster and redis.sentinel.master are both set; a Cluster needs no Sentinels, keep one",
                        "redis.sentinel.username is set but no password; set redis.sentinel.password-file too",
                        "redis.seeds holds something other than host:port; for example [10.0.0.4:6379, 10.0.0.5:6379]",
                        "redis.username is set but no password; set redis.password-file too",
                        "redis.ca-file is set but redis.uri does not begin with rediss://",
                        "redis.connect-timeout is 1h; it may be 100ms to 5m",
                        "source.databases is [1, 1, -1]; a Redis Cluster has database 0 alone, write [0]",
                        "kafka.bootstrap is not host:port, separated by commas; for example"
                                + " 10.0.0.4:9092,10.0.0.5:9092",
                        "kafka.retention is 1s; it may be 1h to 3650d",
                        "kafka.properties.enable.idempotence is set by Tidemark itself; remove it",
                        "s3.bucket is 's3://my-backups'; it is the bucket's name alone, for example my-backups",
                        "s3.root is '/redis/'; it begins and ends without '/', for example redis/backups",
                        "s3.endpoint is no plain http:// or https:// address; for example https://minio.internal:9000",
                        "s3.region is empty; for example us-east-1",
                        "s3.access-key-id is missing though a secret access key is set",
                        "s3.deadline is 1ms; it may be 1s to 10m",
                        "s3.attempts is 0; it may be 1 to 20",
                        "capture.barrier-interval is 0s; it may be 50ms to 1m",
                        "capture.open-bytes-max is 1 bytes; it may be 1MiB to 65536MiB",
                        "capture.reads-in-flight-max is 0; it may be 1 to 100000",
                        "capture.bytes-in-flight-max is 1 bytes; it may be 1MiB to 65536MiB",
                        "capture.inline-bytes-max is 1099511627776 bytes; it may be 1KiB to 16MiB",
                        "capture.blob-bytes-per-second is 1 bytes; it may be 1MiB to 65536MiB",
                        "capture.resync-keys-per-second is 0; it may be 1 to 10000000",
                        "capture.resync-bytes-per-second is 1 bytes; it may be 1MiB to 65536MiB",
                        "capture.resync-interval is 1ms; it may be 1s to 365d",
                        "compactor.cut-age is 1d; it may be 1s to 1h",
                        "compactor.segment-bytes-max is 1 bytes; it may be 1MiB to 1024MiB",
                        "compactor.sort-bytes-max is 1 bytes; it may be 1MiB to 4096MiB",
                        "compactor.baseline-interval is 1ms; it may be 1s to 365d",
                        "compactor.baseline-bytes-per-second is 0 bytes; it may be 1MiB to 65536MiB",
                        "compactor.application-id is 'with space'; it is 1 to 200 of a-z, A-Z, 0-9, '.', '_' and '-'",
                        "compactor.columns.doc-id is 'doc id'; it is 1 to 64 of a-z, A-Z, 0-9 and '_.$@/-'",
                        "compactor.columns.text is 'text', which is another column already",
                        "restorer.keys-in-memory-max is 1; it may be 1000 to 2000000000",
                        "restorer.bytes-in-flight-max is 1 bytes; it may be 1MiB to 65536MiB",
                        "restorer.readers is 0; it may be 1 to 64",
                        "restorer.rpo-target is 0s; it may be 1s to 7d",
                        "retention.keep is 23h; it may be 1d to 36500d",
                        "retention.baselines is -1; it may be 0 to 100",
                        "http.bind is 'a host'; it is an address of this machine, for example 127.0.0.1 or 0.0.0.0",
                        "http.capture-port is -1; it may be 0 to 65535",
                        "http.compactor-port is 70000; it may be 0 to 65535");
    }

    @Test
    void prefixesOverlapOnlyWhereOneBeginsTheOther() {
        assertThat(prefixes("chunk:", "doc:", "chunks:")).isEmpty();
        assertThat(prefixes("chunk", "doc:", "chunks:")).hasSize(1);
        assertThat(prefixes("a", "a")).hasSize(1);
    }

    @Test
    void severalBrokersAndAnAddressOfVersionSixAreSound() {
        KafkaSettings kafka = KafkaSettings.singleBroker("10.0.0.4:9092, kafka-1.internal:9093,[::1]:9092");

        Settings settings = Settings.of(SOUND.source(), SOUND.redis(), kafka, SOUND.s3());

        assertThat(settings.problems(Role.COMPACTOR)).isEmpty();
    }

    @Test
    void printingShowsNoSecret() {
        Settings settings = Settings.of(
                SOUND.source(),
                new RedisSettings(
                        Optional.of(URI.create("redis://:hush@127.0.0.1:6379")),
                        false,
                        SentinelSettings.none(),
                        List.of(),
                        Optional.empty(),
                        Optional.of(Secret.of("hush")),
                        Optional.empty(),
                        Optional.empty(),
                        Duration.ofSeconds(5)),
                new KafkaSettings(
                        "127.0.0.1:9092",
                        false,
                        true,
                        Duration.ofDays(1),
                        ClientProperties.of(Map.of("sasl.jaas.config", "hush", "client.id", "shown"))),
                S3Settings.at(URI.create("http://id:hush@127.0.0.1:9000"), "my-backups", "id", Secret.of("hush")));

        assertThat(settings.toString()).doesNotContain("hush").contains("(secret)", "shown", "my-backups");
        assertThat(settings.problems(Role.CAPTURE)).hasSize(2).noneMatch(each -> each.contains("hush"));
    }

    @Test
    void compactorsOfTwoSourcesAreTwoApplications() {
        CompactorSettings compactor = CompactorSettings.defaults();

        assertThat(compactor.applicationId(SourceSettings.of("a", 1)))
                .isNotEqualTo(compactor.applicationId(SourceSettings.of("b", 1)))
                .matches("[a-zA-Z0-9._-]+");
    }

    @Test
    void aContactIsOneLine() {
        SourceSettings source = new SourceSettings(
                "a",
                1,
                List.of(""),
                List.of(0),
                SourceKind.KEYS,
                JournalSettings.none(),
                List.of("on call: +49 30 1234567", "two\nlines"));

        assertThat(problems(source, SOUND.redis()))
                .containsExactly(
                        "source.contacts are at most 20 lines of at most 200 characters, for example [\"on call: +49"
                                + " 30 1234567\"]");
    }

    @Test
    void aJournalHasStreamsAndOnlyAJournalHas() {
        assertThat(problems(SourceSettings.of("a", 1).journaledIn(JournalSettings.none()), SOUND.redis()))
                .containsExactly("source.journal.streams is empty; for example [chunks-journal]");
        assertThat(problems(
                        new SourceSettings(
                                "a",
                                1,
                                List.of(""),
                                List.of(0),
                                SourceKind.KEYS,
                                new JournalSettings(List.of("j"), List.of(), false),
                                List.of()),
                        SOUND.redis()))
                .containsExactly("source.journal.streams is set, which is for source.kind: journal");
        assertThat(problems(
                        SourceSettings.of("a", 1)
                                .journaledIn(new JournalSettings(List.of("j{a}", "j", "j"), List.of(), false)),
                        RedisSettings.cluster(SOUND.redis().uri().orElseThrow(), List.of())))
                .hasSize(3)
                .contains("source.journal.streams names a stream twice: [j{a}, j, j]")
                .anyMatch(problem -> problem.contains("'j', without a hash tag"));
    }

    private static List<String> problems(SourceSettings source, RedisSettings redis) {
        return Settings.of(source, redis, SOUND.kafka(), SOUND.s3()).problems(Role.CAPTURE);
    }

    private static List<String> prefixes(String... prefixes) {
        SourceSettings source = new SourceSettings("prod-rag", 2, List.of(prefixes), List.of(0));
        return Settings.of(source, SOUND.redis(), SOUND.kafka(), SOUND.s3()).problems(Role.CAPTURE);
    }
}
