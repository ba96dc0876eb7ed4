package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow.Definitions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoggedDefinitionsTest {
    private static final long HOUR_MICROS = 3_600_000_000L;
    private static final String INDEX = Definitions.INDEX + "chunks";

    private LoggedDefinitions logged = new LoggedDefinitions();
    private long micros = 7;

    @Test
    void whatHasNotChangedIsLoggedOnceAndOnceMoreForANewBase() {
        assertThat(due(false, Map.of(INDEX, "a"))).containsExactly(INDEX + "=a");
        assertThat(due(false, Map.of(INDEX, "a"))).isEmpty();
        assertThat(due(true, Map.of(INDEX, "a"))).containsExactly(INDEX + "=a");
        assertThat(due(false, Map.of(INDEX, "b"))).containsExactly(INDEX + "=b");
    }

    @Test
    void whatIsGoneIsLoggedAsEmptyOnceAndWhatWasNeverThereIsNot() {
        assertThat(due(true, Map.of())).isEmpty();
        due(false, Map.of(INDEX, "a", Definitions.FUNCTIONS, "f"));

        assertThat(due(false, Map.of(Definitions.FUNCTIONS, "f"))).containsExactly(INDEX + "=");
        assertThat(due(true, Map.of(Definitions.FUNCTIONS, "f"))).containsExactly("functions=f");
    }

    @Test
    void indexesAreNamedOnceInEachHourAndLibrariesAreNot() {
        Map<String, String> found = Map.of(INDEX, "a", Definitions.FUNCTIONS, "f");
        due(false, found);

        micros += HOUR_MICROS;
        assertThat(due(false, found)).containsExactly(INDEX + "=a");
        assertThat(due(false, found)).isEmpty();
        assertThat(due(false, Map.of(Definitions.FUNCTIONS, "f"))).containsExactly(INDEX + "=");
        micros += HOUR_MICROS;
        assertThat(due(false, Map.of(Definitions.FUNCTIONS, "f"))).isEmpty();
    }

    @Test
    void whatTheServerDoesNotTellIsNotTakenForGone() {
        due(false, Map.of(INDEX, "a"));

        ServerDefinitions silent = new ServerDefinitions(7, Map.of(), Map.of(Definitions.INDEX, "NOPERM"));
        assertThat(logged.due(3, 7, silent, true)).isEmpty();
        assertThat(due(false, Map.of(INDEX, "a"))).isEmpty();
    }

    /** The owner before may have logged what was deleted before this one looked. */
    @Test
    void whoGoesOnWithoutAResyncSaysThatAllElseIsGone() {
        logged = LoggedDefinitions.ofNextEpoch();

        assertThat(due(false, Map.of(INDEX, "a"))).containsExactly(INDEX + "=a", "functions=", Definitions.INDEX + "=");
        assertThat(due(false, Map.of(INDEX, "a"))).isEmpty();
        assertThat(due(false, Map.of())).containsExactly(INDEX + "=");
    }

    /** Of one that is too large to be logged the earlier row stays in force. */
    @Test
    void whereSomeIndexIsNotToldOfNothingIsSaidOfAll() {
        for (String refused : List.of(Definitions.INDEX, INDEX)) {
            ServerDefinitions some = new ServerDefinitions(7, Map.of(), Map.of(refused, "NOPERM, or too large"));

            assertThat(LoggedDefinitions.ofNextEpoch().due(3, 7, some, false))
                    .extracting(Definitions::kind)
                    .containsExactly(Definitions.FUNCTIONS);
        }
    }

    private List<String> due(boolean all, Map<String, String> found) {
        Map<String, Bytes> payloads = found.entrySet().stream()
                .collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, entry -> Bytes.utf8(entry.getValue())));
        return logged.due(3, micros, new ServerDefinitions(micros, payloads, Map.of()), all).stream()
                .map(row -> row.kind() + "=" + row.payload().asUtf8().orElseThrow())
                .toList();
    }
}
