package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import io.lettuce.core.FlushMode;
import io.lettuce.core.ScriptOutputType;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A library that was loaded anew after the baseline: the log of one shard tells of it, and each part reads its own shards. */
class LibrariesInPartsTest {
    private static final int SHARDS = 2;
    private static final String NAME = "in-parts";

    private S3Endpoint s3;
    private RedisServer target;
    private RedisContent content;
    private Settings settings;
    private GeneratedSource source;

    @BeforeEach
    void backUp() throws IOException {
        s3 = S3Endpoint.start();
        target = RedisServer.start();
        content = new RedisContent(target.uri());
        settings = RestoreTest.settings(s3, NAME, SHARDS);
        source = new GeneratedSource(47, SHARDS, 50, 300, List.of());
        Instant taken = source.between(0.4);
        load(2);
        source.define(0.75, Definitions.FUNCTIONS, Bytes.wrap(content.redis().functionDump()));
        content.redis().functionFlush(FlushMode.SYNC);
        try (Archive archive = Archive.open(settings.s3(), NAME)) {
            source.archive(archive, 60);
            try (Restorer restorer = Restorer.open(settings)) {
                restorer.restore(
                        restorer.plan(Optional.of(taken), false),
                        RestoreTarget.at(target.uri()),
                        RestoreOptions.careful(),
                        RestoreListener.silent());
            }
            load(1);
            content.redis().save();
            byte[] rdb = Files.readAllBytes(target.directory().resolve("dump.rdb"));
            SavedBaseline.publish(archive, rdb, taken, content.redis().dbsize());
        }
        content.redis().flushall();
        content.redis().functionFlush(FlushMode.SYNC);
    }

    @AfterEach
    void stop() {
        content.close();
        target.close();
        s3.close();
    }

    @Test
    void thePartThatDoesNotReadOfItLeavesItAsTheOtherLoadedIt() {
        restore(1, RestoreOptions.careful());
        restore(2, RestoreOptions.careful());

        assertThat(call()).isEqualTo(2);
        assertThat(content.read()).isEqualTo(content.asRead(source.stateAt(source.last())));
    }

    @Test
    void norDoesItGoBackToTheBaselineWhereWhatIsThereMayBeReplaced() {
        restore(1, RestoreOptions.careful().replacing());
        restore(2, RestoreOptions.careful().replacing());

        assertThat(call()).isEqualTo(2);
    }

    @Test
    void thePartsMayComeInAnyOrder() {
        restore(2, RestoreOptions.careful());
        restore(1, RestoreOptions.careful());

        assertThat(call()).isEqualTo(2);
    }

    private void restore(int part, RestoreOptions options) {
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.of(source.last()), false);
            assertThat(plan.baseline()).isPresent();
            RestoreReport report = restorer.restore(
                    plan,
                    RestoreTarget.at(target.uri()),
                    options.doing(new RestorePart(part, SHARDS)),
                    RestoreListener.silent());
            assertThat(report.isProven()).isTrue();
        }
    }

    private void load(int answer) {
        content.redis()
                .functionLoad(
                        "#!lua name=one\nredis.register_function('one', function() return %d end)".formatted(answer));
    }

    private long call() {
        return content.redis().<Long>fcall("one", ScriptOutputType.INTEGER);
    }
}
