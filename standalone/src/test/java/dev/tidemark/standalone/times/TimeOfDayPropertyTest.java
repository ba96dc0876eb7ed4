package dev.tidemark.standalone.times;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.errors.TidemarkError;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;

/** Against a clock on the wall that is looked at each minute of three days. */
class TimeOfDayPropertyTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** Changes by an hour, by half an hour, at midnight, of a whole day, and none. */
    private static final List<String> ZONES = List.of(
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Africa/Cairo",
            "America/Sao_Paulo",
            "Pacific/Apia",
            "UTC");

    /** What the clock on the wall said on a day: when it said it, and whether it went past it without. */
    private record Seen(List<Instant> said, boolean isSkipped) {}

    @Property(tries = 400)
    void aTimeOfDayIsTheLastThatHasBeenAndIsRefusedWhereItWasTwiceOrNever(@ForAll long seed) {
        Random random = new Random(seed);
        ZoneId zone = ZoneId.of(ZONES.get(random.nextInt(ZONES.size())));
        Instant change = change(zone, random);
        Instant now = change.plusSeconds(random.nextInt(48 * 3_600) - 3_600);
        LocalDateTime near = LocalDateTime.ofInstant(change.minus(MINUTE), zone).plusMinutes(random.nextInt(150) - 75);
        int minute = random.nextInt(3) == 0 ? random.nextInt(1_440) : near.getHour() * 60 + near.getMinute();
        String text = "%02d:%02d".formatted(minute / 60, minute % 60);
        LocalDate today = LocalDate.ofInstant(now, zone);

        String outcome = "was neither";
        for (LocalDate day : List.of(today, today.minusDays(1))) {
            Seen seen = seen(day.atTime(minute / 60, minute % 60), now, zone);
            outcome =
                    seen.said.size() > 1 ? "was twice on " + day : seen.isSkipped ? "did not exist on " + day : outcome;
            if (seen.said.size() == 1) {
                assertThat(TimeArgument.parse(text, now, zone).at()).contains(seen.said.get(0));
                Statistics.label("outcome").collect(day.equals(today) ? "today" : "yesterday");
                return;
            }
            if (seen.said.size() > 1 || seen.isSkipped) {
                break;
            }
        }
        Statistics.label("outcome").collect(outcome.replaceAll(" on .*", ""));
        assertThatThrownBy(() -> TimeArgument.parse(text, now, zone))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining(outcome);
    }

    /** When the zone's clocks were changed, between 2008 and 2027, or any time if they were not. */
    private static Instant change(ZoneId zone, Random random) {
        Instant any = Instant.ofEpochSecond(1_200_000_000L + random.nextInt(600_000_000));
        ZoneOffsetTransition change = zone.getRules().nextTransition(any);
        return change == null ? any : change.getInstant();
    }

    private static Seen seen(LocalDateTime wanted, Instant now, ZoneId zone) {
        List<Instant> said = new ArrayList<>();
        boolean isSkipped = false;
        Instant begin = Instant.ofEpochSecond(now.getEpochSecond() / 60 * 60).minus(Duration.ofDays(3));
        LocalDateTime before = LocalDateTime.ofInstant(begin.minus(MINUTE), zone);
        for (Instant at = begin; !at.isAfter(now); at = at.plus(MINUTE)) {
            LocalDateTime shown = LocalDateTime.ofInstant(at, zone);
            if (shown.equals(wanted)) {
                said.add(at);
            }
            isSkipped |= before.isBefore(wanted) && shown.isAfter(wanted);
            before = shown;
        }
        // What came after the clocks were put back is not skipped because it was said before.
        return new Seen(said, isSkipped && said.isEmpty());
    }
}
