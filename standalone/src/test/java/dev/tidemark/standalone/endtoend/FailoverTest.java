package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.oracle.Oracle;
import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.standalone.Main;
import dev.tidemark.standalone.command.Terminal;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The primary dies, and {@code deploy/failover.sh} puts a replacement in its place. */
@ExtendWith(SharedGround.class)
class FailoverTest {
    private static final Path SCRIPT =
            Path.of("..", "deploy", "failover.sh").toAbsolutePath().normalize();
    private static final SourceSettings SOURCE = SourceSettings.of("e2e-failover", 2);
    private static final Duration SOON = Duration.ofMinutes(2);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void theReplacementHoldsTheLatestMomentAndIsProtectedInTurn(Ground ground)
            throws IOException, InterruptedException {
        Path before = Files.createDirectory(directory.resolve("before"));
        Path after = Files.createDirectory(directory.resolve("after"));
        try (RedisServer primary = RedisServer.start();
                RedisServer replacement = RedisServer.start();
                RedisServer scratch = RedisServer.start()) {
            Instant beforeIt;
            try (Deployment deployment = Deployment.start(before, ground, SOURCE, RedisSettings.at(primary.uri()));
                    Oracle oracle = Oracle.open(primary.uri(), Pace.seeded(7))) {
                oracle.resume();
                deployment.awaitProtected(oracle.now());
                oracle.awaitWrites(200, SOON);
                oracle.stop();
                beforeIt = oracle.now();
                deployment.awaitHolding(beforeIt);
                primary.kill();

                Path config = before.resolve("tidemark.yml");
                requirePassword(replacement, "", "s3cret");
                assertThat(failover(config, replacement, "0")).isEqualTo(3);
                assertThat(Files.exists(handedOver())).isFalse();
                assertThat(failover(config, replacement, "600")).as(said()).isZero();
                requirePassword(replacement, "s3cret", "");
                assertThat(Files.readString(handedOver())).isEqualTo("to the replacement\n");

                assertThat(said()).contains("RTO").contains("proof      PASS");
                assertThat(oracle.check(replacement.uri(), beforeIt, Duration.ZERO)
                                .clean())
                        .isTrue();
            }

            try (Deployment deployment = Deployment.start(after, ground, SOURCE, RedisSettings.at(replacement.uri()));
                    RedisClient client = RedisClient.create(replacement.uri().toString())) {
                deployment.awaitProtected(Instant.now());
                client.connect().sync().set("written-after-the-failover", "1");
                // A restore is as exact as its claims: what was written a moment before its time may not be in it yet.
                Instant afterIt = deployment.awaitHolding(Instant.now());

                Terminal terminal = Terminal.in(directory);
                assertThat(terminal.run(
                                "status", "--config", deployment.config().toString()))
                        .as(terminal::printed)
                        .isZero();
                restore(deployment, afterIt, scratch);
                assertThat(get(scratch, "written-after-the-failover")).isEqualTo("1");
                restore(deployment, beforeIt, scratch);
                assertThat(get(scratch, "written-after-the-failover")).isNull();
            }
        }
    }

    private int failover(Path config, RedisServer into, String maxLoss) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("bash", SCRIPT.toString(), "--config", config.toString()));
        line.addAll(List.of("--into", into.uri().toString(), "--max-loss", maxLoss));
        Path password = Files.writeString(directory.resolve("password"), "s3cret\n");
        line.addAll(List.of("--target-password-file", password.toString()));
        line.addAll(List.of("--then", "echo to the replacement > '%s'".formatted(handedOver())));
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("failover.log").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("TIDEMARK_"));
        builder.environment().put("TIDEMARK", command().toString());
        Process process = builder.start();
        assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private Path handedOver() {
        return directory.resolve("handed-over");
    }

    /** An empty one is none. */
    private static void requirePassword(RedisServer redis, String before, String from) {
        RedisURI uri = RedisURI.create(redis.uri().toString());
        if (!before.isEmpty()) {
            uri.setCredentialsProvider(RedisCredentialsProvider.from(() -> RedisCredentials.just(null, before)));
        }
        try (RedisClient client = RedisClient.create(uri)) {
            client.connect().sync().configSet("requirepass", from);
        }
    }

    /** What a user has as the command tidemark. */
    private Path command() throws IOException {
        Path command = directory.resolve("tidemark");
        Files.writeString(
                command,
                "#!/bin/sh%nexec '%s/bin/java' -Xmx192m -XX:TieredStopAtLevel=1 -cp '%s' %s \"$@\"%n"
                        .formatted(
                                System.getProperty("java.home"),
                                System.getProperty("java.class.path"),
                                Main.class.getName()));
        return Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwx------"));
    }

    private String said() throws IOException {
        return Files.readString(directory.resolve("failover.log"), StandardCharsets.UTF_8);
    }

    private static void restore(Deployment deployment, Instant to, RedisServer into) {
        try (Restorer restorer = Restorer.open(deployment.settings())) {
            RestorePlan plan = Deployment.withTail(() -> restorer.plan(Optional.of(to), true));
            assertThat(restorer.restore(
                                    plan,
                                    RestoreTarget.at(into.uri()),
                                    RestoreOptions.careful().replacing(),
                                    RestoreListener.silent())
                            .isProven())
                    .isTrue();
        }
    }

    private static String get(RedisServer redis, String key) {
        try (RedisClient client = RedisClient.create(redis.uri().toString())) {
            return client.connect().sync().get(key);
        }
    }
}
