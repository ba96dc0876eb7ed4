package dev.tidemark.compactor.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.BaselineTurn;
import dev.tidemark.schemas.settings.CompactorSettings;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
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
