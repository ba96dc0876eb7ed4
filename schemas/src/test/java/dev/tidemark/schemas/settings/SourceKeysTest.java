package dev.tidemark.schemas.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import java.util.List;
import org.junit.jupiter.api.Test;

class SourceKeysTest {
    @Test
    void aKeyBelowAPrefixIsDataUnlessItIsOurs() {
        SourceKeys every = new SourceKeys(SourceSettings.of("s", 8));
        SourceKeys some = new SourceKeys(new SourceSettings("s", 8, List.of("a:", "b:"), List.of(0)));

        assertThat(every.contain(Bytes.utf8("anything"))).isTrue();
        assertThat(every.contain(ReservedKeys.RESTORE_LOCK)).isFalse();
        assertThat(some.contain(Bytes.utf8("b:1"))).isTrue();
        assertThat(some.contain(Bytes.utf8("c:1"))).isFalse();
    }

    @Test
    void aWatchTellsWhichKeysItWasOf() {
        String watch = new SourceKeys(new SourceSettings("s", 8, List.of("a:", "b:"), List.of(0, 3))).newWatch();

        assertThat(new SourceKeys(new SourceSettings("t", 2, List.of("b:", "a:"), List.of(3, 0))).areOf(watch))
                .isTrue();
        for (SourceSettings other : List.of(
                new SourceSettings("s", 8, List.of("a:", "b:"), List.of(0)),
                new SourceSettings("s", 8, List.of("a:"), List.of(0, 3)),
                new SourceSettings("s", 8, List.of("a:, b:"), List.of(0, 3)))) {
            assertThat(new SourceKeys(other).areOf(watch)).isFalse();
            assertThat(new SourceKeys(other).areOf("38e99f2c-aded-40b1-b166-975d4fbd064c"))
                    .as("of an earlier build")
                    .isTrue();
        }
    }

    @Test
    void aKeyWhoseNameIsTooLongIsNoData() {
        SourceKeys every = new SourceKeys(SourceSettings.of("s", 8));

        assertThat(every.contain(Bytes.wrap(new byte[SourceKeys.NAME_BYTES_MAX])))
                .isTrue();
        assertThat(every.contain(Bytes.wrap(new byte[SourceKeys.NAME_BYTES_MAX + 1])))
                .isFalse();
    }

    @Test
    void aJournalBelowAPrefixIsNoData() {
        JournalSettings journal = new JournalSettings(List.of("chunks-journal"), List.of(), false);
        SourceKeys keys = new SourceKeys(SourceSettings.of("s", 8).journaledIn(journal));

        assertThat(keys.contain(Bytes.utf8("chunks-journal"))).isFalse();
        assertThat(keys.contain(Bytes.utf8(JournalSettings.asideOf("chunks-journal"))))
                .isFalse();
        assertThat(keys.contain(Bytes.utf8("chunks-journal:1"))).isTrue();
    }
}
