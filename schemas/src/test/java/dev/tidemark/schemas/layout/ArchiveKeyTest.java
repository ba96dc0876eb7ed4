package dev.tidemark.schemas.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.layout.ArchiveKey.BlobKey;
import dev.tidemark.schemas.layout.ArchiveKey.DrillKey;
import dev.tidemark.schemas.layout.ArchiveKey.DrillPart;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.ArchiveKey.LogKey;
import dev.tidemark.schemas.layout.ArchiveKey.MarkerKey;
import dev.tidemark.schemas.layout.ArchiveKey.ProgressKey;
import dev.tidemark.schemas.layout.ArchiveKey.PrunedKey;
import dev.tidemark.schemas.layout.ArchiveKey.RollUpKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import java.time.LocalDate;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveKeyTest {
    /** The end of the year 9999. */
    private static final long LAST_MICROS = 253_402_300_799_999_999L;

    @Property
    void everyKeyIsReadBackFromItsPath(@ForAll("keys") ArchiveKey key) {
        assertThat(ArchiveKey.parse(key.path())).contains(key);
    }

    /** A backup that is written where digits look otherwise must be found elsewhere. */
    @Property
    void keysAreSpeltAlikeInEveryLanguage(@ForAll("keys") ArchiveKey key) {
        Locale here = Locale.getDefault();
        String path = key.path();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG"));

            assertThat(key.path()).isEqualTo(path);
            assertThat(LogTopics.first("rag").changes()).isEqualTo("tidemark.rag.changes.g001");
            assertThat(LogTopics.first("rag").tidemarks()).isEqualTo("tidemark.rag.tidemarks.g001");
        } finally {
            Locale.setDefault(here);
        }
    }

    @Property
    void whatIsReadIsSpeltExactlyThatWay(@ForAll("nearMisses") String path) {
        ArchiveKey.parse(path).ifPresent(key -> assertThat(key.path()).isEqualTo(path));
    }

    @Property
    void pathsOfAShardSortLikeItsSlots(@ForAll("segmentKeys") SegmentKey a, @ForAll("segmentKeys") SegmentKey b) {
        SegmentKey sameShard = new SegmentKey(b.hour(), a.shard(), a.generation(), b.frontier());
        int byHour = a.hour().compareTo(sameShard.hour());
        int expected = byHour != 0 ? byHour : Long.compare(a.frontier(), sameShard.frontier());

        assertThat(Integer.signum(a.path().compareTo(sameShard.path()))).isEqualTo(Integer.signum(expected));
    }

    @Property
    void aListingThatBeginsAfterAnHourBeginsWithItsFirstSegment(@ForAll("segmentKeys") SegmentKey key) {
        assertThat(key.path()).startsWith(ArchiveKey.SEGMENTS).isGreaterThan(ArchiveKey.segmentsOf(key.hour()));
    }

    @Property
    void pathsOfGapsSortByTime(@ForAll("gapKeys") GapKey a, @ForAll("gapKeys") GapKey b) {
        GapKey later = new GapKey(b.timeMicros(), a.shard(), a.generation(), a.offset());

        assertThat(Integer.signum(a.path().compareTo(later.path())))
                .isEqualTo(Long.compare(a.timeMicros(), b.timeMicros()));
    }

    @Property
    void aListingThatBeginsAtATimeBeginsWithItsFirstGap(@ForAll("gapKeys") GapKey key) {
        assertThat(key.path()).startsWith(ArchiveKey.GAPS).isGreaterThan(ArchiveKey.gapsFrom(key.timeMicros()));
        assertThat(key.path()).isLessThan(ArchiveKey.gapsFrom(key.timeMicros() + 1));
    }

    @Test
    void keysLookAsTheDesignSays() {
        Hour hour = new Hour(LocalDate.of(2026, 11, 20), 4);

        assertThat(new SegmentKey(hour, 3, 1, 42).path())
                .isEqualTo("segments/dt=2026-11-20/hr=04/s03-g001-00000000000000000042.parquet");
        assertThat(new RollUpKey(hour, 3).path()).isEqualTo("changes/dt=2026-11-20/hr=04/s03.parquet");
        assertThat(new MarkerKey(hour).path()).isEqualTo("rolled/dt=2026-11-20/hr=04");
        assertThat(new ProgressKey(3).path()).isEqualTo("_progress/s03");
        assertThat(new LogKey(1).path()).isEqualTo("logs/g001");
        assertThat(new GapKey(1_763_629_392_000_007L, 3, 1, 42).path())
                .isEqualTo("gaps/dt=2025-11-20/090312.000007-s03-g001-00000000000000000042.json");
        assertThat(new PrunedKey(7).path()).isEqualTo("pruned/00000000000000000007");
        assertThat(new DrillKey(1_763_629_392_000_007L, DrillPart.REPORT).path())
                .isEqualTo("drills/dt=2025-11-20/090312.000007.json");
        assertThat(new DrillKey(1_763_629_392_000_007L, DrillPart.PAGE).path())
                .isEqualTo("drills/dt=2025-11-20/090312.000007.html");
        assertThat(new BlobKey(hour.date(), Bytes.wrap(new byte[32])).path())
                .isEqualTo("blobs/dt=2026-11-20/" + "0".repeat(64));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "segments/",
                "_progress/s3",
                "_progress/s003",
                "_progress/s03/",
                "_progress/s03\n",
                "logs/g1",
                "logs/g0001",
                "logs/g000",
                "logs/g9999999999",
                "blobs/dt=2026-11-20/00",
                "blobs/dt=2026-02-30/0000000000000000000000000000000000000000000000000000000000000000",
                "blobs/dt=2026-11-20/000000000000000000000000000000000000000000000000000000000000000A",
                "segments/dt=2026-11-20/hr=24/s03-g001-00000000000000000042.parquet",
                "segments/dt=2026-11-31/hr=04/s03-g001-00000000000000000042.parquet",
                "segments/dt=2026-11-20/hr=4/s03-g001-00000000000000000042.parquet",
                "segments/dt=2026-11-20/hr=04/s03-g000-00000000000000000042.parquet",
                "segments/dt=2026-11-20/hr=04/s03-g001-42.parquet",
                "segments/dt=2026-11-20/hr=04/s03-g001-99999999999999999999.parquet",
                "segments/dt=2026-11-20/hr=04/s03-g001-00000000000000000042.parquet.tmp",
                "/segments/dt=2026-11-20/hr=04/s03-g001-00000000000000000042.parquet",
                "segments/dt=2026-11-20/hr=04/s03-g001-0000000000000000004\u0662.parquet",
                "gaps/",
                "gaps/dt=2026-11-20/090312.000007-s03-g001-42.json",
                "gaps/dt=2026-11-20/090312.000007-s3-g001-00000000000000000042.json",
                "gaps/dt=2026-11-20/240312.000007-s03-g001-00000000000000000042.json",
                "gaps/dt=2026-02-29/090312.000007-s03-g001-00000000000000000042.json",
                "gaps/dt=1969-12-31/235959.999999-s03-g001-00000000000000000042.json",
                "gaps/dt=2026-11-20/0903-s03-g001-00000000000000000042.json"
            })
    void anythingElseIsNotOurs(String path) {
        assertThat(ArchiveKey.parse(path)).isEmpty();
    }

    @Test
    void thereIsNoSuchSlot() {
        Hour hour = new Hour(LocalDate.of(2026, 11, 20), 4);

        assertThatThrownBy(() -> new SegmentKey(hour, -1, 1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SegmentKey(hour, 0, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SegmentKey(hour, 0, 1, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ProgressKey(100_000)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LogKey(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new GapKey(-1, 0, 1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new GapKey(LAST_MICROS + 1, 0, 1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new GapKey(0, 0, 1, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Provide
    Arbitrary<ArchiveKey> keys() {
        return Arbitraries.oneOf(
                segmentKeys().map(key -> (ArchiveKey) key),
                gapKeys().map(key -> (ArchiveKey) key),
                Arbitraries.integers().between(0, 99_999).map(shard -> (ArchiveKey) new ProgressKey(shard)),
                Arbitraries.integers().between(1, 999_999_999).map(generation -> (ArchiveKey) new LogKey(generation)),
                Arbitraries.longs().greaterOrEqual(1).map(number -> (ArchiveKey) new PrunedKey(number)),
                blobKeys().map(key -> (ArchiveKey) key),
                segmentKeys().map(key -> (ArchiveKey) new RollUpKey(key.hour(), key.shard())),
                segmentKeys().map(key -> (ArchiveKey) new MarkerKey(key.hour())));
    }

    private static Arbitrary<BlobKey> blobKeys() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 2_932_896),
                        Arbitraries.bytes().array(byte[].class).ofSize(32))
                .as((day, sha256) -> new BlobKey(LocalDate.ofEpochDay(day), Bytes.wrap(sha256)));
    }

    @Provide
    Arbitrary<SegmentKey> segmentKeys() {
        // Years of four digits: ISO dates beyond them are spelt with a sign.
        Arbitrary<Hour> hours = Combinators.combine(
                        Arbitraries.longs()
                                .between(
                                        LocalDate.of(1970, 1, 1).toEpochDay(),
                                        LocalDate.of(9999, 12, 31).toEpochDay()),
                        Arbitraries.integers().between(0, 23))
                .as((day, hour) -> new Hour(LocalDate.ofEpochDay(day), hour));
        return Combinators.combine(
                        hours,
                        Arbitraries.integers().between(0, 99_999),
                        Arbitraries.integers().between(1, 999_999_999),
                        Arbitraries.longs().greaterOrEqual(0))
                .as(SegmentKey::new);
    }

    @Provide
    Arbitrary<GapKey> gapKeys() {
        return Combinators.combine(
                        Arbitraries.longs().between(0, LAST_MICROS - 1),
                        Arbitraries.integers().between(0, 99_999),
                        Arbitraries.integers().between(1, 999_999_999),
                        Arbitraries.longs().greaterOrEqual(0))
                .as(GapKey::new);
    }

    @Provide
    Arbitrary<String> nearMisses() {
        return Combinators.combine(
                        keys(),
                        Arbitraries.integers().between(0, 80),
                        Arbitraries.chars().ascii())
                .as((key, at, character) -> {
                    StringBuilder path = new StringBuilder(key.path());
                    path.setCharAt(at % path.length(), character);
                    return path.toString();
                });
    }
}
