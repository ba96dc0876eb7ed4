package dev.tidemark.compactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.health.Health;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What becomes of a compactor whose first questions the store does not answer, or refuses. */
class CompactorStartTest {
    /** Of one question; a compactor that gave up after one of them would be gone twice before the store is back. */
    private static final Duration DEADLINE = Duration.ofSeconds(1);

    @RegisterExtension
    static LiveSource source = new LiveSource();

    private final List<Health> told = new CopyOnWriteArrayList<>();

    @Test
    void aStoreThatIsNotThereYetIsWaitedFor() throws Exception {
        source.s3.down();
        CompletableFuture<Compactor> starting = starting();
        try {
            Await.until(LiveSource.LIMIT, () -> told.size() >= 3, "the store was asked in vain, again and again");

            assertThat(starting).isNotDone();
        } finally {
            source.s3.up();
        }
        requireGoesOn(starting);
    }

    @Test
    void aStoreThatStandsStillIsWaitedFor() throws Exception {
        CompletableFuture<Compactor> starting;
        try (Injection stuck = source.s3.faults().delay(Duration.ofMinutes(5), S3Requests.all())) {
            starting = starting();
            Await.until(LiveSource.LIMIT, () -> told.size() >= 3, "the store was asked in vain, again and again");

            assertThat(starting).isNotDone();
            assertThat(stuck.hits()).isGreaterThanOrEqualTo(3);
        }
        requireGoesOn(starting);
    }

    private CompletableFuture<Compactor> starting() {
        return CompletableFuture.supplyAsync(() -> startedWith(at().answeringWithin(DEADLINE)));
    }

    private void requireGoesOn(CompletableFuture<Compactor> starting) throws Exception {
        try (Compactor compactor = starting.get(60, TimeUnit.SECONDS)) {
            source.produce(100);
            source.finish();
            Await.until(LiveSource.LIMIT, () -> compactor.health().isReady(), "it is ready");
        }
        assertThat(told).allSatisfy(health -> {
            assertThat(health.isAlive()).isTrue();
            assertThat(health.unready())
                    .singleElement()
                    .asString()
                    .startsWith("S3 does not answer: cannot ")
                    .contains(" s3://");
        });
        source.assertArchived();
    }

    @Test
    @Timeout(60)
    void credentialsThatAreRefusedEndTheStartAtOnce() {
        S3Settings wrong = S3Settings.at(
                source.s3.uri(), source.s3.bucket(), source.s3.accessKey(), Secret.of("not " + source.s3.secretKey()));

        assertRefused(wrong, "Check s3.access-key-id");
    }

    @Test
    @Timeout(60)
    void aBucketThatIsMissingEndsTheStartAtOnce() {
        assertRefused(at().with("no-such-bucket"), "Check s3.bucket");
    }

    private void assertRefused(S3Settings settings, String advice) {
        assertThatThrownBy(() -> startedWith(settings))
                .isInstanceOfSatisfying(
                        TidemarkError.class, e -> assertThat(e.code()).isEqualTo(ExitCode.UNREACHABLE))
                .hasMessageContaining(advice);
        assertThat(told).isEmpty();
    }

    private Compactor startedWith(S3Settings s3) {
        return Compactor.start(
                source.ground
                        .settings(source.ground.source(), LiveSource.CUT_AGE, LiveSource.SEGMENT_BYTES_MAX)
                        .with(s3),
                new SimpleMeterRegistry(),
                told::add);
    }

    private static S3Settings at() {
        return S3Settings.at(
                source.s3.uri(), source.s3.bucket(), source.s3.accessKey(), Secret.of(source.s3.secretKey()));
    }
}
