package dev.tidemark.capture.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a watcher that stands by holds, forgets, and can take over from. */
class CoverageTest {
    private static final int SHARD = 0;

    private final Coverage coverage = new Coverage("node", 2, new Beats());

    @Test
    void itCoversFromTheFirstBarrierBegunAfterItStartedToHold() {
        assertThat(coverage.covers(SHARD, beat(0, 10))).isFalse();
        barrier(1, 11);

        assertThat(coverage.covers(SHARD, beat(0, 10)))
                .as("what came before its first barrier, it may have missed")
                .isFalse();
        assertThat(coverage.covers(SHARD, beat(0, 11))).isTrue();
    }

    /** The touch came after the watcher's barrier, and after the tidemark's too, for all anybody knows. */
    @Test
    void aTouchBetweenItsBarrierAndTheTidemarkIsNotForgotten() {
        barrier(1, 11);
        coverage.touched(SHARD, ref("late"));

        coverage.counted(SHARD, beat(0, 15));

        assertThat(coverage.heldBytes()).isPositive();
        barrier(2, 20);
        coverage.counted(SHARD, beat(0, 19));
        assertThat(coverage.heldBytes()).isPositive();
        coverage.counted(SHARD, beat(0, 20));
        assertThat(taken()).isEmpty();
    }

    @Test
    void aTouchWhileABarrierIsUnderWayBelongsToTheNextGeneration() {
        barrier(1, 11);
        coverage.begun(2);
        coverage.touched(SHARD, ref("meanwhile"));
        coverage.completed(beat(2, 20));

        coverage.counted(SHARD, beat(0, 25));

        assertThat(taken()).containsExactly("meanwhile");
    }

    @Test
    void aKeyTouchedAgainIsHeldForItsLastTouch() {
        barrier(1, 11);
        coverage.touched(SHARD, ref("hot"));
        coverage.touched(SHARD, ref("cold"));
        barrier(2, 20);
        coverage.touched(SHARD, ref("hot"));
        barrier(3, 30);

        coverage.counted(SHARD, beat(0, 25));

        assertThat(taken()).containsExactly("hot");
    }

    @Test
    void aTidemarkOfAnotherRunOfTheNodeProvesNothingHere() {
        barrier(1, 11);
        coverage.touched(SHARD, ref("key"));
        barrier(2, 20);
        Beat other = new Beat("node", "another run", "repl", "w", 9, 99, 99);

        coverage.counted(SHARD, other);

        assertThat(coverage.covers(SHARD, other)).isFalse();
        assertThat(taken()).containsExactly("key");
    }

    @Test
    void aRefusedBarrierMovesNoTouchIntoAnEarlierGeneration() {
        barrier(1, 11);
        coverage.begun(2);
        coverage.touched(SHARD, ref("key"));
        coverage.refused();
        barrier(2, 20);

        coverage.counted(SHARD, beat(0, 20));

        assertThat(coverage.heldBytes()).as("held a little longer than need be").isPositive();
        barrier(3, 30);
        coverage.counted(SHARD, beat(0, 30));
        assertThat(taken()).isEmpty();
    }

    @Test
    void whoFedStandsByAgainOnlyFromTheNextBarrier() {
        barrier(1, 11);
        coverage.feed(SHARD, each -> {});
        barrier(2, 20);
        coverage.hold(SHARD);

        assertThat(coverage.covers(SHARD, beat(0, 25))).isFalse();
        barrier(3, 30);
        assertThat(coverage.covers(SHARD, beat(0, 29))).isFalse();
        assertThat(coverage.covers(SHARD, beat(0, 30))).isTrue();
    }

    /** What came between the beat of the barrier under way and the moment of holding was not held. */
    @Test
    void aBarrierUnderWayWhenItStartsToHoldDoesNotCount() {
        barrier(1, 11);
        coverage.begun(2);
        coverage.hold(SHARD);
        coverage.completed(beat(2, 20));

        assertThat(coverage.covers(SHARD, beat(0, 25))).isFalse();
    }

    @Test
    void whatIsTooMuchToHoldIsForgottenTogetherWithTheCoverage() {
        barrier(1, 11);
        coverage.touched(SHARD, ref("a"));
        coverage.touched(1, ref("b"));
        coverage.touched(1, ref("c"));
        long before = coverage.heldBytes();

        coverage.forgetMost();

        assertThat(coverage.held(1)).isZero();
        assertThat(coverage.held(SHARD)).isEqualTo(1);
        assertThat(coverage.heldBytes()).isLessThan(before).isPositive();
        assertThat(coverage.covers(1, beat(0, 15))).isFalse();
        assertThat(coverage.covers(SHARD, beat(0, 15))).isTrue();
    }

    /** Nobody watched meanwhile, so nobody saw the counter fall. */
    @Test
    void whoCameAfterTheNodesStatisticsWereResetDoesNotCoverWhatWasBefore() {
        Beat last = new Beat("node", "run", "repl", "w", 9, 1_000_000, 5_000);

        barrier(1, 11);

        assertThat(coverage.covers(SHARD, last)).isFalse();
    }

    @Test
    void aTidemarkOfBeforeTheStatisticsWereResetForgetsNothingOfAfterwards() {
        barrier(1, 11);
        coverage.touched(SHARD, ref("after the reset"));
        barrier(2, 20);

        coverage.counted(SHARD, new Beat("node", "run", "repl", "w", 9, 1_000_000, 5_000));

        assertThat(taken()).containsExactly("after the reset");
    }

    private List<String> taken() {
        List<KeyRef> refs = new ArrayList<>();
        coverage.feed(SHARD, refs::add);
        return refs.stream().map(ref -> ref.key().asUtf8().orElseThrow()).toList();
    }

    private void barrier(long n, long at) {
        coverage.begun(n);
        coverage.completed(beat(n, at));
    }

    private static Beat beat(long n, long at) {
        return new Beat("node", "run", "repl", "w", n, at, at * 1_000);
    }

    private static KeyRef ref(String name) {
        return new KeyRef(0, Bytes.utf8(name));
    }
}
