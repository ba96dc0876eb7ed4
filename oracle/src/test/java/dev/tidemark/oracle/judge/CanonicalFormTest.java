package dev.tidemark.oracle.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CanonicalFormTest {

    @Test
    void theOrderOfFieldsAndMembersDoesNotMatterThatOfElementsDoes() {
        assertThat(CanonicalForm.hash(bytes("a", "1", "b", "2")))
                .isEqualTo(CanonicalForm.hash(bytes("b", "2", "a", "1")));
        assertThat(CanonicalForm.set(bytes("a", "b"))).isEqualTo(CanonicalForm.set(bytes("b", "a")));
        assertThat(CanonicalForm.list(bytes("a", "b"))).isNotEqualTo(CanonicalForm.list(bytes("b", "a")));
    }

    @Test
    void differentValuesAreDifferentHoweverTheyAreCutOrTyped() {
        Set<KeyState> states = new HashSet<>(List.of(
                CanonicalForm.string(utf8("ab")),
                CanonicalForm.string(utf8("")),
                CanonicalForm.string(new byte[] {0}),
                CanonicalForm.list(bytes("ab")),
                CanonicalForm.list(bytes("a", "b")),
                CanonicalForm.list(bytes("", "ab")),
                CanonicalForm.list(bytes("ab", "")),
                CanonicalForm.set(bytes("a", "b")),
                CanonicalForm.hash(bytes("a", "b")),
                CanonicalForm.hash(bytes("b", "a")),
                CanonicalForm.sortedSet(bytes("a", "b"), List.of(1.0, 2.0)),
                CanonicalForm.sortedSet(bytes("a", "b"), List.of(1.0, Double.POSITIVE_INFINITY)),
                CanonicalForm.sortedSet(bytes("a", "b"), List.of(1.0, Math.nextUp(2.0))),
                CanonicalForm.stream(utf8("1-1"), List.of()),
                CanonicalForm.stream(utf8("1-1"), List.of(bytes("1-1", "f", "v"))),
                CanonicalForm.stream(utf8("1-2"), List.of(bytes("1-1", "f", "v"))),
                CanonicalForm.opaque(utf8("ab"))));

        assertThat(states).hasSize(17);
    }

    @Test
    void minusZeroIsZeroAsAScore() {
        assertThat(CanonicalForm.sortedSet(bytes("a"), List.of(-0.0)))
                .isEqualTo(CanonicalForm.sortedSet(bytes("a"), List.of(0.0)));
    }

    private static List<byte[]> bytes(String... texts) {
        return Arrays.stream(texts).map(CanonicalFormTest::utf8).toList();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
