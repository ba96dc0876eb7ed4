package dev.tidemark.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.HashSlot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What writers may put into an entry, and what makes it say nothing. */
class JournalEntryTest {
    private static final OptionalInt ANY_SLOT = OptionalInt.empty();

    @Test
    void keysComeInTheirOrderAndWhatIsTheWritersOwnIsIgnored() {
        assertThat(JournalEntry.of(fields("key", "b", "trace", "77", "key", "a", "event", "import"), 3, ANY_SLOT))
                .isEqualTo(new JournalEntry.Touches(3, List.of(Bytes.utf8("b"), Bytes.utf8("a")), "import"));
        assertThat(JournalEntry.of(fields("db", "5", "key", "a"), 3, ANY_SLOT))
                .isEqualTo(new JournalEntry.Touches(5, List.of(Bytes.utf8("a")), ""));
    }

    @Test
    void anEntryWithoutAKeyOrWithoutSenseIsPoison() {
        assertThat(List.of(
                        fields(),
                        fields("Key", "a"),
                        fields("key", "a", "db", "-1"),
                        fields("key", "a", "db", "12345678"),
                        fields("key", "a", "event", "e".repeat(65))))
                .allSatisfy(fields ->
                        assertThat(JournalEntry.of(fields, 0, ANY_SLOT)).isInstanceOf(JournalEntry.Poison.class));
    }

    /** A Cluster's stream is acknowledged for the shard of its own slot alone. */
    @Test
    void inAClusterAKeyOfAnotherSlotIsPoison() {
        OptionalInt slot = OptionalInt.of(HashSlot.of(Bytes.utf8("journal:{a}")));

        assertThat(JournalEntry.of(fields("key", "{a}:1", "key", "x{a}"), 0, slot))
                .isInstanceOf(JournalEntry.Touches.class);
        assertThat(JournalEntry.of(fields("key", "{a}:1", "key", "{b}:1"), 0, slot))
                .isEqualTo(new JournalEntry.Poison("a key lies in another hash slot than the stream"));
    }

    /** Arrays have no equality, which is what keeps fields of one name apart; as in Lettuce. */
    @SuppressWarnings("ArrayAsKeyOfSetOrMap")
    private static Map<byte[], byte[]> fields(String... namesAndValues) {
        Map<byte[], byte[]> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put(namesAndValues[i].getBytes(UTF_8), namesAndValues[i + 1].getBytes(UTF_8));
        }
        return fields;
    }
}
