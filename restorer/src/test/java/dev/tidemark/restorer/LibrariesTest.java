package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.proof.FunctionDump;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import io.lettuce.core.FlushMode;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the source held beside its keys. */
class LibrariesTest {
    private static final AtomicInteger SOURCES = new AtomicInteger();

    private static S3Endpoint s3;
    private static RedisServer target;
    private static RedisContent content;

    private Settings settings;
    private Archive archive;
    private SmallSource source;

    @BeforeAll
    static void start() {
        s3 = S3Endpoint.start();
        target = RedisServer.start();
        content = new RedisContent(target.uri());
    }

    @AfterAll
    static void stop() {
        content.close();
        target.close();
        s3.close();
    }

    @BeforeEach
    void begin() {
        content.redis().flushall();
        content.redis().functionFlush(FlushMode.SYNC);
        String name = "libraries-" + SOURCES.incrementAndGet();
        settings = RestoreTest.settings(s3, name, 1);
        archive = Archive.open(settings.s3(), name);
        source = new SmallSource(archive);
        source.put("key", new Value.Text(Bytes.utf8("text")));
    }

    @AfterEach
    void close() {
        archive.close();
    }

    @Test
    void theLatestOfEachTimeAreLoadedAndOthersStay() {
        source.define(Definitions.FUNCTIONS, dumpOf(library("one", 1), library("two", 2)));
        Instant then = source.now();
        source.define(Definitions.FUNCTIONS, dumpOf(library("one", 11)));
        source.archive();
        content.redis().functionLoad(library("other", 9));

        assertThat(restore(Optional.of(then), RestoreOptions.careful()).isProven())
                .isTrue();

        assertThat(call("one")).isEqualTo(1);
        assertThat(call("two")).isEqualTo(2);
        assertThat(call("other")).isEqualTo(9);
        assertThat(restore(Optional.empty(), RestoreOptions.careful().replacing())
                        .isProven())
                .isTrue();
        assertThat(call("one")).isEqualTo(11);
    }

    @Test
    void equalOnesAreNoConflictAndOthersAreRefusedFirst() {
        source.define(Definitions.FUNCTIONS, dumpOf(library("one", 1)));
        source.archive();
        content.redis().functionLoad(library("one", 1));

        assertThat(restore(Optional.empty(), RestoreOptions.careful()).isProven())
                .isTrue();

        content.redis().flushall();
        content.redis().functionFlush(FlushMode.SYNC);
        content.redis().functionLoad(library("one", 2));
        assertThatThrownBy(() -> restore(Optional.empty(), RestoreOptions.careful()))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.TARGET_REFUSED))
                .hasMessageContaining("differ from those of the source: one. Nothing was written");
        assertThat(content.redis().dbsize()).isZero();
        assertThat(call("one")).isEqualTo(2);
        restore(Optional.empty(), RestoreOptions.careful().replacing());
        assertThat(call("one")).isEqualTo(1);
    }

    @Test
    void noneAreLoadedWhenTheLastWasDeleted() {
        source.define(Definitions.FUNCTIONS, dumpOf(library("one", 1)));
        source.define(Definitions.FUNCTIONS, dumpOf());
        source.archive();

        restore(Optional.empty(), RestoreOptions.careful());

        assertThat(FunctionDump.libraries(Bytes.wrap(content.redis().functionDump())))
                .isEmpty();
    }

    @Test
    void oneThatIsGoneAfterwardsIsFound() {
        source.define(Definitions.FUNCTIONS, dumpOf(library("one", 1)));
        source.archive();

        assertThatThrownBy(() -> restore(Optional.empty(), RestoreOptions.careful(), progress -> {
                    if (progress.phase() == Phase.PROVING) {
                        content.redis().functionFlush(FlushMode.SYNC);
                    }
                }))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.DIFFERENT));
    }

    @Test
    void whatIsNoDumpOfFunctionsIsDamageAndTheTargetIsNotTouched() {
        source.define(Definitions.FUNCTIONS, new byte[20]);
        source.archive();

        assertThatThrownBy(() -> restore(Optional.empty(), RestoreOptions.careful()))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.ARCHIVE_DAMAGED));
        assertThat(content.redis().dbsize()).isZero();
    }

    private RestoreReport restore(Optional<Instant> to, RestoreOptions options) {
        return restore(to, options, RestoreListener.silent());
    }

    private RestoreReport restore(Optional<Instant> to, RestoreOptions options, RestoreListener listener) {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.restore(restorer.plan(to, false), RestoreTarget.at(target.uri()), options, listener);
        }
    }

    /** What a real server says that has these libraries. */
    private static byte[] dumpOf(String... libraries) {
        content.redis().functionFlush(FlushMode.SYNC);
        for (String library : libraries) {
            content.redis().functionLoad(library);
        }
        byte[] dump = content.redis().functionDump();
        content.redis().functionFlush(FlushMode.SYNC);
        return dump;
    }

    private static String library(String name, int answer) {
        // Long enough to be compressed in the dump.
        return "#!lua name=%s\nredis.register_function('%s', function() return %d end)%s"
                .formatted(name, name, answer, " -- repeated".repeat(20));
    }

    private static long call(String function) {
        return content.redis().<Long>fcall(function, io.lettuce.core.ScriptOutputType.INTEGER);
    }
}
