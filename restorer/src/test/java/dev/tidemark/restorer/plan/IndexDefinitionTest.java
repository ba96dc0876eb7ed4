package dev.tidemark.restorer.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IndexDefinitionTest {
    @Test
    void aLineIsTakenApartAsRedisCliDoes() {
        IndexDefinition index = IndexDefinition.of(
                "  ft.create \"the \\\"i\\\"\\x00\\xff\\n\\\\\" ON HASH  PREFIX 1 'it\\'s \\n' \"\" SCHEMA ä TEXT ");

        assertThat(index.index())
                .isEqualTo(Bytes.wrap(new byte[] {'t', 'h', 'e', ' ', '"', 'i', '"', 0, (byte) 0xff, '\n', '\\'}));
        assertThat(index.words().subList(2, 10))
                .containsExactly(
                        Bytes.utf8("ON"),
                        Bytes.utf8("HASH"),
                        Bytes.utf8("PREFIX"),
                        Bytes.utf8("1"),
                        Bytes.utf8("it's \\n"),
                        Bytes.empty(),
                        Bytes.utf8("SCHEMA"),
                        Bytes.utf8("ä"));
    }

    @Test
    void howItIsQuotedDoesNotMatter() {
        assertThat(IndexDefinition.of("FT.CREATE i SCHEMA t TEXT").isSameAs("FT.CREATE \"i\"  SCHEMA 't' TEXT"))
                .isTrue();
        assertThat(IndexDefinition.of("FT.CREATE i SCHEMA t TEXT").isSameAs("FT.CREATE i SCHEMA t TAG"))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "FT.CREATE", "FT.CREATE ''", "FLUSHALL now", "FT.CREATE \"i", "FT.CREATE 'i'j"})
    void anythingElseIsRefused(String line) {
        assertThatThrownBy(() -> IndexDefinition.of(line)).isInstanceOf(IllegalArgumentException.class);
    }
}
