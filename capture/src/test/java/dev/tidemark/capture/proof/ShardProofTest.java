package dev.tidemark.capture.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.ShardProof.Next;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Tidemark.Beat;
import org.junit.jupiter.api.Test;

class ShardProofTest {
    private final Barriers barriers = new Barriers();
    private final OpenKeys open = new OpenKeys();
    private final ShardProof proof = new ShardProof("start", 0, 0, 1);
    private long clock = 1_000_000;

    @Test
    void theAcknowledgementOfABeginThatADoubtMadeVoidDatesNoLaterResync() {
        barrier();
        proof.covered();
        Next.BeginResync first = next(Next.BeginResync.class);
        proof.doubt("again");
        proof.covered();
        Next.BeginResync second = next(Next.BeginResync.class);

        proof.begun(first.attempt(), 10);
        assertThat(proof.next(open, barriers))
                .as("still waits for its own BEGIN")
                .isEmpty();

        proof.begun(second.attempt(), 20);
        proof.scanned(next(Next.Scan.class).attempt(), barriers);
        barrier();
        assertThat(next(Next.EndResync.class).beginOffset()).isEqualTo(20);
    }

    @Test
    void aResyncEndsOnlyWithABarrierBegunAfterTheLastKeyWasTouchedAndAllThatWasOpenAtIt() {
        barrier();
        proof.covered();
        proof.begun(next(Next.BeginResync.class).attempt(), 10);
        Next.Scan scan = next(Next.Scan.class);
        KeyRef key = new KeyRef(0, Bytes.utf8("k"));
        open.touched(key, "", barriers.lastComplete());
        barriers.begin();
        proof.scanned(scan.attempt(), barriers);

        barriers.complete(beat());
        assertThat(proof.next(open, barriers)).as("that barrier began before").isEmpty();
        barrier();
        assertThat(proof.next(open, barriers)).as("a key is open").isEmpty();
        open.nextToRead();
        open.acknowledged(key);
        assertThat(next(Next.EndResync.class).beginOffset()).isEqualTo(10);
    }

    @Test
    void aClockSetBackMakesClaimsLateAndNeverEarlier() {
        goLive();
        barrier();
        long through = next(Next.Claim.class).throughMicros();

        clock = through - 1_500_000;
        barrier();
        assertThat(proof.next(open, barriers)).isEmpty();
        assertThat(proof.stamp(clock)).as("rows are dated with the last claim").isEqualTo(through);

        clock = through + 1;
        barrier();
        assertThat(next(Next.Claim.class).throughMicros()).isGreaterThan(through);
    }

    @Test
    void aTakeoverDatesNothingBeforeWhatCountsAlready() {
        ShardProof taken = new ShardProof("start", 5_000_000, 4_000_000, 1);

        assertThat(taken.stamp(1_000_000)).isEqualTo(5_000_000);
    }

    private void goLive() {
        barrier();
        proof.covered();
        proof.begun(next(Next.BeginResync.class).attempt(), 10);
        proof.scanned(next(Next.Scan.class).attempt(), barriers);
        barrier();
        Next.EndResync end = next(Next.EndResync.class);
        proof.acknowledged(11);
        proof.ended(end.attempt(), 11, proof.stamp(end.timeMicros()), barriers);
    }

    private void barrier() {
        barriers.begin();
        clock += 1_000_000;
        barriers.complete(beat());
    }

    private Beat beat() {
        return new Beat("node", "run", "repl", "watch", 1, 1, clock);
    }

    private <T extends Next> T next(Class<T> expected) {
        return expected.cast(proof.next(open, barriers).orElseThrow());
    }
}
