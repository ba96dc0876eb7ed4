package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.ForeignPlace;
import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.RestoreReport.RestoredIndex;
import dev.tidemark.restorer.RestoreReport.RestoredIndex.State;
import dev.tidemark.restorer.plan.IndexDefinition;
import dev.tidemark.restorer.plan.Selection;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.servers.FreePort;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the recorded replies of a module that no machine of ours has. */
class SearchIndexesTest {
    private static RestoreServers on;

    private final RecordedSearch search = new RecordedSearch();
    private IndexedSource source;

    @BeforeAll
    static void start() {
        on = new RestoreServers();
    }

    @AfterAll
    static void stop() {
        on.close();
    }

    @BeforeEach
    void begin() {
        source = new IndexedSource(on, search);
    }

    @AfterEach
    void close() {
        source.close();
    }

    @Test
    void anIndexIsMadeAfterTheLastKey() {
        source.define(RecordedSearch.CHUNKS);

        RestoreReport report = source.restore(RestoreOptions.careful());

        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(search.done()).containsExactly(RecordedSearch.CHUNKS);
        assertThat(report.indexes()).containsExactly(index(State.CREATED, ""));
        List<String> commands = source.commands();
        assertThat(commands.lastIndexOf("HSET")).isPositive();
        int created = commands.indexOf("FT.CREATE");
        // The last HSETs of all are the lock's parts; none of them is in the way.
        assertThat(commands.subList(0, created).stream().filter("HSET"::equals).count())
                .isGreaterThanOrEqualTo(IndexedSource.KEYS);
        assertThat(commands.subList(created, commands.size())).doesNotContain("HSET", "EVAL", "RESTORE");
        assertThat(commands.subList(created, commands.size())).contains("SCAN");
        assertThat(on.found.redis().dbsize()).isEqualTo(IndexedSource.KEYS);
    }

    @Test
    void noKeyIsReadBackBeforeTheIndexIsFilled() {
        source.define(RecordedSearch.CHUNKS);
        search.isAt("0", "0.25", "0.75", "1");
        List<Phase> phases = new ArrayList<>();

        source.restore(
                RestoreTarget.at(source.target()), RestoreOptions.careful(), progress -> phases.add(progress.phase()));

        List<String> commands = source.commands();
        int created = commands.indexOf("FT.CREATE");
        int readBack = created + commands.subList(created, commands.size()).indexOf("SCAN");
        assertThat(commands.subList(created, readBack).stream()
                        .filter("FT.INFO"::equals)
                        .count())
                .isEqualTo(4);
        assertThat(phases.stream().filter(Phase.INDEXING::equals).count()).isEqualTo(4);
    }

    @Test
    void anIndexThatNeverFillsIsToldWithTheKeysProven() throws InterruptedException {
        search.isAt("0", "0.5", "0.5");
        source.define(RecordedSearch.CHUNKS);

        try (Restorer restorer = Restorer.open(source.settings());
                RestoreRun run = run(restorer);
                TargetRedis node = TargetRedis.open(RestoreTarget.at(source.target()), Duration.ofSeconds(5), "")) {
            SearchIndexes indexes =
                    new SearchIndexes(run, List.of(IndexDefinition.of(RecordedSearch.CHUNKS)), Duration.ofMillis(500));

            assertThat(indexes.make(List.of(node)))
                    .containsExactly(index(
                            State.FAILED, "it was made, and stands at 50.0 % of the keys for 0 s; see its FT.INFO"));
        }
    }

    @Test
    void anIndexThatIsThereIsLeftAlone() {
        source.define(RecordedSearch.CHUNKS);
        search.has(RecordedSearch.fieldsOfChunks());

        RestoreReport report = source.restore(RestoreOptions.careful());

        assertThat(search.done()).isEmpty();
        assertThat(report.indexes()).containsExactly(index(State.KEPT, ""));
        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void anotherOneOfThatNameIsRefusedFirstUnlessItIsToBeReplaced() {
        source.define(RecordedSearch.CHUNKS);
        search.has(RecordedSearch.fieldsOfOtherChunks());

        requireRefused(
                RestoreOptions.careful(), "differ from those that the restore makes: chunks. Nothing was written");
        requireRefused(RestoreOptions.careful().merging(), "Nothing was written");
        assertThat(search.done()).isEmpty();

        RestoreReport report = source.restore(RestoreOptions.careful().replacing());

        assertThat(search.done()).containsExactly("FT.DROPINDEX chunks", RecordedSearch.CHUNKS);
        assertThat(report.indexes()).containsExactly(index(State.CREATED, ""));
    }

    @Test
    void aTargetThatDoesNotTellItsIndexesIsRefusedFirst() {
        source.define(RecordedSearch.CHUNKS);
        search.refusesToList("NOPERM this user has no permissions to run the 'ft._list' command");

        requireRefused(RestoreOptions.careful(), "+ft._list +ft.info +ft.create");
    }

    @Test
    void whatATargetTellsWithoutEndIsNotReadToItsEnd() {
        source.define(RecordedSearch.CHUNKS);
        search.has(List.of("text".repeat(5 << 20)));

        assertThatThrownBy(() -> source.restore(RestoreOptions.careful()))
                .hasMessageContaining("more than 16 MiB of an index");

        assertThat(on.found.redis().dbsize()).isZero();
    }

    @Test
    void withoutTheModuleTheKeysAreRestoredAndTheCommandsTold() {
        source.define(RecordedSearch.CHUNKS);

        RestoreReport report =
                source.restore(RestoreTarget.at(on.target.uri()), RestoreOptions.careful(), RestoreListener.silent());

        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(on.found.redis().dbsize()).isEqualTo(IndexedSource.KEYS);
        assertThat(report.limits())
                .singleElement()
                .asString()
                .startsWith("the search index chunks was not made: ")
                .contains("has no search module")
                .endsWith(": " + RecordedSearch.CHUNKS);
    }

    @Test
    void anIndexThatCannotBeMadeIsADifferenceAndUndoesNothing() {
        source.define(RecordedSearch.CHUNKS);
        search.refusesToCreate("Could not add field to the index");

        RestoreReport report = source.restore(RestoreOptions.careful());

        assertThat(report.isProven()).isTrue();
        assertThat(report.exitCode()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(report.indexes()).containsExactly(index(State.FAILED, "Could not add field to the index"));
        // The lock too is gone, so nothing stands in the way of who makes it by hand.
        assertThat(on.found.redis().dbsize()).isEqualTo(IndexedSource.KEYS);
    }

    @Test
    void aPartOrAChoiceMakesNoneAndTellsTheCommands() {
        source.define(RecordedSearch.CHUNKS);
        search.has(RecordedSearch.fieldsOfOtherChunks());
        Selection chosen = new Selection(
                Optional.of(Bytes.utf8("chunk:1")), Optional.empty(), OptionalInt.empty(), Optional.empty());

        RestoreReport ofChoice = source.restore(RestoreOptions.careful().only(chosen));
        RestoreReport ofPart =
                source.restore(RestoreOptions.careful().replacing().doing(new RestorePart(1, 1_000)));

        for (RestoreReport report : List.of(ofChoice, ofPart)) {
            assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
            assertThat(report.limits()).anyMatch(limit -> limit.endsWith(RecordedSearch.CHUNKS));
        }
        assertThat(search.done()).isEmpty();
    }

    @Test
    void theConfigurationsIndexesAreMadeInPlaceOfTheSources(@TempDir Path directory) throws IOException {
        source.define(RecordedSearch.CHUNKS);
        Path file = directory.resolve("indexes.redis");
        Files.writeString(file, "# ours\n\n" + RecordedSearch.OTHER_CHUNKS.replace("chunks", "'ours'") + "\n");
        source.configure(file);

        RestoreReport report = source.restore(RestoreOptions.careful());

        assertThat(search.done()).containsExactly(RecordedSearch.OTHER_CHUNKS.replace("chunks", "ours"));
        assertThat(report.indexes()).singleElement().satisfies(index -> assertThat(index.name())
                .isEqualTo("ours"));

        Files.writeString(file, "# none\n");
        source.restore(RestoreOptions.careful().replacing());
        assertThat(search.done()).hasSize(1);
    }

    @Test
    void whatIsNoDefinitionInTheConfigurationIsFoundBeforeAllElse(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("indexes.redis");
        Files.writeString(file, RecordedSearch.CHUNKS + "\nFLUSHALL\nFT.CREATE \"open\n");
        source.configure(file);
        source.define(RecordedSearch.CHUNKS);

        assertThatThrownBy(() -> source.restore(RestoreOptions.careful()))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.USAGE))
                .hasMessageContaining("line 2: ")
                .hasMessageContaining("line 3: ");
        assertThat(source.commands()).isEmpty();
    }

    @Test
    void aDefinitionThatCannotBeReadIsDamageAndTheTargetIsNotTouched() {
        source.define("FLUSHALL");

        assertThatThrownBy(() -> source.restore(RestoreOptions.careful()))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.ARCHIVE_DAMAGED))
                .hasMessageContaining("index.definitions");
        assertThat(on.found.redis().dbsize()).isZero();
    }

    @Test
    void aTargetThatIsToldToFollowMakesThemWhenItStandsAlone() {
        source.define(RecordedSearch.CHUNKS);

        RestoreReport report = source.serve();

        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(report.indexes()).containsExactly(index(State.CREATED, ""));
        List<String> commands = source.commands();
        assertThat(commands.lastIndexOf("REPLICAOF")).isLessThan(commands.indexOf("FT.CREATE"));
        assertThat(on.found.redis().dbsize()).isEqualTo(IndexedSource.KEYS);
    }

    @Test
    void aTargetWithAnotherIndexIsNotToldToFollow() {
        source.define(RecordedSearch.CHUNKS);
        search.has(RecordedSearch.fieldsOfOtherChunks());

        assertThatThrownBy(source::serve).hasMessageContaining("differ from those that the restore makes");

        assertThat(source.commands()).doesNotContain("REPLICAOF");
    }

    @Test
    void whoFollowsByItselfIsToldTheCommands() {
        source.define(RecordedSearch.CHUNKS);
        int port = FreePort.next();

        RestoreReport report = source.serve(port, progress -> {
            if (progress.phase() == Phase.WAITING) {
                on.found.redis().replicaof("127.0.0.1", port);
            }
        });
        on.found.redis().replicaofNoOne();

        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(report.limits())
                .anyMatch(limit -> limit.contains("REPLICAOF NO ONE") && limit.endsWith(RecordedSearch.CHUNKS));
    }

    @Test
    void theCommandsLieBesideASnapshotForRedisCli(@TempDir Path directory) throws IOException, InterruptedException {
        source.define(RecordedSearch.CHUNKS);
        Path snapshot = directory.resolve("dump.rdb");

        RestoreReport report = source.snapshot(snapshot, RestoreOptions.careful());

        Path beside = directory.resolve("dump.rdb.indexes");
        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(report.limits())
                .anyMatch(limit -> limit.contains(beside.toString()) && limit.endsWith(RecordedSearch.CHUNKS));
        assertThat(directory).isDirectoryContaining("glob:**/dump.rdb").isDirectoryNotContaining("glob:**.unfinished");
        Process redisCli = new ProcessBuilder(
                        "redis-cli", "-p", Integer.toString(source.target().getPort()))
                .redirectInput(beside.toFile())
                .redirectErrorStream(true)
                .start();
        assertThat(new String(redisCli.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("OK");
        assertThat(redisCli.waitFor()).isZero();
        assertThat(search.done()).containsExactly(RecordedSearch.CHUNKS);
    }

    @Test
    void whatLiesBesideASnapshotIsNotWrittenOverUnlessItIsOurs(@TempDir Path directory) throws IOException {
        source.define(RecordedSearch.CHUNKS);
        Path snapshot = directory.resolve("dump.rdb");
        Path beside = directory.resolve("dump.rdb.indexes");
        Files.writeString(beside, "theirs");

        assertThatThrownBy(() -> source.snapshot(snapshot, RestoreOptions.careful()))
                .hasMessageContaining("dump.rdb.indexes is there already");
        assertThat(beside).hasContent("theirs");
        assertThat(snapshot).doesNotExist();

        Files.writeString(beside, RecordedSearch.CHUNKS + "\n");
        assertThat(source.snapshot(snapshot, RestoreOptions.careful()).exitCode())
                .isEqualTo(ExitCode.DONE);
        assertThat(snapshot).exists();

        Path none = directory.resolve("none.redis");
        Files.writeString(none, "");
        source.configure(none);
        source.snapshot(snapshot, RestoreOptions.careful().replacing());
        assertThat(beside).doesNotExist();
    }

    @Test
    void theCommandsLieBesideASnapshotInS3(@TempDir Path directory) throws IOException {
        source.define(RecordedSearch.CHUNKS);
        RestoreObject object = RestoreObject.at("s3://" + on.s3.bucket() + "/elsewhere/" + source.name() + ".rdb");
        try (ForeignPlace beside =
                ForeignPlace.of(source.settings().s3(), object.bucket(), object.key() + ".indexes")) {
            beside.put(RedisContent.bytes("theirs"));
            assertThatThrownBy(() -> source.snapshot(object, RestoreOptions.careful()))
                    .hasMessageContaining(".indexes is there already");

            RestoreReport report =
                    source.snapshot(object, RestoreOptions.careful().replacing());

            assertThat(report.limits()).anyMatch(limit -> limit.contains(object.address() + ".indexes"));
            assertThat(beside.content()).hasValue(RedisContent.bytes(RecordedSearch.CHUNKS + "\n"));

            Path none = directory.resolve("none.redis");
            Files.writeString(none, "");
            source.configure(none);
            source.snapshot(object, RestoreOptions.careful().replacing());
            assertThat(beside.content()).hasValue(new byte[0]);
        }
    }

    private static RestoredIndex index(State state, String saying) {
        return new RestoredIndex("chunks", state, RecordedSearch.CHUNKS, saying);
    }

    private void requireRefused(RestoreOptions options, String saying) {
        assertThatThrownBy(() -> source.restore(options))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.TARGET_REFUSED))
                .hasMessageContaining(saying);
        assertThat(on.found.redis().dbsize()).isZero();
    }

    private static RestoreRun run(Restorer restorer) {
        return restorer.run(restorer.plan(Optional.empty(), false), RestoreOptions.careful(), RestoreListener.silent());
    }
}
