package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ForeignObject;
import dev.tidemark.archive.ForeignPlace;
import dev.tidemark.archive.PartsUpload;
import dev.tidemark.rdb.FunctionPayload;
import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Into a snapshot in S3, which a real server then loads. */
@TestInstance(Lifecycle.PER_CLASS)
class ObjectRestoreTest {
    private static final int SHARDS = 2;

    private BackedUp backup;

    @BeforeAll
    void backUp() {
        backup = new BackedUp(48, SHARDS, 200, 1_000);
    }

    @AfterAll
    void stop() {
        backup.close();
    }

    @Test
    void aStockServerLoadsIt(@TempDir Path directory) throws IOException {
        RestoreObject object = object("elsewhere/dump.rdb");

        RestoreReport report = restore(object, RestoreOptions.careful(), RestoreListener.silent());

        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        try (InputStream in = ForeignObject.open(backup.settings().s3(), object.bucket(), object.key())) {
            Files.copy(in, directory.resolve("dump.rdb"));
        }
        try (RedisServer server =
                        RedisServer.start(RedisServer.Options.defaults().withDirectory(directory));
                RedisContent content = new RedisContent(server.uri())) {
            assertThat(content.read()).isEqualTo(backup.expected(backup.source().last()));
        }
    }

    @Test
    void anObjectThatIsThereStaysUnlessItIsToBeReplaced() throws IOException {
        RestoreObject object = object("theirs.rdb");
        put(object, "theirs");

        assertThatThrownBy(() -> restore(object, RestoreOptions.careful(), RestoreListener.silent()))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.TARGET_REFUSED))
                .hasMessageContaining("is there already");
        assertThat(content(object)).isEqualTo("theirs".getBytes(StandardCharsets.US_ASCII));
        restore(object, RestoreOptions.careful().replacing(), RestoreListener.silent());
        assertThat(content(object)).startsWith("REDIS".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void anObjectThatComesMeanwhileIsNotReplaced() throws IOException {
        RestoreObject object = object("meanwhile.rdb");

        assertThatThrownBy(() -> restore(object, RestoreOptions.careful(), progress -> {
                    if (progress.phase() == Phase.PROVING) {
                        put(object, "theirs");
                    }
                }))
                .hasMessageContaining("is there already");

        assertThat(content(object)).isEqualTo("theirs".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void nothingIsVisibleOfARunThatFailedAndTheNextOneTellsOfUnfinishedUploads() {
        RestoreObject object = object("failed.rdb");
        try (ForeignPlace place = ForeignPlace.of(backup.settings().s3(), object.bucket(), object.key())) {
            place.begin().write(1);
            assertThatThrownBy(() -> restore(object, RestoreOptions.careful(), progress -> {
                        if (progress.phase() == Phase.WRITING && progress.keys() > 10) {
                            throw new IllegalStateException("the machine fails");
                        }
                    }))
                    .hasMessageContaining("the machine fails");

            assertThat(place.isTaken()).isFalse();
            assertThat(restore(object, RestoreOptions.careful(), RestoreListener.silent())
                            .limits())
                    .anyMatch(limit -> limit.startsWith("1 unfinished uploads to " + object.address()));
            assertThat(place.isTaken()).isTrue();
        }
    }

    /** By an interrupt, for which the client to S3 asks nothing more. */
    @Test
    void nothingStaysOfARunThatIsToldToStop() {
        for (Phase phase : List.of(Phase.WRITING, Phase.PROVING)) {
            RestoreObject object = object("stopped-%s.rdb".formatted(phase));
            try (ForeignPlace place = ForeignPlace.of(backup.settings().s3(), object.bucket(), object.key())) {
                assertThatThrownBy(() -> restore(object, RestoreOptions.careful(), progress -> {
                            if (progress.phase() == phase) {
                                Thread.currentThread().interrupt();
                            }
                        }))
                        .isInstanceOf(TidemarkError.class);

                assertThat(Thread.interrupted()).as("in " + phase).isTrue();
                assertThat(place.isTaken()).isFalse();
                assertThat(place.unfinished()).isZero();
            }
        }
    }

    /** They come before the first key, and are read back with everything else. */
    @Test
    void librariesOfAnySizeComeBeforeTheKeys() throws IOException {
        Settings settings = RestoreTest.settings(backup.s3(), "libraries", 1);
        byte[] code = RedisContent.bytes(
                "#!lua name=large\nredis.register_function('one', function() return 1 end)\n--" + "x".repeat(3 << 20));
        try (Archive archive = Archive.open(settings.s3(), "libraries")) {
            SmallSource source = new SmallSource(archive);
            source.define(
                    Definitions.FUNCTIONS,
                    FunctionPayload.of(List.of(Bytes.wrap(code)), 10).array());
            source.put("key", new Value.Text(Bytes.utf8("text")));
            source.archive();
        }
        RestoreObject object = object("libraries.rdb");
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);

            RestoreReport report = assertTimeoutPreemptively(
                    Duration.ofSeconds(60),
                    () -> restorer.restore(plan, object, RestoreOptions.careful(), RestoreListener.silent()));

            assertThat(report.isProven()).isTrue();
        }
        assertThat(content(object)).hasSizeGreaterThan(3 << 20);
    }

    private RestoreObject object(String key) {
        return RestoreObject.at("s3://" + backup.s3().bucket() + "/" + key);
    }

    private void put(RestoreObject object, String content) {
        try (ForeignPlace place = ForeignPlace.of(backup.settings().s3(), object.bucket(), object.key());
                PartsUpload upload = place.begin()) {
            upload.write(RedisContent.bytes(content), 0, content.length());
            upload.complete();
        }
    }

    private byte[] content(RestoreObject object) throws IOException {
        try (InputStream in = ForeignObject.open(backup.settings().s3(), object.bucket(), object.key())) {
            return in.readAllBytes();
        }
    }

    private RestoreReport restore(RestoreObject object, RestoreOptions options, RestoreListener listener) {
        try (Restorer restorer = Restorer.open(backup.settings())) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            return restorer.restore(plan, object, options, listener);
        }
    }
}
