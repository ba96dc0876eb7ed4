package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.verify.VerifyReport;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.RestorerSettings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisServer;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** A server that hangs up on whoever says nothing for two seconds ({@code timeout}), and an archive that is slower than that. */
@TestInstance(Lifecycle.PER_CLASS)
class ImpatientTargetTest {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(4);
    private static final int SOME_KEYS = 40;

    private BackedUp backup;
    private Settings settings;
    private final Set<Phase> slept = EnumSet.noneOf(Phase.class);

    @BeforeAll
    void backUp() {
        backup = new BackedUp(45, 2, 300, 1_500);
        // So little at a time that keys are written before all are read.
        settings = backup.settings().with(new RestorerSettings(5_000_000, 64 << 10, 2, Duration.ofMinutes(5)));
    }

    @BeforeEach
    void forget() {
        slept.clear();
    }

    @AfterAll
    void stop() {
        backup.close();
    }

    @Test
    void isFilledAndProvenAndComparedHoweverLongThatTakes() {
        try (RedisServer target = impatient();
                Lookout lookout = Lookout.open(settings, Clock.systemUTC())) {
            assertThat(restore(target, this::sleepOnce).isProven()).isTrue();

            VerifyReport report = lookout.verify(
                    lookout.plan(Optional.empty(), false), RestoreTarget.at(target.uri()), 10, this::sleepOnce);

            assertThat(report.isSame()).as(report.toString()).isTrue();
        }
        assertThat(slept)
                .containsExactly(Phase.VALIDATING, Phase.WRITING, Phase.PROVING, Phase.COMPARING, Phase.SCANNING);
    }

    /** Half of an answer would be another one's. */
    @Test
    void isNotComparedOnWhenAnotherServerHasTakenItsPlace() {
        try (RedisServer target = impatient();
                Lookout lookout = Lookout.open(settings, Clock.systemUTC())) {
            restore(target, RestoreListener.silent());

            assertThatThrownBy(() -> lookout.verify(
                            lookout.plan(Optional.empty(), false), RestoreTarget.at(target.uri()), 10, progress -> {
                                if (progress.phase() == Phase.COMPARING && progress.keys() > SOME_KEYS) {
                                    if (slept.isEmpty()) {
                                        target.restart(true);
                                    }
                                    sleepOnce(progress);
                                }
                            }))
                    .isInstanceOf(TidemarkError.class)
                    .hasMessageContaining("Currently not connected");
        }
    }

    @Test
    void standsAloneAgainAfterItFollowedForLong() {
        try (RedisServer target = impatient();
                Restorer restorer = Restorer.open(settings)) {
            ReplicationPort port = new ReplicationPort(
                    "127.0.0.1",
                    FreePort.next(),
                    Optional.empty(),
                    Optional.of(RestoreTarget.at(target.uri())),
                    Optional.empty(),
                    Optional.empty());

            RestoreReport report = restorer.restore(
                    restorer.plan(Optional.empty(), false), port, RestoreOptions.careful(), this::sleepOnce);

            assertThat(report.isProven()).isTrue();
            try (RedisContent content = new RedisContent(target.uri())) {
                assertThat(content.redis().info("replication")).contains("role:master");
            }
        }
        assertThat(slept).contains(Phase.WAITING, Phase.WRITING);
    }

    private static RedisServer impatient() {
        return RedisServer.start(RedisServer.Options.defaults().withConfig("timeout 2"));
    }

    private RestoreReport restore(RedisServer target, RestoreListener listener) {
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            // It is empty, and deleting what it has is a way of its own to speak to it.
            return restorer.restore(
                    plan,
                    RestoreTarget.at(target.uri()),
                    RestoreOptions.careful().replacing(),
                    listener);
        }
    }

    private void sleepOnce(RestoreProgress progress) {
        boolean isAmid = progress.keys() > SOME_KEYS
                || progress.phase() == Phase.VALIDATING
                || progress.phase() == Phase.WAITING
                || progress.phase() == Phase.PROVING;
        if (!isAmid || !slept.add(progress.phase())) {
            return;
        }
        try {
            Thread.sleep(LONG_ENOUGH.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("nobody interrupts this test", e);
        }
    }
}
