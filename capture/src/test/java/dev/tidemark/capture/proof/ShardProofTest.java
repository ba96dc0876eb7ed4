package dev.tidemark.capture.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.ShardProof.Next;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ShardProofTest {
    private static final Doubt START = new Doubt(DoubtCause.TAKEOVER, "start");
    private static final Doubt BROKEN = new Doubt(DoubtCause.COVERAGE_LOST, "broken");
    private static final KeyRef KEY = new KeyRef(0, Bytes.utf8("k"));

    private final Beats beats = new Beats();
    private final List<Coverage> watchers = new ArrayList<>();
    private final ShardProof proof = new ShardProof(0, START, 0, 0, 1);
    private Coverage first;
    private long clock = 1_000_000;
    private long commands = 100;

    @BeforeEach
    void watchOneNode() {
        first = watch();
        proof.lieOn(Set.of("node"));
        assertThat(next(Next.Doubtful.class).doubt().reason()).isEqualTo("start");
    }

    @Test
    void theAcknowledgementOfABeginThatADoubtMadeVoidDatesNoLaterResync() {
        barrier(first);
        Next.BeginResync begun = next(Next.BeginResync.class);
        proof.doubt(new Doubt(DoubtCause.OPEN_KEYS_OVERFLOW, "again"));
        next(Next.Doubtful.class);
        Next.BeginResync second = next(Next.BeginResync.class);

        proof.begun(begun.attempt(), 10);
        assertNothingIsDue();

        proof.begun(second.attempt(), 20);
        proof.scanned(next(Next.Scan.class).attempt(), part());
        barrier(first);
        assertThat(next(Next.EndResync.class).beginOffset()).isEqualTo(20);
    }

    @Test
    void aResyncEndsOnlyWithABarrierBegunAfterTheLastKeyWasTouchedAndAllThatWasOpenAtIt() {
        barrier(first);
        proof.begun(next(Next.BeginResync.class).attempt(), 10);
        Next.Scan scan = next(Next.Scan.class);
        part().open().touched(KEY, "", part().now());
        first.begun(2);
        proof.scanned(scan.attempt(), part());

        first.completed(beat(2));
        assertNothingIsDue();
        barrier(first);
        assertNothingIsDue();
        part().open().nextToRead();
        part().open().acknowledged(KEY);
        assertThat(next(Next.EndResync.class).beginOffset()).isEqualTo(10);
    }

    @Test
    void aClockSetBackMakesClaimsLateAndNeverEarlier() {
        goLive();
        barrier(first);
        long through = next(Next.Claim.class).throughMicros();

        clock = through - 1_500_000;
        barrier(first);
        assertNothingIsDue();
        assertThat(proof.stamp(clock)).as("rows are dated with the last claim").isEqualTo(through);

        clock = through + 1;
        barrier(first);
        assertThat(next(Next.Claim.class).throughMicros()).isGreaterThan(through);
    }

    @Test
    void aTakeoverDatesNothingBeforeWhatCountsAlready() {
        ShardProof taken = new ShardProof(0, START, 5_000_000, 4_000_000, 1);

        assertThat(taken.stamp(1_000_000)).isEqualTo(5_000_000);
    }

    /** Both watchers saw the touch; the one that fed broke before it told of it. */
    @Test
    void whenTheFeedingWatcherBreaksTheOtherOpensWhatItHoldsAndClaimsGoOn() {
        Coverage second = watch();
        goLive();
        barrier(first);
        barrier(second);
        Tidemark counted = tidemark(next(Next.Claim.class));
        second.counted(0, counted.nodes().get(0));
        proof.counted(counted);
        second.touched(0, KEY);

        end(first);
        proof.lost("node", BROKEN, this::watchers);
        barrier(second);

        assertThat(part().open().size()).isEqualTo(1);
        assertNothingIsDue();
        part().open().nextToRead();
        part().open().acknowledged(KEY);
        assertThat(next(Next.Claim.class).base()).isEqualTo(counted.base());
    }

    /** What the last tidemark covers was true then, whoever tells of the next touch. */
    @Test
    void aWatcherThatIsBehindTheLastTidemarkDatesNoTouchBeforeIt() {
        Coverage behind = watch();
        goLive();
        barrier(first);
        Tidemark counted = tidemark(next(Next.Claim.class));
        behind.counted(0, counted.nodes().get(0));
        proof.counted(counted);
        assertThat(behind.lastComplete()).isLessThan(first.lastComplete());

        end(first);
        proof.lost("node", BROKEN, this::watchers);

        assertThat(part().isFedBy(behind)).isTrue();
        assertThat(part().timeOf(part().now())).isEqualTo(counted.throughMicros());
        assertNothingIsDue();
    }

    /** Barriers of two watchers have numbers of their own. */
    @Test
    void aResyncGoesOnWithAnotherWatcherAndStillEndsWithABarrierBegunAfterTheScan() {
        Coverage second = watch();
        barrier(first);
        for (int i = 0; i < 5; i++) {
            barrier(second);
        }
        barrier(first);
        proof.begun(next(Next.BeginResync.class).attempt(), 10);
        proof.scanned(next(Next.Scan.class).attempt(), part());

        end(first);
        proof.lost("node", BROKEN, this::watchers);

        assertNothingIsDue();
        barrier(second);
        next(Next.EndResync.class);
    }

    @Test
    void aWatcherThatBeganAfterTheLastTidemarkCannotGoOn() {
        goLive();
        barrier(first);
        proof.counted(tidemark(next(Next.Claim.class)));
        Coverage late = watch();
        barrier(late);

        end(first);
        proof.lost("node", BROKEN, this::watchers);

        assertThat(next(Next.Doubtful.class).doubt().reason()).isEqualTo("broken");
        next(Next.BeginResync.class);
    }

    @Test
    void aNewEpochGoesOnFromTheLastTidemarkWhereSomebodyWatchedSinceThen() {
        barrier(first);
        first.touched(0, KEY);
        Beat claimed = beats.at(first.lastComplete());
        barrier(first);
        Tidemark last = new Tidemark(1, 5, new Base(10, 20, 1), claimed.timeMicros(), 30, 0, List.of(claimed));

        ShardProof taken = new ShardProof(0, START, 0, claimed.timeMicros(), 41);
        taken.lieOn(Set.of("node"));
        taken.takeOver(last, this::watchers);

        assertThat(taken.next(this::watchers)).as("the key is open").isEmpty();
        ShardPart part = taken.part("node").orElseThrow();
        assertThat(part.open().nextToRead().orElseThrow().since())
                .as("it did not change between the tidemark and its touch")
                .isEqualTo(claimed.beat());
        part.open().acknowledged(KEY);
        Next.Claim claim = (Next.Claim) taken.next(this::watchers).orElseThrow();
        assertThat(claim.base()).isEqualTo(last.base());
        assertThat(claim.offset()).isEqualTo(41);
    }

    @Test
    void slotsOnAnotherNodeAreADoubtAndAShardOnTwoNodesClaimsTheLeastOfThem() {
        goLive();
        Coverage other = new Coverage("other", 1, new Beats());
        proof.lieOn(Set.of("node", "other"));
        assertThat(next(Next.Doubtful.class).doubt().reason()).contains("slots moved");
        assertNothingIsDue();

        other.begun(1);
        other.completed(new Beat("other", "run", "repl", "w", 1, 5, clock - 300_000));
        watchers.add(other);
        proof.begun(next(Next.BeginResync.class).attempt(), 30);
        long attempt = next(Next.Scan.class).attempt();
        proof.parts().forEach(part -> proof.scanned(attempt, part));
        barrier(first);
        assertNothingIsDue();
        other.begun(2);
        other.completed(new Beat("other", "run", "repl", "w", 2, 6, clock - 300_000));
        Next.EndResync end = next(Next.EndResync.class);
        proof.acknowledged(31);
        proof.ended(end.attempt(), 31, proof.stamp(end.timeMicros()));
        barrier(first);
        clock += 1_000_000;
        other.begun(3);
        other.completed(new Beat("other", "run", "repl", "w", 3, 7, clock - 700_000));

        Next.Claim claim = next(Next.Claim.class);
        assertThat(claim.throughMicros()).isEqualTo(clock - 1_000_000);
        assertThat(claim.nodes()).hasSize(2);
    }

    @Test
    void aScheduledResyncGivesANewBaseAndLeavesNoMomentThatNeitherOfTheTwoRestores() {
        goLive();
        barrier(first);
        Base before = next(Next.Claim.class).base();

        proof.refresh();
        proof.begun(next(Next.BeginResync.class).attempt(), 50);
        Next.Scan scan = next(Next.Scan.class);
        barrier(first);
        assertThat(next(Next.Claim.class).base()).isEqualTo(before);
        proof.scanned(scan.attempt(), part());
        barrier(first);
        Next.EndResync end = next(Next.EndResync.class);
        assertThat(next(Next.Claim.class).base()).isEqualTo(before);
        proof.acknowledged(51);
        // A row that was read after the barrier is in the log before END, which is dated no earlier.
        long ended = proof.stamp(end.timeMicros() + 2_000);
        proof.ended(end.attempt(), 51, ended);
        barrier(first);
        Next.Claim last = next(Next.Claim.class);
        assertThat(last.base()).isEqualTo(before);
        assertThat(last.throughMicros()).isGreaterThan(ended);
        barrier(first);
        assertThat(next(Next.Claim.class).base()).isEqualTo(new Base(50, 51, ended));
    }

    /** No key is open for it, and where its partition stalls, claims would go on: the row would come late for its own hour. */
    @Test
    void noClaimOvertakesARowOfAResyncOrADefinitionThatIsOnItsWay() {
        goLive();
        proof.refresh();
        Next.BeginResync begin = next(Next.BeginResync.class);
        barrier(first);
        assertNothingIsDue();
        proof.begun(begin.attempt(), 50);
        Next.Scan scan = next(Next.Scan.class);
        assertThat(next(Next.Claim.class).throughMicros()).isGreaterThan(begin.timeMicros());

        proof.scanned(scan.attempt(), part());
        barrier(first);
        Next.EndResync end = next(Next.EndResync.class);
        assertThat(next(Next.Claim.class).throughMicros()).isEqualTo(end.timeMicros());
        barrier(first);
        assertNothingIsDue();
        proof.ended(end.attempt(), 51, proof.stamp(end.timeMicros()));
        assertThat(next(Next.Claim.class).throughMicros()).isGreaterThan(end.timeMicros());

        long defined = proof.stampDefinitions(clock);
        proof.stampDefinitions(clock + 1);
        barrier(first);
        assertNothingIsDue();
        proof.definitionsLanded();
        assertNothingIsDue();
        proof.definitionsLanded();
        assertThat(next(Next.Claim.class).throughMicros()).isGreaterThan(defined);
    }

    /** A row may be dated after the claim in which it was first due, so the next claim speaks of it too; a new base forgets none. */
    @Test
    void aClaimStatesTheWorstAgeOfWhatWasReadAndTheNextOneDoesTooEvenPastANewBase() {
        goLive();
        proof.refresh();
        proof.begun(next(Next.BeginResync.class).attempt(), 50);
        Next.Scan scan = next(Next.Scan.class);
        proof.scanned(scan.attempt(), part());
        barrier(first);
        Next.EndResync end = next(Next.EndResync.class);
        assertThat(next(Next.Claim.class).exactnessMicros()).isZero();
        proof.stampChange(clock + 300_000, clock);
        proof.ended(end.attempt(), 51, proof.stamp(end.timeMicros()));

        barrier(first);
        assertThat(next(Next.Claim.class).exactnessMicros()).isEqualTo(300_000);
        barrier(first);
        assertThat(next(Next.Claim.class).exactnessMicros()).isEqualTo(300_000);
        barrier(first);
        assertThat(next(Next.Claim.class).exactnessMicros()).isZero();
    }

    /** It may have been set back between the barrier that a key is open since, and the read. */
    @Test
    void aChangeThatIsReadWhenTheClockWasSetBackIsNotDatedBeforeABarrierThatIsClaimedAheadOfIt() {
        goLive();
        barrier(first);
        long touchedAfter = clock;

        long dated = proof.stampChange(clock - 500_000, touchedAfter);

        assertThat(dated).isGreaterThanOrEqualTo(next(Next.Claim.class).throughMicros());
    }

    @Test
    void aPrimaryThatMayHaveBeenReplacedClaimsOnlyWhatWasVouchedFor() {
        watchers.remove(first);
        Coverage unsure = new Coverage("node", 1, beats, true);
        watchers.add(unsure);
        barrier(unsure);
        proof.begun(next(Next.BeginResync.class).attempt(), 10);
        proof.scanned(next(Next.Scan.class).attempt(), part());
        barrier(unsure);
        long vouched = unsure.lastComplete();
        barrier(unsure);
        assertNothingIsDue();

        unsure.vouched(vouched);
        Next.EndResync end = next(Next.EndResync.class);
        proof.ended(end.attempt(), 11, proof.stamp(end.timeMicros()));
        assertNothingIsDue();
        barrier(unsure);
        unsure.vouched(unsure.lastComplete());
        long claimable = clock;
        barrier(unsure);

        assertThat(next(Next.Claim.class).throughMicros()).isEqualTo(claimable);
    }

    private void goLive() {
        barrier(first);
        watchers.stream().filter(each -> each != first).forEach(this::barrier);
        proof.begun(next(Next.BeginResync.class).attempt(), 10);
        proof.scanned(next(Next.Scan.class).attempt(), part());
        barrier(first);
        Next.EndResync end = next(Next.EndResync.class);
        proof.acknowledged(11);
        proof.ended(end.attempt(), 11, proof.stamp(end.timeMicros()));
    }

    private Coverage watch() {
        Coverage coverage = new Coverage("node", 1, beats);
        watchers.add(coverage);
        return coverage;
    }

    private void end(Coverage coverage) {
        coverage.end();
        watchers.remove(coverage);
    }

    private Collection<Coverage> watchers(String node) {
        return watchers.stream().filter(each -> each.node().equals(node)).toList();
    }

    private ShardPart part() {
        return proof.part("node").orElseThrow();
    }

    private void barrier(Coverage coverage) {
        coverage.begun(coverage.begun() + 1);
        coverage.completed(beat(coverage.begun()));
    }

    private Beat beat(long n) {
        clock += 1_000_000;
        commands += 10;
        return new Beat("node", "run", "repl", "watch", n, commands, clock);
    }

    private static Tidemark tidemark(Next.Claim claim) {
        return new Tidemark(
                1, 1, claim.base(), claim.throughMicros(), claim.offset(), claim.exactnessMicros(), claim.nodes());
    }

    private void assertNothingIsDue() {
        assertThat(proof.next(this::watchers)).isEmpty();
    }

    private <T extends Next> T next(Class<T> expected) {
        return expected.cast(proof.next(this::watchers).orElseThrow());
    }
}
