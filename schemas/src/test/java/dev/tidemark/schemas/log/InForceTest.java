package dev.tidemark.schemas.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.log.ControlRecord.Claim;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.Tidemark.Base;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** I4: one epoch is in force at each offset, in both topics, and what a fenced writer writes counts for nobody. */
class InForceTest {

    @Test
    void aFencedWritersRowsDoNotCount() {
        RowsInForce rows = new RowsInForce(RowsInForce.NO_EPOCH);

        assertThat(rows.counts(row(0))).as("before any claim").isFalse();
        assertThat(rows.counts(new EpochClaimed(3, 0))).isTrue();
        assertThat(rows.counts(row(3))).isTrue();
        assertThat(rows.counts(new EpochClaimed(7, 0))).isTrue();
        assertThat(rows.counts(row(3))).as("the paused owner woke").isFalse();
        assertThat(rows.counts(new EpochClaimed(5, 0))).as("its late claim").isFalse();
        assertThat(rows.counts(row(5))).isFalse();
        assertThat(rows.counts(row(7))).isTrue();
    }

    @Test
    void aFencedWritersTidemarksDoNotCount() {
        ClaimsInForce claims = new ClaimsInForce();

        assertThat(claims.counts(4, new Claim("a"))).isTrue();
        assertThat(claims.counts(5, tidemark(4))).isTrue();
        assertThat(claims.counts(6, new Claim("b"))).isTrue();
        assertThat(claims.counts(7, tidemark(4))).isFalse();
        assertThat(claims.counts(8, tidemark(6))).isTrue();
    }

    @Property
    void aReaderThatBeginsInTheMiddleJudgesAsOneThatBeganAtTheStart(@ForAll long seed) {
        Random random = new Random(seed);
        List<LogRow> log = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            long epoch = random.nextInt(6);
            log.add(random.nextInt(4) == 0 ? new EpochClaimed(epoch, 0) : row(epoch));
        }
        int middle = random.nextInt(log.size());

        RowsInForce fromStart = new RowsInForce(RowsInForce.NO_EPOCH);
        log.subList(0, middle).forEach(fromStart::counts);
        RowsInForce fromMiddle = new RowsInForce(fromStart.epochInForce());

        for (LogRow row : log.subList(middle, log.size())) {
            assertThat(fromMiddle.counts(row)).isEqualTo(fromStart.counts(row));
        }
    }

    private static LogRow row(long epoch) {
        return new ResyncBegun(epoch, 0, "");
    }

    private static Tidemark tidemark(long epoch) {
        return new Tidemark(1, epoch, new Base(0, 1, 0), 1, 2, 0, List.of());
    }
}
