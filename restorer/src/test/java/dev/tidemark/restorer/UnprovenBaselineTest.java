package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ForeignPlace;
import dev.tidemark.restorer.GeneratedSource.Name;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.ScriptOutputType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot is made of a baseline that only its last byte proves, and gets its name when that byte was right. */
class UnprovenBaselineTest {
    private static final int SHARDS = 2;
    private static final int FLIPS = 8;

    private final Random random = new Random(20_261_130L);
    private BackedUp backup;
    private Instant taken;
    private Instant to;
    private Path baseline;
    private byte[] asWritten;
    private Map<Name, Object> expected;

    @TempDir
    private Path directory;

    @BeforeEach
    void backUp() throws IOException {
        backup = new BackedUp(11, SHARDS, 120, 1_600);
        taken = backup.source().between(0.5);
        to = backup.source().between(0.8);
        expected = backup.expected(to);
        try (RedisServer source = RedisServer.start();
                RedisContent content = new RedisContent(source.uri());
                Restorer restorer = Restorer.open(backup.settings());
                Archive archive = Archive.open(backup.settings().s3(), "prod-rag")) {
            restorer.restore(
                    restorer.plan(Optional.of(taken), false),
                    RestoreTarget.at(source.uri()),
                    RestoreOptions.careful(),
                    RestoreListener.silent());
            content.redis().functionLoad("#!lua name=ours\nredis.register_function('one', function() return 1 end)");
            content.redis().save();
            asWritten = Files.readAllBytes(source.directory().resolve("dump.rdb"));
            baseline = file(SavedBaseline.publish(archive, asWritten, taken, 300)
                    .nodes()
                    .get(0)
                    .snapshot()
                    .key()
                    .path());
        }
    }

    @AfterEach
    void stop() {
        backup.close();
    }

    @Test
    void oneThatIsWholeIsReadOnceAndGivesAnExactSnapshot() throws IOException {
        deleteWhatLiesBehindTheBaseline();

        RestoreReport report = intoAFile();

        assertThat(report.isProven()).isTrue();
        assertThat(report.limits()).noneMatch(each -> each.contains("planned anew"));
        try (RedisServer server = loading();
                RedisContent content = new RedisContent(server.uri())) {
            assertThat(content.read()).isEqualTo(expected);
            assertThat(content.redis().functionList()).hasSize(1);
        }
    }

    @Test
    void whicheverByteIsFlippedASnapshotIsExactByTheLog() throws IOException {
        for (int at : (Iterable<Integer>) places()::iterator) {
            flip(at);

            RestoreReport report = intoAFile();

            assertThat(report.isProven()).as("byte %d", at).isTrue();
            assertThat(report.limits())
                    .as("byte %d", at)
                    .anyMatch(each -> each.contains("of a baseline, is damaged") && each.contains("planned anew"));
            try (RedisServer server = loading();
                    RedisContent content = new RedisContent(server.uri())) {
                assertThat(content.read()).as("byte %d", at).isEqualTo(expected);
            }
        }
    }

    @Test
    void whicheverByteIsFlippedNothingIsLeftBehindWhereTheLogBeforeIsGone() throws IOException {
        deleteWhatLiesBehindTheBaseline();
        RestoreObject object = RestoreObject.at("s3://" + backup.s3().bucket() + "/elsewhere/dump.rdb");
        try (ForeignPlace place = ForeignPlace.of(backup.settings().s3(), object.bucket(), object.key())) {
            for (int at : (Iterable<Integer>) places()::iterator) {
                flip(at);

                requireDamaged(at, this::intoAFile);
                requireDamaged(at, () -> into(object));

                assertThat(directory).as("byte %d", at).isEmptyDirectory();
                assertThat(place.isTaken()).as("byte %d", at).isFalse();
                assertThat(place.unfinished()).as("byte %d", at).isZero();
            }
        }
    }

    /** They are read before the keys, and once more with all that proves them. */
    @Test
    void aLibraryThatWasReadWrongAtFirstIsInNoSnapshot() throws IOException {
        deleteWhatLiesBehindTheBaseline();
        int code = new String(asWritten, StandardCharsets.ISO_8859_1).indexOf("return 1 end");
        assertThat(code).isPositive();
        byte[] wrong = asWritten.clone();
        wrong[code + "return ".length()] = '2';
        Files.write(baseline, wrong);

        RestoreReport report = intoAFile(progress -> heal());

        assertThat(report.isProven()).isTrue();
        try (RedisServer server = loading();
                RedisContent content = new RedisContent(server.uri())) {
            assertThat(content.read()).isEqualTo(expected);
            assertThat(content.redis().<Long>fcall("one", ScriptOutputType.INTEGER))
                    .isEqualTo(1);
        }
    }

    /** Before it is proven, what a value does to whoever takes it may be for a byte that was flipped; after that it is a fault of ours. */
    @Test
    void aValueThatCannotBeTakenIsDamageUntilTheBaselineIsProven() throws Exception {
        deleteWhatLiesBehindTheBaseline();
        long fork = RedisTime.micros(taken);
        Readers.Taker choking = new Readers.Taker() {
            @Override
            public void take(Change change) {
                if (change.timeMicros() == fork) {
                    throw new IllegalArgumentException("choked");
                }
            }

            @Override
            public void read(long bytes, boolean isFileEnd) {}
        };
        try (Restorer restorer = Restorer.open(backup.settings());
                RestoreRun run = restorer.run(
                        restorer.plan(Optional.of(to), false), RestoreOptions.careful(), RestoreListener.silent())) {
            run.begin();
            assertThatThrownBy(() -> run.state().read(choking)).isInstanceOf(DamagedBaseline.class);
            run.validate();
            assertThatThrownBy(() -> run.state().read(choking)).hasMessage("choked");
        }
    }

    private void heal() {
        try {
            Files.write(baseline, asWritten);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requireDamaged(int at, Supplier<RestoreReport> restore) {
        ThrowingCallable restoring = restore::get;
        assertThatThrownBy(restoring)
                .as("byte %d", at)
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.ARCHIVE_DAMAGED))
                .hasMessageContaining("of a baseline, is damaged");
    }

    /** The first and the last ones, and some between. */
    private IntStream places() {
        int size = asWritten.length;
        return IntStream.concat(
                IntStream.of(0, 5, 12, size - 9, size - 8, size - 1),
                random.ints(FLIPS, 0, size).sorted());
    }

    private void flip(int at) throws IOException {
        byte[] bytes = asWritten.clone();
        bytes[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        Files.write(baseline, bytes, StandardOpenOption.TRUNCATE_EXISTING);
    }

    private RedisServer loading() {
        return RedisServer.start(RedisServer.Options.defaults().withDirectory(directory));
    }

    private RestoreReport intoAFile() {
        return intoAFile(RestoreListener.silent());
    }

    private RestoreReport intoAFile(RestoreListener listener) {
        try (Restorer restorer = Restorer.open(backup.settings())) {
            return restorer.restore(
                    restorer.plan(Optional.of(to), false),
                    new RestoreFile(directory.resolve("dump.rdb")),
                    RestoreOptions.careful().replacing(),
                    listener);
        }
    }

    private RestoreReport into(RestoreObject object) {
        try (Restorer restorer = Restorer.open(backup.settings())) {
            return restorer.restore(
                    restorer.plan(Optional.of(to), false), object, RestoreOptions.careful(), RestoreListener.silent());
        }
    }

    /** All but the last of each shard: it shows where what came after begins. */
    private void deleteWhatLiesBehindTheBaseline() throws IOException {
        long micros = RedisTime.micros(taken);
        for (int shard = 0; shard < SHARDS; shard++) {
            int number = shard;
            List<Segment> old = backup.segments().stream()
                    .filter(each -> each.key().shard() == number && each.lastMicros() <= micros)
                    .toList();
            assertThat(old).hasSizeGreaterThan(1);
            for (Segment segment : old.subList(0, old.size() - 1)) {
                Files.delete(file(segment.key().path()));
            }
        }
    }

    private Path file(String path) {
        return backup.s3()
                .directory()
                .resolve(backup.s3().bucket())
                .resolve("prod-rag")
                .resolve(path);
    }
}
