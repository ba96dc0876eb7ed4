package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.GeneratedSource.Name;
import dev.tidemark.restorer.GeneratedSource.State;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.RestorerSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.S3Endpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From S3 alone into a real Redis. */
@TestInstance(Lifecycle.PER_CLASS)
class RestoreTest {
    private static final int SHARDS = 3;

    private RestoreServers on;
    private Settings settings;
    private GeneratedSource source;

    @BeforeAll
    void backUp() {
        on = new RestoreServers();
        List<Value> dumps = on.scratch.dumps();
        source = new GeneratedSource(42, SHARDS, 300, 3_000, dumps);
        settings = settings(on.s3, "prod-rag", SHARDS);
        try (Archive archive = Archive.open(settings.s3(), "prod-rag")) {
            source.archive(archive, 170);
        }
    }

    @AfterAll
    void stop() {
        on.close();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1, 0.25, 0.5, 0.77, 0.9, 0.999, 1})
    void theTargetHoldsExactlyWhatTheSourceHeld(double share) {
        on.found.redis().flushall();
        Instant to = source.between(share);

        RestoreReport report;
        RestorePlan plan;
        try (Restorer restorer = Restorer.open(settings)) {
            plan = restorer.plan(Optional.of(to), false);
            report = restorer.restore(
                    plan, RestoreTarget.at(on.target.uri()), RestoreOptions.careful(), RestoreListener.silent());
        }

        Map<Name, State> expected = source.stateAt(to);
        Map<Name, Object> read = on.found.read();
        assertThat(read.keySet()).isEqualTo(expected.keySet());
        assertThat(read).isEqualTo(on.scratch.asRead(expected));
        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(report.keysWritten()).isGreaterThanOrEqualTo(expected.size());
        assertThat(report.proof().stream()
                        .mapToLong(RestoreReport.ShardProof::keysExpected)
                        .sum())
                .isPositive()
                .isLessThanOrEqualTo(report.keysWritten());
        assertThat(plan.exactness()).isLessThan(Duration.ofSeconds(1));
        assertThat(plan.files()).isPositive();
    }

    @Test
    void theLatestIsTheEndOfTheNewestRange() {
        on.found.redis().flushall();

        try (Restorer restorer = Restorer.open(settings)) {
            Points points = restorer.points(false);
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            RestoreReport report = restorer.restore(
                    plan, RestoreTarget.at(on.target.uri()), RestoreOptions.careful(), RestoreListener.silent());

            assertThat(points.ranges()).containsExactly(new TimeRange(source.first(), source.last()));
            assertThat(points.holes()).isEmpty();
            assertThat(points.rpoOnS3()).hasValueSatisfying(age -> assertThat(age)
                    .isBetween(
                            Duration.between(source.last(), points.checkedAt()).minusSeconds(1),
                            Duration.between(source.last(), points.checkedAt()).plusSeconds(1)));
            assertThat(plan.to()).isEqualTo(source.last());
            assertThat(plan.latest()).isTrue();
            assertThat(report.to()).isEqualTo(source.last());
            assertThat(report.isProven()).isTrue();
        }
    }

    @Test
    void aTimeOutsideIsRefusedWithTheNearestOnes() {
        try (Restorer restorer = Restorer.open(settings)) {
            assertThatThrownBy(() -> restorer.plan(Optional.of(source.first().minusSeconds(60)), false))
                    .isInstanceOfSatisfying(TidemarkError.class, error -> assertThat(error.code())
                            .isEqualTo(ExitCode.NOT_RESTORABLE))
                    .hasMessageContaining("none before it, after it " + source.first());
            assertThatThrownBy(() -> restorer.plan(Optional.of(source.last().plusSeconds(60)), false))
                    .hasMessageContaining("before it " + source.last());
        }
    }

    @Test
    void moreKeysThanTheMemoryGrantedAreToldApartOnDisk() {
        on.found.redis().flushall();
        Settings small = settings.with(new RestorerSettings(50, 1 << 20, 2, Duration.ofMinutes(5)));

        try (Restorer restorer = Restorer.open(small)) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            RestoreReport report = restorer.restore(
                    plan, RestoreTarget.at(on.target.uri()), RestoreOptions.careful(), RestoreListener.silent());

            assertThat(report.isProven()).isTrue();
        }
        assertThat(on.found.read().keySet())
                .isEqualTo(source.stateAt(source.last()).keySet());
    }

    static Settings settings(S3Endpoint s3, String name, int shards) {
        return settings(S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey())), name, shards);
    }

    static Settings settings(S3Settings s3, String name, int shards) {
        SourceSettings defaults = SourceSettings.of(name, shards);
        return Settings.of(
                new SourceSettings(name, shards, defaults.prefixes(), List.of(0, 3)),
                RedisSettings.defaults(),
                KafkaSettings.defaults(),
                s3);
    }
}
