package dev.tidemark.compactor.dating;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ForkDateTest {
    private static final String HISTORY = "history";

    @Test
    void theBarriersAroundTheCanaryDateIt() {
        List<Beat> known = List.of(beat("w", 3, 300), beat("w", 5, 500), beat("w", 9, 900), beat("w", 8, 800));

        ForkDate date = ForkDate.of(List.of(canary("w", 6)), Optional.of(HISTORY), known)
                .orElseThrow();

        assertThat(date.beginMicros()).isEqualTo(500);
        assertThat(date.forkMicros()).isEqualTo(OptionalLong.of(800));
    }

    @Test
    void aSnapshotOfAnotherHistoryHasNoLatestMoment() {
        List<Beat> known = List.of(beat("w", 5, 500), beat("w", 8, 800));

        for (Optional<String> replId : List.of(Optional.of("another"), Optional.<String>empty())) {
            ForkDate date = ForkDate.of(List.of(canary("w", 6)), replId, known).orElseThrow();
            assertThat(date.beginMicros()).isEqualTo(500);
            assertThat(date.forkMicros()).isEmpty();
        }
    }

    @Test
    void aCanaryThatNobodyKnowsSaysNothing() {
        List<Beat> known = List.of(beat("w", 8, 800));

        assertThat(ForkDate.of(List.of(canary("foreign", 6)), Optional.of(HISTORY), known))
                .isEmpty();
        assertThat(ForkDate.of(List.of(canary("w", 7)), Optional.of(HISTORY), known))
                .isEmpty();
        assertThat(ForkDate.of(List.of(), Optional.of(HISTORY), known)).isEmpty();
        Canary ofAnotherLife = new Canary("w", "node", "another run", 9, 0);
        assertThat(ForkDate.of(List.of(ofAnotherLife), Optional.of(HISTORY), known))
                .isEmpty();
    }

    @Test
    void theCanaryThatTellsMostIsTaken() {
        List<Beat> known = List.of(beat("a", 1, 100), beat("b", 70, 150), beat("b", 71, 250));

        ForkDate date = ForkDate.of(List.of(canary("a", 2), canary("b", 70)), Optional.of(HISTORY), known)
                .orElseThrow();

        assertThat(date.canary().watch()).isEqualTo("b");
        assertThat(date.beginMicros()).isEqualTo(150);
    }

    /** Beat n is at time 100 n; the fork is anywhere between two of them; any subset is known. */
    @Property
    void theTruthIsAlwaysBetween(@ForAll @IntRange(min = 101, max = 1_999) int fork, @ForAll long known) {
        List<Beat> beats = java.util.stream.IntStream.rangeClosed(1, 20)
                .filter(n -> ((known >>> n) & 1) == 1)
                .mapToObj(n -> beat("w", n, 100L * n))
                .toList();

        Optional<ForkDate> date = ForkDate.of(List.of(canary("w", fork / 100)), Optional.of(HISTORY), beats);

        date.ifPresent(found -> {
            assertThat(found.beginMicros()).isLessThanOrEqualTo(fork);
            found.forkMicros().ifPresent(latest -> assertThat(latest).isGreaterThanOrEqualTo(fork));
        });
        assertThat(date.isPresent()).isEqualTo(beats.stream().anyMatch(beat -> beat.timeMicros() <= fork));
    }

    private static Canary canary(String watch, long n) {
        return new Canary(watch, "node", "run", n, 0);
    }

    private static Beat beat(String watch, long n, long micros) {
        return new Beat("node", "run", HISTORY, watch, n, n, micros);
    }
}
