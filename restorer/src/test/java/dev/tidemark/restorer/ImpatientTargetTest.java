package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.verify.VerifyReport;
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
import org.junit.jupiter.api.AfterEach;
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
    private RedisServer target;
    private RedisContent content;
    private final Set<Phase> slept = EnumSet.noneOf(Phase.class);

    @BeforeAll
    void backUp() {
        backup = new BackedUp(45, 2, 300, 1_500);
        // So little at a time that keys are written before all are read.
        settings = backup.settings().with(new RestorerSettings(5_000_000, 64 << 10, 2, Duration.ofMinutes(5)));
    }

    @BeforeEach
    void startTarget() {
        target = RedisServer.start(RedisServer.Options.defaults().withConfig("timeout 2"));
        content = new RedisContent(target.uri());
        slept.clear();
    }

    @AfterEach
    void stopTarget() {
        content.close();
        target.close();
    }

    @AfterAll
    void stop() {
        backup.close();
    }

    @Test
    void isFilledAndProvenAndComparedHoweverLongThatTakes() {
        content.redis().set(RedisContent.bytes("theirs"), RedisContent.bytes("1"));
        try (Restorer restorer = Restorer.open(settings)) {
            RestoreReport report = restorer.restore(
                    restorer.plan(Optional.empty(), false),
                    RestoreTarget.at(target.uri()),
                    RestoreOptions.careful().replacing(),
                    this::sleepOnce);

            assertThat(report.isProven()).isTrue();
        }
        try (Lookout lookout = Lookout.open(settings, Clock.systemUTC())) {
            VerifyReport report = lookout.verify(
                    lookout.plan(Optional.empty(), false), RestoreTarget.at(target.uri()), 10, this::sleepOnce);

            assertThat(report.isSame()).as(report.toString()).isTrue();
        }
        assertThat(slept)
                .containsExactly(Phase.VALIDATING, Phase.WRITING, Phase.PROVING, Phase.COMPARING, Phase.SCANNING);
    }

    @Test
    void standsAloneAgainAfterItFollowedForLong() {
        ReplicationPort port = new ReplicationPort(
                "127.0.0.1",
                FreePort.next(),
                Optional.empty(),
                Optional.of(RestoreTarget.at(target.uri())),
                Optional.empty(),
                Optional.empty());
        try (Restorer restorer = Restorer.open(settings)) {
            RestoreReport report = restorer.restore(
                    restorer.plan(Optional.empty(), false), port, RestoreOptions.careful(), this::sleepOnce);

            assertThat(report.isProven()).isTrue();
        }
        assertThat(slept).contains(Phase.WAITING, Phase.WRITING);
        try (RedisContent now = new RedisContent(target.uri())) {
            assertThat(now.redis().info("replication")).contains("role:master");
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
