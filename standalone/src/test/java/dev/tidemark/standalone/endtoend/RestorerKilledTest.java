package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.restorer.RestoreFile;
import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreReport;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.standalone.endtoend.RestoreProcesses.Asked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A restore in a process of its own is killed while it writes; the next one says what it found, and ends right. */
@TestInstance(Lifecycle.PER_CLASS)
class RestorerKilledTest {
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
    void intoAServer() {
        try (RedisServer target = RedisServer.start();
                FaultProxy slow = FaultProxy.before(target);
                Asked asked = new Asked(target)) {
            slow.bandwidth(RestoreProcesses.SLOW_BYTES_A_SECOND);
            long moment = 10L + restores.random().nextInt(RestoreProcesses.KEYS / 2);
            restores.killed(
                    () -> asked.redis().dbsize() > moment,
                    RestoreProcesses.whole(
                            "--replace", "--into", slow.uri("redis").toString()));
            RestoreTarget there = RestoreTarget.at(target.uri());

            assertThatThrownBy(() ->
                            restores.restore(there, RestoreOptions.careful().replacing()))
                    .hasMessageContaining("is locked: restore of killed to")
                    .hasMessageContaining("DEL tidemark:restore-lock there");
            assertThat(asked.redis().dbsize()).isBetween(moment, RestoreProcesses.KEYS + 1L);
            asked.redis().del(RestoreProcesses.LOCK);
            assertThatThrownBy(() -> restores.restore(there, RestoreOptions.careful()))
                    .hasMessageContaining("is not empty");
            RestoreReport report =
                    restores.restore(there, RestoreOptions.careful().merging());

            assertThat(report.isProven()).isTrue();
            assertThat(report.keysWritten()).isEqualTo(RestoreProcesses.KEYS);
            assertThat(report.limits()).anyMatch(limit -> limit.matches("\\d+ keys were there before .*"));
            assertThat(asked.redis().dbsize()).isEqualTo(RestoreProcesses.KEYS);
        }
    }

    @Test
    void intoAFile() throws IOException {
        Path file = restores.directory().resolve("dump.rdb");
        Path unfinished = restores.directory().resolve("dump.rdb.unfinished");
        restores.killed(
                () -> Files.exists(unfinished) && unfinished.toFile().length() > 0,
                RestoreProcesses.whole("--replace", "--rdb", file.toString()));
        // The moment may have been that of the last byte.
        boolean isWhole = Files.exists(file);
        try (Restorer restorer = Restorer.open(restores.settings())) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            RestoreReport report = restorer.restore(
                    plan, new RestoreFile(file), RestoreOptions.careful().replacing(), RestoreListener.silent());

            assertThat(report.isProven()).isTrue();
            assertThat(report.limits().stream().anyMatch(limit -> limit.contains("left by a run that died")))
                    .isEqualTo(!isWhole);
        }
        assertThat(unfinished).doesNotExist();
    }

    @Test
    void asThePrimaryOfAReplica() {
        try (RedisServer target = RedisServer.start();
                Asked asked = new Asked(target)) {
            restores.killed(
                    () -> asked.redis().info("replication").contains("role:slave"),
                    RestoreProcesses.whole(
                            "--replace",
                            "--serve",
                            Integer.toString(FreePort.next()),
                            "--into",
                            target.uri().toString()));

            assertThatThrownBy(() -> restores.serve(target)).hasMessageContaining("say REPLICAOF NO ONE there");
            asked.redis().replicaofNoOne();
            assertThat(restores.serve(target).isProven()).isTrue();
            assertThat(asked.redis().dbsize()).isEqualTo(RestoreProcesses.KEYS);
            assertThat(asked.redis().info("replication")).contains("role:master");
        }
    }

    /** Whether it still writes nobody can know from here: a person says that it does not. */
    @Test
    void aPartThatIsKilled() {
        try (RedisServer target = RedisServer.start();
                FaultProxy slow = FaultProxy.before(target);
                Asked asked = new Asked(target)) {
            slow.bandwidth(RestoreProcesses.SLOW_BYTES_A_SECOND);
            RestoreTarget there = RestoreTarget.at(target.uri());
            restores.killed(() -> asked.redis().dbsize() > 10, RestoreProcesses.part(slow, restores.at()));
            assertThat(restores.restore(there, RestoreOptions.careful().doing(RestoreProcesses.OTHER))
                            .isProven())
                    .isTrue();

            assertThatThrownBy(() -> restores.restore(
                            there, RestoreOptions.careful().merging().doing(RestoreProcesses.PART)))
                    .hasMessageContaining("is locked: restore of killed to")
                    .hasMessageContaining("HDEL %s \"part 1\" there".formatted(RestoreProcesses.LOCK));
            asked.redis().hdel(RestoreProcesses.LOCK, "part 1");

            restores.requirePartDoneAgain(there, asked);
        }
    }
}
