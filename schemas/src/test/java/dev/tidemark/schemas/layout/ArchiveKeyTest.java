package dev.tidemark.schemas.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.layout.ArchiveKey.LogKey;
import dev.tidemark.schemas.layout.ArchiveKey.ProgressKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import java.time.LocalDate;
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

    @Property
    void everyKeyIsReadBackFromItsPath(@ForAll("keys") ArchiveKey key) {
        assertThat(ArchiveKey.parse(key.path())).contains(key);
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

    @Test
    void keysLookAsTheDesignSays() {
        Hour hour = new Hour(LocalDate.of(2026, 11, 20), 4);

        assertThat(new SegmentKey(hour, 3, 1, 42).path())
                .isEqualTo("segments/dt=2026-11-20/hr=04/s03-g001-00000000000000000042.parquet");
        assertThat(new ProgressKey(3).path()).isEqualTo("_progress/s03");
        assertThat(new LogKey(1).path()).isEqualTo("logs/g001");
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
                "segments/dt=2026-11-20/hr=24/s03-g001-00000000000000000042.parquet",
                "segments/dt=2026-11-31/hr=04/s03-g001-00000000000000000042.parquet",
                "segments/dt=2026-11-20/hr=4/s03-g001-00000000000000000042.parquet",
                "segments/dt=2026-11-20/hr=04/s03-g000-00000000000000000042.parquet",
                "segments/dt=2026-11-20/hr=04/s03-g001-42.parquet",
                "segments/dt=2026-11-20/hr=04/s03-g001-99999999999999999999.parquet",
                "segments/dt=2026-11-20/hr=04/s03-g001-00000000000000000042.parquet.tmp",
                "/segments/dt=2026-11-20/hr=04/s03-g001-00000000000000000042.parquet",
                "segments/dt=2026-11-20/hr=04/s03-g001-0000000000000000004\u0662.parquet"
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
    }

    @Provide
    Arbitrary<ArchiveKey> keys() {
        return Arbitraries.oneOf(
                segmentKeys().map(key -> (ArchiveKey) key),
                Arbitraries.integers().between(0, 99_999).map(shard -> (ArchiveKey) new ProgressKey(shard)),
                Arbitraries.integers().between(1, 999_999_999).map(generation -> (ArchiveKey) new LogKey(generation)));
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
