package dev.tidemark.restorer.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow.Definitions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What was in force beside the keys, in whatever order the rows are read. */
class DefinitionsAtTest {
    private static final String ONE = Definitions.INDEX + "one";
    private static final String TWO = Definitions.INDEX + "two";
    private static final long LATE = 100;

    private final List<Definitions> log = new ArrayList<>();

    @Test
    void theLatestOfEachKindIsInForceUntilItIsGone() {
        log(5, 10, ONE, "a");
        log(5, 11, Definitions.FUNCTIONS, "f");
        log(5, 20, ONE, "b");
        log(5, 30, ONE, "");

        assertThat(inForce(15)).containsExactly("functions=f", ONE + "=a");
        assertThat(inForce(20)).containsExactly("functions=f", ONE + "=b");
        assertThat(inForce(LATE)).containsExactly("functions=f");
    }

    /** It was dropped after the owner before had looked for the last time. */
    @Test
    void anIndexThatTheNextOwnerDidNotFindIsNotInForceAnyMore() {
        log(5, 10, ONE, "a");
        log(5, 10, TWO, "b");
        log(9, 20, TWO, "b");
        log(9, 20, Definitions.INDEX, "");
        log(9, 30, ONE, "new");

        assertThat(inForce(19)).containsExactly(ONE + "=a", TWO + "=b");
        assertThat(inForce(20)).containsExactly(TWO + "=b");
        assertThat(inForce(LATE)).containsExactly(ONE + "=new", TWO + "=b");
    }

    @Test
    void whatIsSaidOfIndexesSaysNothingOfLibraries() {
        log(5, 10, Definitions.FUNCTIONS, "f");
        log(9, 20, Definitions.INDEX, "");

        assertThat(inForce(LATE)).containsExactly("functions=f");
    }

    /** A log that was begun anew counts from the beginning. */
    @Test
    void aLaterRowIsInForceThoughItsEpochIsLower() {
        log(500, 10, Definitions.INDEX, "");
        log(1, 20, ONE, "a");

        assertThat(inForce(LATE)).containsExactly(ONE + "=a");
    }

    private void log(long epoch, long micros, String kind, String payload) {
        log.add(new Definitions(epoch, micros, kind, Bytes.empty(), Bytes.utf8(payload)));
    }

    private List<String> inForce(long micros) {
        DefinitionsAt found = new DefinitionsAt(micros);
        List<Integer> offsets = new ArrayList<>(
                java.util.stream.IntStream.range(0, log.size()).boxed().toList());
        Collections.shuffle(offsets, new Random(micros));
        offsets.forEach(offset -> found.add(offset, log.get(offset)));
        return found.inForce().stream()
                .map(each -> each.kind() + "=" + each.payload().asUtf8().orElseThrow())
                .toList();
    }
}
