package dev.tidemark.capture.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.ShardProof.Next;
import dev.tidemark.capture.proof.Watch.Step;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is different where the writers tell: the barrier, what a new watch covers, and when a stream is acknowledged. */
class JournalProofTest {
    private static final Doubt START = new Doubt(DoubtCause.TAKEOVER, "start");
    private static final Doubt LOST = new Doubt(DoubtCause.COVERAGE_LOST, "connection lost");
    private static final KeyRef KEY = new KeyRef(0, Bytes.utf8("k"));

    private final Beats beats = new Beats();
    private final List<Coverage> watchers = new ArrayList<>();

    @Test
    void aBarrierWaitsForNoCanaryAndForTheEndOfTheStreamsAfterItsBeat() {
        Watch watch = new Watch("w", "node", Signal.OF_JOURNAL);
        watch.begin();

        assertThat(watch.ponged(Signal.JOURNAL)).as("read before the beat").isInstanceOf(Step.Wait.class);
        assertThat(watch.beatReplied(reply(0))).isInstanceOf(Step.PingAll.class);
        assertThat(watch.ponged(Signal.JOURNAL)).isInstanceOf(Step.Complete.class);
    }

    @Test
    void anEvictionIsADoubtThoughTheCanaryIsThere() {
        Watch watch = new Watch("w", "node", Signal.OF_JOURNAL);
        watch.begin();
        watch.beatReplied(reply(0));
        watch.ponged(Signal.JOURNAL);
        watch.begin();

        assertThat(watch.beatReplied(reply(1))).isInstanceOfSatisfying(Step.Over.class, over -> assertThat(
                        over.doubt().cause())
                .isEqualTo(DoubtCause.JOURNAL_BYPASSED));
    }

    @Test
    void aWatchThatInheritsCoversWhatCameBeforeItButNotBeforeItsFirstBarrier() {
        Coverage coverage = new Coverage("node", 2, beats);
        coverage.inherit(beat(5));
        assertThat(coverage.covers(0, beat(7))).isFalse();
        assertThat(coverage.holds(0)).isFalse();

        coverage.begun(1);
        coverage.completed(beat(20));

        assertThat(coverage.covers(0, beat(7))).isTrue();
        assertThat(coverage.covers(0, beat(4))).isFalse();
        coverage.hold(1);
        coverage.begun(2);
        coverage.completed(new Beat("node", "run", "repl", "w", 2, 30, 30_000_000));
        assertThat(coverage.covers(1, beat(7))).as("held anew").isFalse();
    }

    /** CONFIG RESETSTAT while nobody watched: what the counters say since is about nothing. */
    @Test
    void nothingIsInheritedAcrossACounterThatWasSetBack() {
        Coverage coverage = new Coverage("node", 1, beats);
        coverage.inherit(beat(5));
        coverage.begun(1);
        coverage.completed(new Beat("node", "run", "repl", "w", 1, 10, 60_000_000));

        assertThat(coverage.covers(0, beat(50))).isFalse();
    }

    @Test
    void aLostWatchIsLateUntilTheNextOneHasReadOn() {
        ShardProof proof = live();
        watchers.get(0).end();
        watchers.clear();

        proof.lost("node", LOST, this::watchers);
        assertThat(proof.next(this::watchers)).isEmpty();
        assertThat(proof.live()).isTrue();

        Coverage next = new Coverage("node", 1, beats);
        watchers.add(next);
        next.inherit(beat(5));
        next.touched(0, KEY);
        assertThat(proof.next(this::watchers)).isEmpty();
        next.begun(1);
        next.completed(beat(40));
        assertThat(proof.next(this::watchers)).as("a key is open").isEmpty();
        ShardPart part = proof.part("node").orElseThrow();
        assertThat(part.open().nextToRead().orElseThrow().since()).isEqualTo(10);
        part.open().acknowledged(KEY);
        assertThat(proof.next(this::watchers)).containsInstanceOf(Next.Claim.class);
    }

    @Test
    void theNextWatchThatInheritsNothingIsADoubt() {
        ShardProof proof = live();
        watchers.get(0).end();
        watchers.clear();
        proof.lost("node", LOST, this::watchers);

        Coverage next = new Coverage("node", 1, beats);
        watchers.add(next);
        assertThat(proof.next(this::watchers)).isEmpty();
        next.begun(1);
        next.completed(beat(40));

        assertThat(proof.next(this::watchers)).containsInstanceOf(Next.Doubtful.class);
    }

    @Test
    void whatIsKnownToBeMissedIsADoubtAtOnce() {
        ShardProof proof = live();
        watchers.get(0).end();
        watchers.clear();

        proof.lost("node", new Doubt(DoubtCause.JOURNAL_BYPASSED, "trimmed"), this::watchers);

        assertThat(proof.next(this::watchers)).containsInstanceOf(Next.Doubtful.class);
    }

    @Test
    void aStreamIsAcknowledgedUpToWhatEveryShardsTidemarkCovers() {
        JournalPosition position = new JournalPosition(Set.of(0, 1));
        position.begun(1, new EntryId(10, 0));
        position.begun(2, new EntryId(20, 0));
        position.begun(3, new EntryId(30, 0));

        assertThat(position.counted(0, 3)).isEmpty();
        assertThat(position.counted(7, 3))
                .as("another shard's keys are not in it")
                .isEmpty();
        assertThat(position.counted(1, 2)).contains(new EntryId(20, 0));
        assertThat(position.counted(1, 2)).as("no news").isEmpty();
        assertThat(position.counted(1, 3)).contains(new EntryId(30, 0));
    }

    @Test
    void entriesAreOrderedAsRedisOrdersThem() {
        assertThat(EntryId.parse("9-10")).isGreaterThan(EntryId.parse("9-9")).isLessThan(EntryId.parse("10-0"));
        assertThat(EntryId.parse("18446744073709551615-1")).isGreaterThan(EntryId.parse("1-1"));
        assertThat(EntryId.parse("18446744073709551615-1")).hasToString("18446744073709551615-1");
    }

    /** A proof that claims, with one watch, from beat 10 on. */
    private ShardProof live() {
        Coverage first = new Coverage("node", 1, beats);
        watchers.add(first);
        first.begun(1);
        first.completed(beat(10));
        ShardProof proof = new ShardProof(0, START, 0, 0, 1, true);
        proof.lieOn(Set.of("node"));
        Tidemark last = new Tidemark(1, 5, new Base(10, 20, 1), beat(10).timeMicros(), 30, 0, List.of(beat(10)));
        proof.takeOver(last, this::watchers);
        // The claim of the beat that it goes on from.
        proof.next(this::watchers);
        return proof;
    }

    private Collection<Coverage> watchers(String node) {
        return List.copyOf(watchers);
    }

    private static Beat beat(long beat) {
        return new Beat("node", "run", "repl", "w", 1, beat, beat * 1_000_000);
    }

    private static BeatReply reply(long evicted) {
        return new BeatReply(
                1_000,
                Optional.of(new BeatReply.Canary("w", 1, false, Map.of())),
                "run",
                "repl",
                "master",
                100,
                0,
                evicted,
                "");
    }
}
