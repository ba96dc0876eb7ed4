package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.settings.JournalSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines as ACL LIST prints them. */
class ForeignWritersTest {
    private final ForeignWriters writers = new ForeignWriters(
            new SourceSettings("test", 1, List.of("rag:"), List.of(0))
                    .journaledIn(new JournalSettings(List.of("journal"), List.of("app"), false)),
            "tidemark");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user x on nopass ~* &* +@all",
                "user x on #abc ~rag:1* resetchannels -@all +set",
                "user x on #abc ~r* resetchannels -@all +@write",
                "user x on #abc ~[r]ag:* resetchannels -@all +@all -@dangerous",
                "user x on #abc %W~rag:* resetchannels -@all +hset",
                "user x on #abc %RW~rag:* resetchannels -@all +hset",
                "user x on #abc ~other:* resetchannels -@all +@read (~rag:* resetchannels -@all +del)",
                "user x on #abc ~journal resetchannels -@all +xtrim",
                "user x on #abc ~rag:* resetchannels +@all -@write +set"
            })
    void whoMayWriteIsForeign(String line) {
        assertThat(writers.among(List.of(line))).containsExactly("x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user x off nopass ~* &* +@all",
                "user x on #abc %R~rag:* resetchannels -@all +hset",
                "user x on #abc ~rag:* resetchannels -@all +@read +@connection",
                "user x on #abc ~* resetchannels +@all -@write",
                "user x on #abc ~other:* resetchannels +@all",
                "user x on #abc ~rag resetchannels +@all",
                "user x on #abc ~tidemark:canary:* resetchannels +@all",
                "user x on #abc resetchannels +@all",
                "user app on nopass ~* &* +@all",
                "user tidemark on nopass ~* &* +@all"
            })
    void whoMayNotOrIsNamedIsNone(String line) {
        assertThat(writers.among(List.of(line))).isEmpty();
    }
}
