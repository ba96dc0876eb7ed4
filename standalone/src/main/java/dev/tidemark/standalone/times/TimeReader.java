package dev.tidemark.standalone.times;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The forms of a time, one after the other. */
final class TimeReader {
    private static final Pattern FULL = Pattern.compile("\\d{4}-\\d{2}-\\d{2}[Tt ].*");
    private static final Pattern CLOCK = Pattern.compile("\\d{1,2}:\\d{2}(:\\d{2})?");
    private static final Pattern AGO =
            Pattern.compile("-(?:(\\d{1,6})d)?(?:(\\d{1,6})h)?(?:(\\d{1,6})m)?(?:(\\d{1,9})s)?");
    private static final DateTimeFormatter SHOWN = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssxxx", Locale.ROOT);

    private TimeReader() {}

    static TimeArgument read(String text, Instant now, ZoneId zone) {
        if (text.equals("latest")) {
            return new TimeArgument(Optional.empty(), Optional.empty());
        }
        if (FULL.matcher(text).matches()) {
            return new TimeArgument(Optional.of(full(text, zone)), Optional.empty());
        }
        if (CLOCK.matcher(text).matches()) {
            return said(text, clock(text, now, zone), zone);
        }
        Matcher ago = AGO.matcher(text);
        if (text.length() > 1 && ago.matches()) {
            return said(text, ago(text, ago, now), zone);
        }
        throw refused(text, "cannot be read as a time");
    }

    private static Instant full(String text, ZoneId zone) {
        String upper = text.toUpperCase(Locale.ROOT).replace(' ', 'T');
        try {
            return OffsetDateTime.parse(upper).toInstant();
        } catch (DateTimeParseException notRfc3339) {
            throw withoutOffset(text, upper, zone)
                    .orElseGet(() -> refused(text, "is not a time that exists in RFC 3339"));
        }
    }

    /** The commonest slip, answered with the text that was meant. */
    private static Optional<TidemarkError> withoutOffset(String text, String upper, ZoneId zone) {
        try {
            LocalDateTime local = LocalDateTime.parse(upper);
            return Optional.of(refused(
                    text,
                    "names no zone; write "
                            + SHOWN.format(local.atOffset(ZoneOffset.UTC)).replace("+00:00", "Z") + " for UTC"
                            + inZone(local, zone)));
        } catch (DateTimeParseException otherwiseWrong) {
            return Optional.empty();
        }
    }

    /** Where the clocks were put back it was twice, and where they were put forward never. */
    private static String inZone(LocalDateTime local, ZoneId zone) {
        List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
        if (offsets.isEmpty()) {
            return "; in " + zone + " the clocks were put forward over it";
        }
        return offsets.stream()
                .map(offset -> " or " + SHOWN.format(local.atOffset(offset)))
                .collect(Collectors.joining("", "", " for " + zone));
    }

    private static Instant clock(String text, Instant now, ZoneId zone) {
        LocalTime time;
        try {
            time = LocalTime.parse(text.length() == 4 || text.length() == 7 ? "0" + text : text);
        } catch (DateTimeParseException noSuchTime) {
            throw refused(text, "is not a time of day");
        }
        LocalDate today = LocalDate.ofInstant(now, zone);
        return on(today, text, time, now, zone)
                .or(() -> on(today.minusDays(1), text, time, now, zone))
                .orElseThrow(() -> refused(text, "was neither today nor yesterday in " + zone));
    }

    /** The instant, empty while it is still to come; on a day when the clocks change there may be none, or two. */
    private static Optional<Instant> on(LocalDate day, String text, LocalTime time, Instant now, ZoneId zone) {
        LocalDateTime local = day.atTime(time);
        List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
        if (offsets.isEmpty()) {
            Instant skipped = zone.getRules().getTransition(local).getInstant();
            if (skipped.isAfter(now)) {
                return Optional.empty();
            }
            throw refused(text, "did not exist on " + day + " in " + zone + ": the clocks were put forward over it");
        }
        List<Instant> past = offsets.stream()
                .map(local::toInstant)
                .filter(each -> !each.isAfter(now))
                .toList();
        if (past.size() > 1) {
            throw refused(
                    text,
                    "was twice on " + day + " in " + zone + ", where the clocks were put back; write "
                            + SHOWN.format(local.atOffset(offsets.get(0))) + " or "
                            + SHOWN.format(local.atOffset(offsets.get(1))));
        }
        return past.stream().findFirst();
    }

    private static Instant ago(String text, Matcher parts, Instant now) {
        Duration duration = part(parts, 1, ChronoUnit.DAYS)
                .plus(part(parts, 2, ChronoUnit.HOURS))
                .plus(part(parts, 3, ChronoUnit.MINUTES))
                .plus(part(parts, 4, ChronoUnit.SECONDS));
        try {
            Instant then = now.minus(duration);
            if (then.isBefore(Instant.EPOCH)) {
                throw refused(text, "is before there was a Redis");
            }
            return then;
        } catch (DateTimeException beyond) {
            throw refused(text, "is before there was time");
        }
    }

    private static Duration part(Matcher parts, int group, ChronoUnit unit) {
        return parts.group(group) == null ? Duration.ZERO : Duration.of(Long.parseLong(parts.group(group)), unit);
    }

    /** In whole seconds, so that what is said is what is done. */
    private static TimeArgument said(String text, Instant exact, ZoneId zone) {
        Instant at = exact.truncatedTo(ChronoUnit.SECONDS);
        String local = SHOWN.format(at.atZone(zone));
        String reading = text + " is read as " + at + " (" + local + ", " + zone + ")";
        return new TimeArgument(Optional.of(at), Optional.of(reading));
    }

    private static TidemarkError refused(String text, String why) {
        return new TidemarkError(
                ExitCode.USAGE, "the time '" + text + "' " + why + "; for example " + TimeArgument.FORMS);
    }
}
