package dev.tidemark.compactor.roll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.ArchiveKey.RollUpKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.RowsInForce;
import dev.tidemark.schemas.log.Tidemark.Base;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HourRuleTest {
    private static final Hour HOUR = Hour.of(1_763_647_200_000_000L);
    private static final long END = RedisTime.micros(HOUR.end());
    private static final Base BASE = new Base(1, 3, 5);
    private static final HourRule RULE = new HourRule(HOUR, 1);

    @Test
    void anHourIsOverWhenTheChainOrTheClaimsHavePassedIt() {
        assertThat(RULE.isOver(progress(HOUR, 10, claim(END - 1, 10)))).isFalse();
        assertThat(RULE.isOver(progress(HOUR, 10, claim(END, 10)))).isTrue();
        assertThat(RULE.isOver(progress(HOUR.next(), 10, claim(END - 1, 10)))).isTrue();
        assertThat(RULE.isOver(new Progress(0, 1, 10, Optional.of(HOUR), Optional.empty())))
                .isFalse();
        assertThat(new HourRule(HOUR, 2).isOver(progress(HOUR.next(), 10, claim(END, 10))))
                .as("of another generation of the log")
                .isFalse();
    }

    @Test
    void aPartIsWhatLiesBetweenTheHoursAroundIt() {
        List<Segment> inHour = List.of(segment(25, 30, 3), segment(20, 25, 2));

        ShardPart part = RULE.part(0, Optional.of(before(20)), progress(HOUR.next(), 40, claim(END, 40)), inHour)
                .orElseThrow();

        assertThat(part.from()).isEqualTo(20);
        assertThat(part.to()).isEqualTo(30);
        assertThat(part.rows()).isEqualTo(5);
        assertThat(part.claims()).as("of its own segments alone").containsExactly(claim(30, 30));
        assertThat(part.segments()).containsExactly(inHour.get(1), inHour.get(0));
    }

    @Test
    void aShardWithoutNewsStandsWhereItStoodAndItsClaimIsKept() {
        ShardPart part = RULE.part(0, Optional.of(before(20)), progress(HOUR, 20, claim(END + 7, 20)), List.of())
                .orElseThrow();

        assertThat(part.from()).isEqualTo(20);
        assertThat(part.to()).isEqualTo(20);
        assertThat(part.epochAfter()).isEqualTo(4);
        assertThat(part.claims()).containsExactly(claim(END + 7, 20));
    }

    @Test
    void theFirstHourBeginsWithTheLog() {
        ShardPart part = RULE.part(
                        0, Optional.empty(), progress(HOUR.next(), 9, claim(END, 9)), List.of(segment(0, 9, 9)))
                .orElseThrow();

        assertThat(part.from()).isZero();
        assertThat(RULE.part(0, Optional.empty(), progress(HOUR.next(), 9, claim(END, 9)), List.of())
                        .orElseThrow()
                        .epochAfter())
                .isEqualTo(RowsInForce.NO_EPOCH);
    }

    @Test
    void whatIsNotSeenYetIsWaitedForAndWhatIsMissingIsDamage() {
        Progress told = progress(HOUR, 30, claim(END, 30));

        assertThat(RULE.part(0, Optional.of(before(20)), told, List.of(segment(20, 25, 1))))
                .isEmpty();
        assertThatThrownBy(() -> RULE.part(0, Optional.of(before(20)), told, List.of(segment(25, 30, 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("should begin at offset 20");
    }

    private static RollUp before(long to) {
        return new RollUp(new RollUpKey(HOUR, 0), 1, 0, to, 4, 5, 0, 0, List.of(), 0, "", 3);
    }

    private static Progress progress(Hour hour, long frontier, ClaimInterval claim) {
        return new Progress(0, 1, frontier, Optional.of(hour), Optional.of(claim));
    }

    private static ClaimInterval claim(long throughMicros, long offset) {
        return new ClaimInterval(BASE, throughMicros, offset, 0);
    }

    private static Segment segment(long frontier, long end, long rows) {
        return new Segment(
                new SegmentKey(HOUR, 0, 1, frontier), end, 7, end, rows, List.of(claim(end, end)), 1, "0".repeat(64));
    }
}
