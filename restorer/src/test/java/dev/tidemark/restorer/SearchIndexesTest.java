package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ForeignPlace;
import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.RestoreReport.RestoredIndex;
import dev.tidemark.restorer.RestoreReport.RestoredIndex.State;
import dev.tidemark.restorer.plan.IndexDefinition;
import dev.tidemark.restorer.plan.Selection;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.settings.IndexSettings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.AnsweringProxy;
import dev.tidemark.servers.FreePort;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the recorded replies of a module that no machine of ours has. */
class SearchIndexesTest {
    private static final AtomicInteger SOURCES = new AtomicInteger();
    private static final int KEYS = 30;

    private static RestoreServers on;

    private final RecordedSearch search = new RecordedSearch();
    private AnsweringProxy proxy;
    private Settings settings;
    private Archive archive;
    private SmallSource source;

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
        on.found.redis().flushall();
        proxy = AnsweringProxy.before(on.target, search);
        String name = "indexes-" + SOURCES.incrementAndGet();
        settings = RestoreTest.settings(on.s3, name, 1);
        archive = Archive.open(settings.s3(), name);
        source = new SmallSource(archive);
        for (int i = 0; i < KEYS; i++) {
            source.put("chunk:" + i, new Value.Hash(List.of(new Field(Bytes.utf8("text"), Bytes.utf8("about " + i)))));
        }
    }

    @AfterEach
    void close() {
        proxy.close();
        archive.close();
    }

    @Test
    void anIndexIsMadeAfterTheLastKey() {
        defined(RecordedSearch.CHUNKS);

        RestoreReport report = restore(RestoreOptions.careful());

        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(search.done()).containsExactly(RecordedSearch.CHUNKS);
        assertThat(report.indexes()).containsExactly(index(State.CREATED, ""));
        List<String> commands = proxy.commands();
        assertThat(commands.lastIndexOf("HSET")).isPositive();
        int created = commands.indexOf("FT.CREATE");
        // The last HSETs of all are the lock's parts; none of them is in the way.
        assertThat(commands.subList(0, created).stream().filter("HSET"::equals).count())
                .isGreaterThanOrEqualTo(KEYS);
        assertThat(commands.subList(created, commands.size())).doesNotContain("HSET", "EVAL", "RESTORE");
        assertThat(commands.subList(created, commands.size())).contains("SCAN");
        assertThat(on.found.redis().dbsize()).isEqualTo(KEYS);
    }

    @Test
    void noKeyIsReadBackBeforeTheIndexIsFilled() {
        defined(RecordedSearch.CHUNKS);
        search.isAt("0", "0.25", "0.75", "1");
        List<Phase> phases = new ArrayList<>();

        restore(RestoreTarget.at(proxy.uri()), RestoreOptions.careful(), progress -> phases.add(progress.phase()));

        List<String> commands = proxy.commands();
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
        defined(RecordedSearch.CHUNKS);

        try (Restorer restorer = Restorer.open(settings);
                RestoreRun run = run(restorer);
                TargetRedis node = TargetRedis.open(RestoreTarget.at(proxy.uri()), Duration.ofSeconds(5))) {
            SearchIndexes indexes =
                    new SearchIndexes(run, List.of(IndexDefinition.of(RecordedSearch.CHUNKS)), Duration.ofMillis(500));

            assertThat(indexes.make(List.of(node)))
                    .containsExactly(index(
                            State.FAILED, "it was made, and stands at 50.0 % of the keys for 0 s; see its FT.INFO"));
        }
    }

    @Test
    void anIndexThatIsThereIsLeftAlone() {
        defined(RecordedSearch.CHUNKS);
        search.has(RecordedSearch.fieldsOfChunks());

        RestoreReport report = restore(RestoreOptions.careful());

        assertThat(search.done()).isEmpty();
        assertThat(report.indexes()).containsExactly(index(State.KEPT, ""));
        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void anotherOneOfThatNameIsRefusedFirstUnlessItIsToBeReplaced() {
        defined(RecordedSearch.CHUNKS);
        search.has(RecordedSearch.fieldsOfOtherChunks());

        requireRefused(
                RestoreOptions.careful(), "differ from those that the restore makes: chunks. Nothing was written");
        requireRefused(RestoreOptions.careful().merging(), "Nothing was written");
        assertThat(search.done()).isEmpty();

        RestoreReport report = restore(RestoreOptions.careful().replacing());

        assertThat(search.done()).containsExactly("FT.DROPINDEX chunks", RecordedSearch.CHUNKS);
        assertThat(report.indexes()).containsExactly(index(State.CREATED, ""));
    }

    @Test
    void aTargetThatDoesNotTellItsIndexesIsRefusedFirst() {
        defined(RecordedSearch.CHUNKS);
        search.refusesToList("NOPERM this user has no permissions to run the 'ft._list' command");

        requireRefused(RestoreOptions.careful(), "+ft._list +ft.info +ft.create");
    }

    @Test
    void whatATargetTellsWithoutEndIsNotReadToItsEnd() {
        defined(RecordedSearch.CHUNKS);
        search.has(List.of("text".repeat(5 << 20)));

        assertThatThrownBy(() -> restore(RestoreOptions.careful()))
                .hasMessageContaining("more than 16 MiB of an index");

        assertThat(on.found.redis().dbsize()).isZero();
    }

    @Test
    void withoutTheModuleTheKeysAreRestoredAndTheCommandsTold() {
        defined(RecordedSearch.CHUNKS);

        RestoreReport report =
                restore(RestoreTarget.at(on.target.uri()), RestoreOptions.careful(), RestoreListener.silent());

        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(on.found.redis().dbsize()).isEqualTo(KEYS);
        assertThat(report.limits())
                .singleElement()
                .asString()
                .startsWith("the search index chunks was not made: ")
                .contains("has no search module")
                .endsWith(": " + RecordedSearch.CHUNKS);
    }

    @Test
    void anIndexThatCannotBeMadeIsADifferenceAndUndoesNothing() {
        defined(RecordedSearch.CHUNKS);
        search.refusesToCreate("Could not add field to the index");

        RestoreReport report = restore(RestoreOptions.careful());

        assertThat(report.isProven()).isTrue();
        assertThat(report.exitCode()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(report.indexes()).containsExactly(index(State.FAILED, "Could not add field to the index"));
        // The lock too is gone, so nothing stands in the way of who makes it by hand.
        assertThat(on.found.redis().dbsize()).isEqualTo(KEYS);
    }

    @Test
    void aPartOrAChoiceMakesNoneAndTellsTheCommands() {
        defined(RecordedSearch.CHUNKS);
        search.has(RecordedSearch.fieldsOfOtherChunks());
        Selection chosen = new Selection(
                Optional.of(Bytes.utf8("chunk:1")), Optional.empty(), OptionalInt.empty(), Optional.empty());

        RestoreReport ofChoice = restore(RestoreOptions.careful().only(chosen));
        RestoreReport ofPart = restore(RestoreOptions.careful().replacing().doing(new RestorePart(1, 1_000)));

        for (RestoreReport report : List.of(ofChoice, ofPart)) {
            assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
            assertThat(report.limits()).anyMatch(limit -> limit.endsWith(RecordedSearch.CHUNKS));
        }
        assertThat(search.done()).isEmpty();
    }

    @Test
    void theConfigurationsIndexesAreMadeInPlaceOfTheSources(@TempDir Path directory) throws IOException {
        defined(RecordedSearch.CHUNKS);
        Path file = directory.resolve("indexes.redis");
        Files.writeString(file, "# ours\n\n" + RecordedSearch.OTHER_CHUNKS.replace("chunks", "'ours'") + "\n");
        settings = settings.with(new IndexSettings(Optional.of(file)));

        RestoreReport report = restore(RestoreOptions.careful());

        assertThat(search.done()).containsExactly(RecordedSearch.OTHER_CHUNKS.replace("chunks", "ours"));
        assertThat(report.indexes()).singleElement().satisfies(index -> assertThat(index.name())
                .isEqualTo("ours"));

        Files.writeString(file, "# none\n");
        restore(RestoreOptions.careful().replacing());
        assertThat(search.done()).hasSize(1);
    }

    @Test
    void whatIsNoDefinitionInTheConfigurationIsFoundBeforeAllElse(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("indexes.redis");
        Files.writeString(file, RecordedSearch.CHUNKS + "\nFLUSHALL\nFT.CREATE \"open\n");
        settings = settings.with(new IndexSettings(Optional.of(file)));
        defined(RecordedSearch.CHUNKS);

        assertThatThrownBy(() -> restore(RestoreOptions.careful()))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.USAGE))
                .hasMessageContaining("line 2: ")
                .hasMessageContaining("line 3: ");
        assertThat(proxy.commands()).isEmpty();
    }

    @Test
    void aDefinitionThatCannotBeReadIsDamageAndTheTargetIsNotTouched() {
        defined("FLUSHALL");

        assertThatThrownBy(() -> restore(RestoreOptions.careful()))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.ARCHIVE_DAMAGED))
                .hasMessageContaining("index.definitions");
        assertThat(on.found.redis().dbsize()).isZero();
    }

    @Test
    void aTargetThatIsToldToFollowMakesThemWhenItStandsAlone() {
        defined(RecordedSearch.CHUNKS);

        RestoreReport report = serve(Optional.of(proxy.uri()), RestoreListener.silent());

        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(report.indexes()).containsExactly(index(State.CREATED, ""));
        List<String> commands = proxy.commands();
        assertThat(commands.lastIndexOf("REPLICAOF")).isLessThan(commands.indexOf("FT.CREATE"));
        assertThat(on.found.redis().dbsize()).isEqualTo(KEYS);
    }

    @Test
    void aTargetWithAnotherIndexIsNotToldToFollow() {
        defined(RecordedSearch.CHUNKS);
        search.has(RecordedSearch.fieldsOfOtherChunks());

        assertThatThrownBy(() -> serve(Optional.of(proxy.uri()), RestoreListener.silent()))
                .hasMessageContaining("differ from those that the restore makes");

        assertThat(proxy.commands()).doesNotContain("REPLICAOF");
    }

    @Test
    void whoFollowsByItselfIsToldTheCommands() {
        defined(RecordedSearch.CHUNKS);
        int port = FreePort.next();

        RestoreReport report = serve(Optional.empty(), port, progress -> {
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
        defined(RecordedSearch.CHUNKS);
        Path snapshot = directory.resolve("dump.rdb");

        RestoreReport report = snapshot(snapshot, RestoreOptions.careful());

        Path beside = directory.resolve("dump.rdb.indexes");
        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(report.limits())
                .anyMatch(limit -> limit.contains(beside.toString()) && limit.endsWith(RecordedSearch.CHUNKS));
        assertThat(directory).isDirectoryContaining("glob:**/dump.rdb").isDirectoryNotContaining("glob:**.unfinished");
        Process redisCli = new ProcessBuilder(
                        "redis-cli", "-p", Integer.toString(proxy.uri().getPort()))
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
        defined(RecordedSearch.CHUNKS);
        Path snapshot = directory.resolve("dump.rdb");
        Path beside = directory.resolve("dump.rdb.indexes");
        Files.writeString(beside, "theirs");

        assertThatThrownBy(() -> snapshot(snapshot, RestoreOptions.careful()))
                .hasMessageContaining("dump.rdb.indexes is there already");
        assertThat(beside).hasContent("theirs");
        assertThat(snapshot).doesNotExist();

        Files.writeString(beside, RecordedSearch.CHUNKS + "\n");
        assertThat(snapshot(snapshot, RestoreOptions.careful()).exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(snapshot).exists();

        Path none = directory.resolve("none.redis");
        Files.writeString(none, "");
        settings = settings.with(new IndexSettings(Optional.of(none)));
        snapshot(snapshot, RestoreOptions.careful().replacing());
        assertThat(beside).doesNotExist();
    }

    @Test
    void theCommandsLieBesideASnapshotInS3(@TempDir Path directory) throws IOException {
        defined(RecordedSearch.CHUNKS);
        RestoreObject object = RestoreObject.at("s3://" + on.s3.bucket() + "/elsewhere/" + SOURCES.get() + ".rdb");
        try (ForeignPlace beside = ForeignPlace.of(settings.s3(), object.bucket(), object.key() + ".indexes")) {
            beside.put(RedisContent.bytes("theirs"));
            assertThatThrownBy(() -> snapshot(object, RestoreOptions.careful()))
                    .hasMessageContaining(".indexes is there already");

            RestoreReport report = snapshot(object, RestoreOptions.careful().replacing());

            assertThat(report.limits()).anyMatch(limit -> limit.contains(object.address() + ".indexes"));
            assertThat(beside.content()).hasValue(RedisContent.bytes(RecordedSearch.CHUNKS + "\n"));

            Path none = directory.resolve("none.redis");
            Files.writeString(none, "");
            settings = settings.with(new IndexSettings(Optional.of(none)));
            snapshot(object, RestoreOptions.careful().replacing());
            assertThat(beside.content()).hasValue(new byte[0]);
        }
    }

    private RestoreReport snapshot(Path file, RestoreOptions options) {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.restore(
                    restorer.plan(Optional.empty(), false), new RestoreFile(file), options, RestoreListener.silent());
        }
    }

    private RestoreReport snapshot(RestoreObject object, RestoreOptions options) {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.restore(restorer.plan(Optional.empty(), false), object, options, RestoreListener.silent());
        }
    }

    private void defined(String command) {
        source.define(Definitions.INDEX + "chunks", RedisContent.bytes(command));
        source.archive();
    }

    private static RestoredIndex index(State state, String saying) {
        return new RestoredIndex("chunks", state, RecordedSearch.CHUNKS, saying);
    }

    private void requireRefused(RestoreOptions options, String saying) {
        assertThatThrownBy(() -> restore(options))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.TARGET_REFUSED))
                .hasMessageContaining(saying);
        assertThat(on.found.redis().dbsize()).isZero();
    }

    private RestoreReport restore(RestoreOptions options) {
        return restore(RestoreTarget.at(proxy.uri()), options, RestoreListener.silent());
    }

    private RestoreReport restore(RestoreTarget target, RestoreOptions options, RestoreListener listener) {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.restore(restorer.plan(Optional.empty(), false), target, options, listener);
        }
    }

    private RestoreReport serve(Optional<URI> target, RestoreListener listener) {
        return serve(target, FreePort.next(), listener);
    }

    private RestoreReport serve(Optional<URI> target, int port, RestoreListener listener) {
        ReplicationPort door = new ReplicationPort(
                "127.0.0.1", port, Optional.empty(), target.map(RestoreTarget::at), Optional.empty(), Optional.empty());
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.restore(restorer.plan(Optional.empty(), false), door, RestoreOptions.careful(), listener);
        }
    }

    private static RestoreRun run(Restorer restorer) {
        return restorer.run(restorer.plan(Optional.empty(), false), RestoreOptions.careful(), RestoreListener.silent());
    }
}
