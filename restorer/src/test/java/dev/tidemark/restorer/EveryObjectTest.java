package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.Spool;
import dev.tidemark.restorer.GeneratedSource.Name;
import dev.tidemark.restorer.GeneratedSource.State;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.TopicSetup.TopicIds;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.ArchiveKey.PrunedKey;
import dev.tidemark.schemas.layout.Gap;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Pruned;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Encoding;
import dev.tidemark.schemas.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An archive that has every kind of object, of which one after another is damaged, and copies of it that lack some: what is
 * restored is exact, or refused before the target is touched. Never wrong, never short.
 */
@TestInstance(Lifecycle.PER_CLASS)
class EveryObjectTest {
    private static final int SHARDS = 2;
    private static final int COPIES = 12;
    private static final int LACKING_MAX = 4;
    private static final String NAME = "prod-rag";

    /** Nothing that is restored rests on these. */
    private static final Set<String> HINTS = Set.of("_progress", "gaps", "logs", "drills");

    private final Random random = new Random(20261128);
    private final Map<Blob, Bytes> large = new HashMap<>();
    private RestoreServers on;
    private Settings settings;
    private GeneratedSource source;
    private BrokenObjects objects;
    private Map<String, List<String>> kinds;

    @BeforeAll
    void backUp() throws IOException {
        on = new RestoreServers();
        settings = RestoreTest.settings(on.s3, NAME, SHARDS);
        objects = new BrokenObjects(on.s3, NAME);
        try (Archive archive = Archive.open(settings.s3(), NAME)) {
            for (int i = 0; i < 3; i++) {
                large.put(blob(archive), Bytes.empty());
            }
            large.replaceAll((blob, none) -> content(archive, blob));
            source = new GeneratedSource(
                    5, SHARDS, 30, 240, List.copyOf(large.keySet()), Duration.ofHours(7), Duration.ofSeconds(150));
            HourlyArchive written = HourlyArchive.write(source, archive, 12, 2);
            assertThat(written.markers()).hasSizeGreaterThan(2);
            archive.logGenerations().claim(1, new TopicIds("one", "two"));
            archive.logGenerations().claim(2, new TopicIds("three", "four"));
            long began = RedisTime.micros(source.first());
            for (int number = 1; number <= 2; number++) {
                archive.gaps()
                        .explain(new Gap(new GapKey(began + number, 0, 1, 7), "n", "failover", OptionalLong.empty()));
                archive.drills().publish(source.between(number / 3.0), new byte[] {'{', '}'}, new byte[] {'p'});
                archive.pruning().mark(nothingIsGivenUp(number));
                save(archive, source.between(number * 0.3));
            }
        }
        kinds = kinds();
    }

    private Blob blob(Archive archive) throws IOException {
        byte[] content = new byte[2_000];
        random.nextBytes(content);
        try (Spool spool = Spool.in(Path.of(System.getProperty("java.io.tmpdir")))) {
            spool.write(content);
            Blob blob = new Blob(
                    "string",
                    Encoding.RAW,
                    spool.sha256(),
                    spool.sizeBytes(),
                    LocalDate.ofInstant(Instant.now(), ZoneOffset.UTC));
            archive.put(blob, spool);
            return blob;
        }
    }

    private static Bytes content(Archive archive, Blob blob) {
        try (Spool spool = archive.fetch(blob, Path.of(System.getProperty("java.io.tmpdir")))) {
            return Bytes.wrap(spool.open(0, blob.length()).readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Pruned nothingIsGivenUp(int number) {
        long began = RedisTime.micros(source.first()) - Duration.ofHours(2).toMillis() * 1_000;
        LocalDate day = LocalDate.ofInstant(RedisTime.instant(began), ZoneOffset.UTC);
        return new Pruned(new PrunedKey(number), began, began, Hour.of(began), 1, List.of(0L, 0L), 0, day);
    }

    private void save(Archive archive, Instant taken) throws IOException {
        restore(taken);
        on.found.redis().save();
        SavedBaseline.publish(archive, Files.readAllBytes(on.target.directory().resolve("dump.rdb")), taken, 30);
        on.found.redis().flushall();
    }

    /** Every object, by what it is. */
    private Map<String, List<String>> kinds() throws IOException {
        Path root = on.s3.directory().resolve(on.s3.bucket()).resolve(NAME);
        Map<String, List<String>> paths = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String path = root.relativize(file).toString();
                paths.computeIfAbsent(kind(path), any -> new ArrayList<>()).add(path);
            }
        }
        return paths;
    }

    private static String kind(String path) {
        return path.startsWith("baselines/")
                ? path.substring(path.lastIndexOf('.') + 1)
                : path.substring(0, path.indexOf('/'));
    }

    @AfterEach
    void mend() {
        objects.mend();
        on.found.redis().flushall();
    }

    @AfterAll
    void stop() {
        on.close();
    }

    @ParameterizedTest
    @EnumSource
    void whateverIsDamagedTheRestoreIsExactOrRefused(Damage damage) {
        assertThat(kinds.keySet())
                .containsExactlyInAnyOrder(
                        "_progress",
                        "blobs",
                        "changes",
                        "drills",
                        "gaps",
                        "json",
                        "logs",
                        "pruned",
                        "rdb",
                        "rolled",
                        "segments");
        int refused = 0;
        for (Map.Entry<String, List<String>> kind : kinds.entrySet()) {
            List<String> paths = kind.getValue();
            String last = paths.get(paths.size() - 1);
            objects.damage(last, paths.get(paths.size() - 2), damage);

            boolean exact = isExact(kind.getKey() + " " + damage, Set.of(ExitCode.ARCHIVE_DAMAGED));

            if (HINTS.contains(kind.getKey())) {
                assertThat(exact).as(kind.getKey()).isTrue();
            }
            refused += exact ? 0 : 1;
            mend();
        }
        // The newest segment stands nowhere else.
        assertThat(refused).isBetween(1, kinds.size() - HINTS.size());
    }

    @Test
    void aCopyThatLacksSomeObjectsIsExactOrRefused() {
        List<String> all = kinds.values().stream().flatMap(List::stream).toList();
        int exact = 0;
        for (int copy = 0; copy < COPIES; copy++) {
            Set<Integer> lacking = new TreeSet<>();
            for (int i = 1 + random.nextInt(LACKING_MAX); i > 0; i--) {
                lacking.add(random.nextInt(all.size()));
            }
            lacking.forEach(number -> objects.damage(all.get(number), "", Damage.DELETED));

            List<String> without = lacking.stream().map(all::get).toList();
            exact += isExact("without " + without, refusals(without)) ? 1 : 0;
            mend();
        }
        assertThat(exact).isBetween(1, COPIES - 1);
    }

    /** Without its progress too, a shard that lacks its newest segment is what it was before that segment came. */
    private static Set<ExitCode> refusals(List<String> lacking) {
        return lacking.stream().anyMatch(path -> path.startsWith("_progress/"))
                ? Set.of(ExitCode.ARCHIVE_DAMAGED, ExitCode.NOT_RESTORABLE)
                : Set.of(ExitCode.ARCHIVE_DAMAGED);
    }

    /** Else it was refused, and the target is as it was. */
    private boolean isExact(String what, Set<ExitCode> refusals) {
        try {
            assertThat(restore(source.last()).isProven()).as(what).isTrue();
        } catch (TidemarkError refused) {
            assertThat(refused.code()).as(what).isIn(refusals);
            assertThat(on.found.read()).as(what).isEmpty();
            return false;
        }
        assertThat(on.found.read()).as(what).isEqualTo(expected());
        return true;
    }

    private Map<Name, Object> expected() {
        Map<Name, State> states = new HashMap<>();
        source.stateAt(source.last()).forEach((name, state) -> {
            Value value = state.value() instanceof Blob blob ? new Value.Text(large.get(blob)) : state.value();
            states.put(name, new State(value, state.expireAtMillis()));
        });
        return on.scratch.asRead(states);
    }

    private RestoreReport restore(Instant to) {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.restore(
                    restorer.plan(Optional.of(to), false),
                    RestoreTarget.at(on.target.uri()),
                    RestoreOptions.careful(),
                    RestoreListener.silent());
        }
    }
}
