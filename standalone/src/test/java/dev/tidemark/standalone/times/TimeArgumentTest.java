package dev.tidemark.standalone.times;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.errors.TidemarkError;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeArgumentTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final Instant NOW = Instant.parse("2026-11-20T13:30:00.123Z");

    @ParameterizedTest
    @CsvSource({
        "2026-11-20T14:03:00Z, 2026-11-20T14:03:00Z",
        "2026-11-20t14:03:00z, 2026-11-20T14:03:00Z",
        "2026-11-20 14:03:00+01:00, 2026-11-20T13:03:00Z",
        "2026-11-20T14:03:00.123456Z, 2026-11-20T14:03:00.123456Z",
        "2026-11-20T14:03:00-05:30, 2026-11-20T19:33:00Z",
    })
    void readsRfc3339AsItStands(String text, Instant at) {
        TimeArgument time = TimeArgument.parse(text, NOW, BERLIN);

        assertThat(time.at()).contains(at);
        assertThat(time.reading()).isEmpty();
    }

    @Test
    void readsATimeOfDayAsTodayAndSaysSo() {
        TimeArgument time = TimeArgument.parse("14:03", NOW, BERLIN);

        assertThat(time.at()).contains(Instant.parse("2026-11-20T13:03:00Z"));
        assertThat(time.reading())
                .contains("14:03 is read as 2026-11-20T13:03:00Z (2026-11-20T14:03:00+01:00, Europe/Berlin)");
    }

    @ParameterizedTest
    @CsvSource({
        "14:30, 2026-11-20T13:30:00Z",
        "14:31, 2026-11-19T13:31:00Z",
        "9:05, 2026-11-20T08:05:00Z",
        "14:30:01, 2026-11-19T13:30:01Z",
        "00:00, 2026-11-19T23:00:00Z",
    })
    void readsATimeThatIsStillToComeAsYesterday(String text, Instant at) {
        assertThat(TimeArgument.parse(text, NOW, BERLIN).at()).contains(at);
    }

    @ParameterizedTest
    @CsvSource({
        "-10m, 2026-11-20T13:20:00Z",
        "-90s, 2026-11-20T13:28:30Z",
        "-1h30m, 2026-11-20T12:00:00Z",
        "-2d, 2026-11-18T13:30:00Z",
    })
    void readsADurationBackFromNow(String text, Instant at) {
        TimeArgument time = TimeArgument.parse(text, NOW, ZoneOffset.UTC);

        assertThat(time.at()).contains(at);
        assertThat(time.reading()).get().asString().contains(at.toString());
    }

    @Test
    void latestIsNoInstant() {
        assertThat(TimeArgument.parse("latest", NOW, BERLIN).isLatest()).isTrue();
    }

    @Test
    void yesterdayIsADayOfTheCalendarNotTwentyFourHours() {
        Instant morningAfterSpringForward = Instant.parse("2026-03-30T06:00:00Z");

        TimeArgument time = TimeArgument.parse("09:00", morningAfterSpringForward, BERLIN);

        assertThat(time.at()).contains(Instant.parse("2026-03-29T07:00:00Z"));
        Instant dayOfSpringForward = Instant.parse("2026-03-29T06:00:00Z");
        assertThat(TimeArgument.parse("09:00", dayOfSpringForward, BERLIN).at())
                .contains(Instant.parse("2026-03-28T08:00:00Z"));
    }

    @Test
    void refusesATimeThatTheClocksWerePutForwardOver() {
        Instant afternoon = Instant.parse("2026-03-29T12:00:00Z");

        assertThatThrownBy(() -> TimeArgument.parse("02:30", afternoon, BERLIN))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("did not exist on 2026-03-29 in Europe/Berlin");
    }

    @Test
    void beforeTheClocksGoForwardTheSkippedTimeIsYesterdays() {
        Instant beforeTheChange = Instant.parse("2026-03-29T00:30:00Z");

        assertThat(TimeArgument.parse("02:30", beforeTheChange, BERLIN).at())
                .contains(Instant.parse("2026-03-28T01:30:00Z"));
    }

    @Test
    void refusesATimeThatWasTwiceAndNamesBoth() {
        Instant afternoon = Instant.parse("2026-10-25T12:00:00Z");

        assertThatThrownBy(() -> TimeArgument.parse("02:30", afternoon, BERLIN))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("was twice on 2026-10-25")
                .hasMessageContaining("2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00");
    }

    @Test
    void betweenTheTwoOnlyTheFirstHasBeen() {
        Instant between = Instant.parse("2026-10-25T00:45:00Z");

        assertThat(TimeArgument.parse("02:30", between, BERLIN).at()).contains(Instant.parse("2026-10-25T00:30:00Z"));
    }

    @Test
    void aTimeWithoutAZoneIsRefusedWithWhatWasMeant() {
        assertThatThrownBy(() -> TimeArgument.parse("2026-11-20T14:03:00", NOW, BERLIN))
                .hasMessageContaining("names no zone")
                .hasMessageContaining("2026-11-20T14:03:00Z for UTC")
                .hasMessageContaining("2026-11-20T14:03:00+01:00 for Europe/Berlin");
    }

    @Test
    void aTimeWithoutAZoneThatWasTwiceOrNeverIsNotGuessed() {
        assertThatThrownBy(() -> TimeArgument.parse("2026-10-25T02:30:00", NOW, BERLIN))
                .hasMessageContaining("2026-10-25T02:30:00Z for UTC"
                        + " or 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00 for Europe/Berlin");
        assertThatThrownBy(() -> TimeArgument.parse("2026-03-29T02:30:00", NOW, BERLIN))
                .hasMessageContaining(
                        "2026-03-29T02:30:00Z for UTC; in Europe/Berlin the clocks were put forward over it");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "now",
                "10m",
                "-10",
                "-10m5h",
                "24:00",
                "14:60",
                "14",
                "2026-11-20",
                "2026-02-30T00:00:00Z",
                "-999999d",
                "2026-11-20T25:00:00Z",
                "Latest"
            })
    void refusesWhatItDoesNotKnow(String text) {
        assertThatThrownBy(() -> TimeArgument.parse(text, NOW, BERLIN))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("latest");
    }
}
