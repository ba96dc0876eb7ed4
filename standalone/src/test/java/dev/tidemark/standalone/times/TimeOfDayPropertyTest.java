package dev.tidemark.standalone.times;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.errors.TidemarkError;
import java.time.Instant;
import java.time.ZoneId;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class TimeOfDayPropertyTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    /** Over a year with both changes of the clocks: never in the future, never more than two days back. */
    @Property
    void aTimeOfDayIsTheLastThatHasBeen(
            @ForAll @LongRange(min = 1_767_225_600, max = 1_798_761_600) long second,
            @ForAll @LongRange(min = 0, max = 1_439) long minute) {
        Instant now = Instant.ofEpochSecond(second);
        String text = "%02d:%02d".formatted(minute / 60, minute % 60);
        TimeArgument time;
        try {
            time = TimeArgument.parse(text, now, BERLIN);
        } catch (TidemarkError ambiguous) {
            assertThat(ambiguous).hasMessageContaining(" on 2026-");
            assertThat(minute / 60).isEqualTo(2);
            return;
        }

        Instant at = time.at().orElseThrow();

        assertThat(at).isBeforeOrEqualTo(now).isAfter(now.minusSeconds(25 * 3_600 + 60));
        assertThat(at.atZone(BERLIN).toLocalTime()).hasToString(text);
    }
}
