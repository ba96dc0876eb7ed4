package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import dev.tidemark.standalone.endtoend.RestoreProcesses.Asked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A restore in a process of its own is told to stop: what it says of the target is so, and it leaves no lock. */
@TestInstance(Lifecycle.PER_CLASS)
class RestorerStoppedTest {
    private RestoreProcesses restores;

    @BeforeAll
    void backUp(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path directory) throws IOException {
        restores = RestoreProcesses.of(directory);
    }

    @AfterAll
    void stop() {
        restores.close();
    }

    @Test
    void aRestoreThatIsToldToStop() throws IOException {
        try (RedisServer target = RedisServer.start();
                FaultProxy slow = FaultProxy.before(target);
                Asked asked = new Asked(target)) {
            asked.redis().set("of before", "1");
            slow.bandwidth(RestoreProcesses.SLOW_BYTES_A_SECOND);
            Path said = restores.stopped(
                    () -> asked.redis().dbsize() > 10,
                    RestoreProcesses.whole(
                            "--replace", "--into", slow.uri("redis").toString()));

            assertThat(Files.readString(said))
                    .containsPattern(
                            "holds an unfinished restore: up to [0-9,]+ keys were sent to it after all that it had was deleted")
                    .contains("Go on over what is there with --merge, or begin anew with --replace")
                    .doesNotContain("as it was");
            assertThat(asked.redis().exists("of before", RestoreProcesses.LOCK)).isZero();
            assertThat(restores.restore(
                                    RestoreTarget.at(target.uri()),
                                    RestoreOptions.careful().merging())
                            .isProven())
                    .isTrue();
        }
    }

    @Test
    void aRestoreThatIsToldToStopWhileItValidates() throws IOException {
        try (RedisServer target = RedisServer.start();
                Asked asked = new Asked(target);
                Injection slow = restores.s3().faults().delay(Duration.ofSeconds(1), S3Requests.gets())) {
            Path said = restores.stopped(
                    RestoreProcesses::hasItsPlan,
                    RestoreProcesses.whole(
                            "--serve",
                            Integer.toString(FreePort.next()),
                            "--into",
                            target.uri().toString()));

            assertThat(slow.hits()).isPositive();
            assertThat(Files.readString(said)).contains("is as it was").doesNotContain("still follows");
            assertThat(asked.redis().info("replication")).contains("role:master");
        }
    }

    /** One that is told to follow and cannot come is told to stand alone again. */
    @Test
    void aRestoreThatIsToldToStopBeforeItsReplicaCame() throws IOException {
        // The target lacks it, and so is not let in.
        Path password = Files.writeString(restores.directory().resolve("password"), "s3cret");
        try (RedisServer target = RedisServer.start();
                Asked asked = new Asked(target)) {
            Path said = restores.stopped(
                    () -> asked.redis().info("replication").contains("role:slave"),
                    RestoreProcesses.whole(
                            "--serve",
                            Integer.toString(FreePort.next()),
                            "--serve-password-file",
                            password.toString(),
                            "--into",
                            target.uri().toString()));

            assertThat(Files.readString(said))
                    .contains("Nothing was written to it, and it follows nobody any more")
                    .doesNotContain("may do so still");
            assertThat(asked.redis().info("replication")).contains("role:master");
        }
    }

    @Test
    void aPartThatIsToldToStop() throws IOException {
        try (RedisServer target = RedisServer.start();
                FaultProxy slow = FaultProxy.before(target);
                Asked asked = new Asked(target)) {
            slow.bandwidth(RestoreProcesses.SLOW_BYTES_A_SECOND);
            Path said = restores.stopped(() -> asked.redis().dbsize() > 10, RestoreProcesses.part(slow, restores.at()));

            assertThat(Files.readString(said))
                    .containsPattern("holds an unfinished restore: up to [0-9,]+ keys were sent to it")
                    .contains("Run part 1 of 2 again with --merge; the others are not concerned")
                    .doesNotContain("as it was");
            RestoreTarget there = RestoreTarget.at(target.uri());
            assertThat(restores.restore(there, RestoreOptions.careful().doing(RestoreProcesses.OTHER))
                            .isProven())
                    .isTrue();
            restores.requirePartDoneAgain(there, asked);
        }
    }
}
