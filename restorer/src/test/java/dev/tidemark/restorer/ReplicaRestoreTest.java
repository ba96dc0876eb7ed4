package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.MatrixServer;
import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A real server follows the restore as if that were its primary. */
@TestInstance(Lifecycle.PER_CLASS)
class ReplicaRestoreTest {
    private static final int SHARDS = 3;
    private BackedUp backup;

    @BeforeAll
    void backUp() {
        backup = new BackedUp(44, SHARDS, 300, 2_000);
    }

    @AfterAll
    void stop() {
        backup.close();
    }

    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void aServerThatFollowsHoldsExactlyWhatTheSourceHeld(MatrixServer server) {
        assumeTrue(server.isHere(), server::whyNot);
        Instant to = backup.source().between(0.4);
        for (String load : new String[] {"disabled", "on-empty-db"}) {
            try (RedisServer target = RedisServer.start(server.options().withConfig("repl-diskless-load " + load));
                    RedisContent content = new RedisContent(target.uri())) {
                ReplicationPort port = port(Optional.empty(), Optional.empty());

                RestoreReport report = restore(Optional.of(to), port, progress -> {
                    if (progress.phase() == Phase.WAITING) {
                        content.redis().replicaof("127.0.0.1", port.port());
                    }
                });

                assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
                assertThat(report.target()).endsWith(":" + target.port());
                content.redis().replicaofNoOne();
                assertThat(content.read()).isEqualTo(backup.expected(to));
            }
        }
    }

    @Test
    void aTargetThatIsToldByUsStandsAloneAtTheEnd() {
        String password = "of-the-restore";
        RedisServer.Options options = RedisServer.Options.defaults().withPassword(password);
        try (RedisServer target = RedisServer.start(options);
                RedisContent content = new RedisContent(target.uri())) {
            ReplicationPort port = port(Optional.of(Secret.of(password)), Optional.of(RestoreTarget.at(target.uri())));

            RestoreReport report = restore(Optional.empty(), port, RestoreListener.silent());

            assertThat(report.isProven()).isTrue();
            assertThat(content.redis().info("replication")).contains("role:master");
            assertThat(content.read()).isEqualTo(backup.expected(backup.source().last()));
        }
    }

    @Test
    void aTargetThatDoesNotSayThePasswordIsWaitedForBrieflyAndStandsAloneAgain() {
        Secret password = Secret.of("that-nobody-told-it");

        requireGivenUp(Optional.of(password), port -> {}, "to the target as masterauth");
    }

    @Test
    void soIsOneThatDoesNotComeForSomebodySilentIsAtTheDoor() throws IOException {
        try (Socket silent = new Socket()) {
            requireGivenUp(Optional.empty(), port -> connect(silent, port), "it must reach that address");
        }
    }

    private static void connect(Socket visitor, ReplicationPort port) {
        try {
            visitor.connect(new InetSocketAddress(port.host(), port.port()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whoIsToldToStopWhileItSendsSaysThatTheTargetStillFollows() {
        try (RedisServer target = RedisServer.start();
                RedisContent content = new RedisContent(target.uri())) {
            ReplicationPort port = port(Optional.empty(), Optional.of(RestoreTarget.at(target.uri())));

            assertThatThrownBy(() -> restore(Optional.empty(), port, interruptedIn(Phase.WRITING)))
                    .hasMessageContaining("The target still follows this address");

            assertThat(Thread.interrupted()).isTrue();
            assertThat(content.redis().info("replication")).contains("role:slave");
        }
    }

    @Test
    void whoIsToldToStopBeforeSomebodyCameSaysThatNothingWasWritten() {
        assertThatThrownBy(() -> restore(
                        Optional.empty(), port(Optional.empty(), Optional.empty()), interruptedIn(Phase.WAITING)))
                .hasMessage("the restore was interrupted before its first write");

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void whoIsToldToStopBeforeATargetIsToldToFollowDoesNotTellIt() {
        try (RedisServer target = RedisServer.start();
                RedisContent content = new RedisContent(target.uri())) {
            ReplicationPort port = port(Optional.empty(), Optional.of(RestoreTarget.at(target.uri())));

            assertThatThrownBy(() -> restore(Optional.empty(), port, interruptedIn(Phase.WAITING)))
                    .hasMessage("the restore was interrupted before its first write");

            assertThat(Thread.interrupted()).isTrue();
            assertThat(content.redis().info("commandstats")).doesNotContain("cmdstat_replicaof");
        }
    }

    private static RestoreListener interruptedIn(Phase phase) {
        return progress -> {
            if (progress.phase() == phase) {
                Thread.currentThread().interrupt();
            }
        };
    }

    private void requireGivenUp(Optional<Secret> password, Consumer<ReplicationPort> beforeItIsTold, String why) {
        try (RedisServer target = RedisServer.start();
                RedisContent content = new RedisContent(target.uri());
                Restorer restorer = Restorer.open(backup.settings())) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            ReplicationPort port = port(password, Optional.of(RestoreTarget.at(target.uri())));
            RestoreRun run = restorer.run(plan, RestoreOptions.careful(), progress -> {
                if (progress.phase() == Phase.WAITING) {
                    beforeItIsTold.accept(port);
                }
            });

            assertThatThrownBy(() -> new ReplicaRestoration(run, port, Duration.ofSeconds(4)).run())
                    .isInstanceOfSatisfying(TidemarkError.class, refused -> assertThat(refused.code())
                            .isEqualTo(ExitCode.TARGET_REFUSED))
                    .hasMessageContaining(why)
                    .satisfies(refused -> password.ifPresent(
                            secret -> assertThat(refused.getMessage()).doesNotContain(secret.reveal())));

            assertThat(content.redis().info("replication")).contains("role:master");
            assertThat(content.read()).isEmpty();
        }
    }

    @Test
    void aTargetThatIsNotEmptyIsNotToldToFollow() {
        try (RedisServer target = RedisServer.start();
                RedisContent content = new RedisContent(target.uri())) {
            content.redis().set(RedisContent.bytes("theirs"), RedisContent.bytes("1"));
            ReplicationPort port = port(Optional.empty(), Optional.of(RestoreTarget.at(target.uri())));

            assertThatThrownBy(() -> restore(Optional.empty(), port, RestoreListener.silent()))
                    .isInstanceOfSatisfying(TidemarkError.class, refused -> assertThat(refused.code())
                            .isEqualTo(ExitCode.TARGET_REFUSED));

            assertThat(content.redis().info("replication")).contains("role:master");
            assertThat(content.read()).hasSize(1);
        }
    }

    @Test
    void nobodyIsServedWithoutAPasswordBeyondThisMachine() {
        ReplicationPort open = new ReplicationPort(
                "0.0.0.0", FreePort.next(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

        assertThatThrownBy(() -> restore(Optional.empty(), open, RestoreListener.silent()))
                .hasMessageContaining("--serve-password-file");
    }

    @Test
    void theCapturedSourceIsNotServedUnlessItIsMeant() {
        try (RedisServer target = RedisServer.start();
                RedisContent content = new RedisContent(target.uri());
                Restorer restorer = Restorer.open(backup.settings().with(RedisSettings.at(target.uri())))) {
            content.redis().set(RedisContent.bytes("theirs"), RedisContent.bytes("1"));
            ReplicationPort port = port(Optional.empty(), Optional.empty());
            RestorePlan plan = restorer.plan(Optional.empty(), false);

            assertThatThrownBy(() -> restorer.restore(plan, port, RestoreOptions.careful(), progress -> {
                        if (progress.phase() == Phase.WAITING) {
                            content.redis().replicaof("127.0.0.1", port.port());
                        }
                    }))
                    .hasMessageContaining("is the captured source itself");

            content.redis().replicaofNoOne();
            assertThat(content.read()).hasSize(1);
        }
    }

    private RestoreReport restore(Optional<Instant> to, ReplicationPort port, RestoreListener listener) {
        try (Restorer restorer = Restorer.open(backup.settings())) {
            RestorePlan plan = restorer.plan(to, false);
            return restorer.restore(plan, port, RestoreOptions.careful(), listener);
        }
    }

    private static ReplicationPort port(Optional<Secret> password, Optional<RestoreTarget> target) {
        return new ReplicationPort("127.0.0.1", FreePort.next(), password, target, Optional.empty(), Optional.empty());
    }
}
