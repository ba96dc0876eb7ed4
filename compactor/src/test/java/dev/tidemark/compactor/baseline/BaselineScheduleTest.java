package dev.tidemark.compactor.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.BaselineTurn;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.Slots;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.Mode;
import dev.tidemark.schemas.layout.Baseline.Node;
import dev.tidemark.schemas.layout.Baseline.StoredFile;
import dev.tidemark.schemas.settings.CompactorSettings;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceKeys;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every compactor of a source has a schedule, and one of them the turn. */
class BaselineScheduleTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void whatAnotherTakesHasNotFailed() {
        MeterRegistry registry = new SimpleMeterRegistry();
        try (S3Endpoint s3 = S3Endpoint.start();
                Archive archive = Archive.open(s3Settings(s3), "rag");
                Injection asked =
                        s3.faults().delay(Duration.ZERO, S3Requests.gets().under("rag/_baseline-turns/0"));
                BaselineSchedule schedule =
                        BaselineSchedule.of(often(s3Settings(s3)), archive, Clock.systemUTC(), registry)) {
            assertThat(archive.baselines().takeTurn("another", Clock.systemUTC()))
                    .isInstanceOf(BaselineTurn.Ours.class);

            schedule.start();
            // Asked a second time it has done with the first answer.
            Await.until(LIMIT, () -> asked.hits() >= 2, "the schedule asks whose turn it is");

            assertThat(registry.get("tidemark.compactor.baselines")
                            .tag("outcome", "failed")
                            .counter()
                            .count())
                    .isZero();
        }
    }

    /** And is none that the next one need not be taken for. */
    @Test
    void aBaselineOfOtherKeysHasNoAge() {
        SourceSettings others = new SourceSettings("rag", 1, List.of("a:"), List.of(0));
        try (S3Endpoint s3 = S3Endpoint.start();
                Archive archive = Archive.open(s3Settings(s3), "rag")) {
            archive.baselines().publish(of(SourceSettings.of("rag", 1), 1));
            assertThat(ageSeen(s3, archive)).isPositive();

            archive.baselines().publish(of(others, 2));

            assertThat(ageSeen(s3, archive)).isNaN();
        }
    }

    private static double ageSeen(S3Endpoint s3, Archive archive) {
        MeterRegistry registry = new SimpleMeterRegistry();
        Settings settings = Settings.of(
                        SourceSettings.of("rag", 1),
                        RedisSettings.at(URI.create("redis://127.0.0.1:1")),
                        KafkaSettings.singleBroker("127.0.0.1:1"),
                        s3Settings(s3))
                .with(CompactorSettings.defaults().withBaselines(Duration.ofDays(1), 1L << 30));
        try (Injection taking =
                        s3.faults().delay(Duration.ZERO, S3Requests.gets().under("rag/baselines/"));
                BaselineSchedule schedule = BaselineSchedule.of(settings, archive, Clock.systemUTC(), registry)) {
            schedule.start();
            Await.until(LIMIT, () -> taking.hits() >= 1, "the newest manifest is read");
            Await.until(
                    LIMIT,
                    () -> !Double.isNaN(age(registry))
                            || registry.get("tidemark.compactor.baselines")
                                            .tag("outcome", "failed")
                                            .counter()
                                            .count()
                                    > 0,
                    "an age, or an attempt to take one");
            return age(registry);
        }
    }

    private static double age(MeterRegistry registry) {
        return registry.get("tidemark.compactor.baseline.age").gauge().value();
    }

    private static Baseline of(SourceSettings source, int minute) {
        long micros = RedisTime.micros(Instant.parse("2026-11-20T14:00:00Z").plusSeconds(60L * minute));
        BaselineKey manifest = new BaselineKey(micros, "00000000", BaselineKey.MANIFEST);
        Node node = new Node(
                "127.0.0.1:6379",
                "run",
                "repl",
                new SourceKeys(source).newWatch(),
                7,
                Slots.all(),
                micros,
                micros,
                10,
                "7.0",
                1,
                new StoredFile(manifest.snapshotOf(0), 1, Bytes.wrap(new byte[32])));
        return new Baseline(manifest, "rag", Mode.REPLICATION, List.of(node));
    }

    /** Neither Redis nor Kafka is asked by whoever has not the turn. */
    private static Settings often(S3Settings s3) {
        return Settings.of(
                        SourceSettings.of("rag", 1),
                        RedisSettings.at(URI.create("redis://127.0.0.1:1")),
                        KafkaSettings.singleBroker("127.0.0.1:1"),
                        s3)
                .with(CompactorSettings.defaults().withBaselines(Duration.ofSeconds(1), 1L << 30));
    }

    private static S3Settings s3Settings(S3Endpoint s3) {
        return S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey()));
    }
}
