package dev.tidemark.restorer.look;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.KeyRow;
import dev.tidemark.restorer.look.KeyEntry.Kind;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Tidemark.Base;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class KeyHistoryTest {
    private static final long NOW = 1_000_000_000;

    @Test
    void anExpiryThatPassedUnseenIsAnEntryOfItsOwn() {
        List<KeyEntry> entries = KeyHistory.entries(
                List.of(row(10, 100, OptionalLong.of(5)), row(20, 9_000, OptionalLong.of(5_000_000))), List.of(), NOW);

        assertThat(entries.stream().map(KeyEntry::kind)).containsExactly(Kind.WRITTEN, Kind.EXPIRED, Kind.WRITTEN);
        assertThat(entries.get(1).atMicros()).isEqualTo(5_000);
    }

    @Test
    void anExpiryBeyondAllMicrosecondsHasNotPassed() {
        OptionalLong far = OptionalLong.of(10_001_800_000_000_000L);

        List<KeyEntry> entries = KeyHistory.entries(List.of(row(10, 100, far)), List.of(), NOW);

        assertThat(entries.stream().map(KeyEntry::kind)).containsExactly(Kind.WRITTEN);
        assertThat(KeyAt.isPresent(true, far, NOW)).isTrue();
    }

    @Test
    void aKeyThatAResyncDidNotFindIsGoneByItsEnd() {
        List<Base> resyncs = List.of(new Base(5, 8, 50), new Base(15, 18, 150), new Base(35, 38, 350));

        List<KeyEntry> entries = KeyHistory.entries(List.of(row(10, 100, OptionalLong.empty())), resyncs, NOW);

        assertThat(entries.stream().map(KeyEntry::kind)).containsExactly(Kind.WRITTEN, Kind.NOT_FOUND_AGAIN);
        assertThat(entries.get(1).atMicros()).isEqualTo(150);
    }

    @Test
    void aKeyThatAResyncFoundGoesOn() {
        List<KeyEntry> entries = KeyHistory.entries(
                List.of(row(10, 100, OptionalLong.empty()), row(16, 140, OptionalLong.empty())),
                List.of(new Base(15, 18, 150)),
                NOW);

        assertThat(entries.stream().map(KeyEntry::kind)).containsExactly(Kind.WRITTEN, Kind.WRITTEN);
    }

    private static KeyRow row(long offset, long micros, OptionalLong expireAtMillis) {
        return new KeyRow(offset, 0, Bytes.utf8("k"), micros, micros, true, "string", expireAtMillis, "set");
    }
}
