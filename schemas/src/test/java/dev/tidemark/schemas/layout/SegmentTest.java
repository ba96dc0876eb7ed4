package dev.tidemark.schemas.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.log.Tidemark.Base;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class SegmentTest {
    private static final SegmentKey KEY = new SegmentKey(new Hour(LocalDate.of(2026, 11, 20), 4), 3, 1, 10);
    private static final Base BASE = new Base(1, 2, 3);

    @Test
    void cannotEndWhereItStarts() {
        assertThatThrownBy(() -> segment(10, List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThat(segment(11, List.of()).end()).isEqualTo(11);
    }

    @Test
    void cannotCarryAClaimThatGoesBeyondItsEnd() {
        ClaimInterval claim = new ClaimInterval(BASE, 5, 12, 0);

        assertThat(segment(12, List.of(claim)).claims()).containsExactly(claim);
        assertThatThrownBy(() -> segment(11, List.of(claim))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void cannotCarryMoreClaimsThanFitIntoMetadata() {
        ClaimInterval claim = new ClaimInterval(BASE, 5, 11, 0);

        assertThat(segment(11, Collections.nCopies(Segment.CLAIMS_MAX, claim)).claims())
                .hasSize(Segment.CLAIMS_MAX);
        assertThatThrownBy(() -> segment(11, Collections.nCopies(Segment.CLAIMS_MAX + 1, claim)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void claimsOfOneResyncAreOneIntervalAndThoseOfAnotherAreNot() {
        ClaimInterval first = new ClaimInterval(BASE, 5, 11, 70);
        ClaimInterval second = new ClaimInterval(BASE, 9, 15, 20);
        ClaimInterval other = new ClaimInterval(new Base(16, 17, 18), 19, 20, 1);

        List<ClaimInterval> intervals =
                ClaimInterval.append(ClaimInterval.append(ClaimInterval.append(List.of(), first), second), other);

        assertThat(intervals).containsExactly(new ClaimInterval(BASE, 9, 15, 70), other);
    }

    @Property
    void everyMomentLiesInItsHour(@ForAll @LongRange(min = 0, max = 253_402_300_799_999_999L) long micros) {
        Hour hour = Hour.of(micros);
        Instant moment = Instant.EPOCH.plusSeconds(micros / 1_000_000);

        assertThat(hour.start()).isBeforeOrEqualTo(moment);
        assertThat(hour.end()).isAfter(moment);
    }

    private static Segment segment(long end, List<ClaimInterval> claims) {
        return new Segment(KEY, end, 0, 0, 0, claims, 0, "");
    }
}
