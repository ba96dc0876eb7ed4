package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.GeneratedSource.Name;
import dev.tidemark.restorer.GeneratedSource.State;
import dev.tidemark.restorer.look.DiffReport;
import dev.tidemark.restorer.look.KeyAt;
import dev.tidemark.restorer.look.KeyChange;
import dev.tidemark.restorer.look.KeyEntry;
import dev.tidemark.restorer.look.KeyHistory;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Faults;
import dev.tidemark.servers.S3Requests;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is seen in the archive without restoring, against a source whose every state is known. */
@TestInstance(Lifecycle.PER_CLASS)
class LookTest {
    private static final int SHARDS = 3;

    private S3Endpoint s3;
    private Settings settings;
    private GeneratedSource source;
    private Lookout lookout;
    private List<Segment> newest;

    @BeforeAll
    void backUp() {
        s3 = S3Endpoint.start();
        source = new GeneratedSource(11, SHARDS, 120, 1_500, List.of(), Duration.ofHours(16), Duration.ofSeconds(70));
        settings = RestoreTest.settings(s3, "prod-rag", SHARDS);
        try (Archive archive = Archive.open(settings.s3(), "prod-rag")) {
            HourlyArchive written = HourlyArchive.write(source, archive, 30, 6);
            BrokenObjects objects = new BrokenObjects(s3, "prod-rag");
            Hour rolled = written.markers().get(written.markers().size() - 1).hour();
            newest = written.segments().stream()
                    .filter(segment -> segment.hour().compareTo(rolled) > 0)
                    .toList();
            // Half of what is rolled up is there as roll-ups alone, and one roll-up is damaged.
            List<RollUp> rollUps = written.rollUps();
            for (RollUp rollUp : rollUps.subList(0, rollUps.size() / 2)) {
                written.segmentsOf(rollUp).forEach(segment -> objects.damage(segment.path(), "", Damage.DELETED));
            }
            objects.damage(rollUps.get(rollUps.size() - 1).path(), "", Damage.FLIPPED);
        }
        lookout = Lookout.open(settings, Clock.systemUTC());
    }

    @AfterAll
    void stop() {
        lookout.close();
        s3.close();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.4, 1})
    void aKeyIsShownAsItWas(double share) {
        Instant at = source.between(share);
        int present = 0;

        for (Name name : names().stream().limit(8).toList()) {
            KeyAt shown = lookout.show(new KeyName(name.db(), name.key()), Optional.of(at), false);

            Optional<Change> expected = lastBefore(name, at);
            assertThat(shown.change()).isEqualTo(expected);
            boolean isPresent = expected.map(last -> isPresentAt(last, at)).orElse(false);
            assertThat(shown.isPresent()).isEqualTo(isPresent);
            present += isPresent ? 1 : 0;
        }
        assertThat(present).isPositive();
        assertThat(lookout.show(new KeyName(0, Bytes.utf8("nobody")), Optional.of(at), false)
                        .change())
                .isEmpty();
    }

    @Test
    void whatAnotherShardLacksKeepsNoKeyFromBeingShown() {
        Name name = names().iterator().next();
        int other = (new Shards(SHARDS).of(name.key()) + 1) % SHARDS;
        BrokenObjects broken = new BrokenObjects(s3, "prod-rag");
        newest.stream()
                .filter(segment -> segment.shard() == other)
                .forEach(segment -> broken.damage(segment.path(), "", Damage.DELETED));
        try {
            assertThatThrownBy(() -> lookout.diff(
                            Optional.of(source.first()), Optional.of(source.last()), false, Bytes.empty(), 0))
                    .isInstanceOf(TidemarkError.class);

            assertThat(lookout.show(new KeyName(name.db(), name.key()), Optional.of(source.last()), false)
                            .change())
                    .isEqualTo(lastBefore(name, source.last()));
        } finally {
            broken.mend();
        }
    }

    @Test
    void theHistoryOfAKeyIsEveryChangeAndWhatFollows() {
        for (Name name : names().stream().limit(5).toList()) {
            KeyHistory history = lookout.history(new KeyName(name.db(), name.key()), 1_000, false);

            List<Change> changes = changes(name);
            assertThat(history.entries().stream()
                            .filter(entry ->
                                    entry.kind() == KeyEntry.Kind.WRITTEN || entry.kind() == KeyEntry.Kind.GONE)
                            .map(KeyEntry::atMicros))
                    .containsExactlyElementsOf(
                            changes.stream().map(Change::timeMicros).toList());
            assertThat(history.isComplete()).isTrue();
            assertThat(history.isCut()).isFalse();
        }
    }

    @Test
    void onlyTheNewestChangesAreToldWhenThatIsWanted() {
        Name name = names().iterator().next();
        List<Change> changes = changes(name);

        KeyHistory history = lookout.history(new KeyName(name.db(), name.key()), 2, false);

        assertThat(history.isCut()).isTrue();
        assertThat(history.entries().get(0).atMicros())
                .isEqualTo(changes.get(changes.size() - 2).timeMicros());
    }

    @ParameterizedTest
    @CsvSource({"0,1", "0.3,0.35", "0.6,0.6", "0.5,0.9"})
    void theDifferenceOfTwoTimesIsThatOfTheirStates(double from, double to) {
        Instant earlier = source.between(from);
        Instant later = source.between(to);

        DiffReport report = lookout.diff(Optional.of(earlier), Optional.of(later), false, Bytes.empty(), 1_000);

        Map<KeyChange, Set<KeyName>> expected = new EnumMap<>(KeyChange.class);
        for (KeyChange change : KeyChange.values()) {
            expected.put(change, new HashSet<>());
        }
        for (Name name : names()) {
            Optional<Change> before = lastBefore(name, earlier).filter(last -> isPresentAt(last, earlier));
            Optional<Change> after = lastBefore(name, later).filter(last -> isPresentAt(last, later));
            change(before, after).ifPresent(change -> expected.get(change).add(new KeyName(name.db(), name.key())));
        }
        for (KeyChange change : KeyChange.values()) {
            assertThat(new HashSet<>(report.names().get(change)))
                    .as(change.toString())
                    .isEqualTo(expected.get(change));
            assertThat(report.counts().get(change))
                    .isEqualTo(expected.get(change).size());
        }
    }

    @Test
    void aDifferenceThatNeedsAllOfTheLogTwiceLooksAtItOnce() {
        S3Requests ofProgress = S3Requests.gets().under("prod-rag/_progress/");
        try (S3Faults.Injection counted = s3.faults().delay(Duration.ZERO, ofProgress)) {
            lookout.diff(Optional.empty(), Optional.empty(), false, Bytes.empty(), 0);

            assertThat(counted.hits()).isEqualTo(SHARDS);
        }
    }

    @Test
    void twoTimesInTheWrongOrderAreRefused() {
        Instant earlier = source.between(0.3);
        Instant later = source.between(0.7);

        assertThatThrownBy(() -> lookout.diff(Optional.of(later), Optional.of(earlier), false, Bytes.empty(), 0))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.USAGE))
                .hasMessageContaining("which is later than --to");
    }

    @Test
    void aPrefixLeavesOutOtherKeys() {
        Bytes prefix = Bytes.utf8("chunk:{doc1}");

        DiffReport report = lookout.diff(Optional.of(source.first()), Optional.empty(), false, prefix, 1_000);

        assertThat(report.names().values().stream().flatMap(List::stream))
                .isNotEmpty()
                .allMatch(name -> name.key().startsWith(prefix));
    }

    private static Optional<KeyChange> change(Optional<Change> before, Optional<Change> after) {
        if (before.isEmpty() || after.isEmpty()) {
            return before.equals(after)
                    ? Optional.empty()
                    : Optional.of(before.isEmpty() ? KeyChange.ADDED : KeyChange.REMOVED);
        }
        if (before.equals(after)) {
            return Optional.empty();
        }
        State one = new State(before.get().value(), before.get().expireAtMillis());
        State other = new State(after.get().value(), after.get().expireAtMillis());
        if (!Objects.equals(one.value(), other.value())) {
            return Optional.of(KeyChange.CHANGED);
        }
        return Optional.of(one.equals(other) ? KeyChange.REWRITTEN : KeyChange.TTL_CHANGED);
    }

    private Set<Name> names() {
        Map<Name, Boolean> sorted =
                new TreeMap<>(java.util.Comparator.comparing(Name::db).thenComparing(Name::key));
        source.histories()
                .forEach(history -> history.rows.forEach(row -> {
                    if (row instanceof Change change) {
                        sorted.put(new Name(change.db(), change.key()), true);
                    }
                }));
        return sorted.keySet();
    }

    private List<Change> changes(Name name) {
        return source.history(name).rows.stream()
                .filter(row -> row.epoch() == GeneratedSource.EPOCH)
                .filter(Change.class::isInstance)
                .map(Change.class::cast)
                .filter(change -> change.db() == name.db() && change.key().equals(name.key()))
                .toList();
    }

    private Optional<Change> lastBefore(Name name, Instant at) {
        return changes(name).stream()
                .filter(change -> change.timeMicros() <= RedisTime.micros(at))
                .reduce((one, other) -> other);
    }

    private static boolean isPresentAt(Change last, Instant at) {
        OptionalLong expiry = last.expireAtMillis();
        return !(last.value() instanceof Value.Absent)
                && (expiry.isEmpty() || expiry.getAsLong() * 1_000 > RedisTime.micros(at));
    }
}
