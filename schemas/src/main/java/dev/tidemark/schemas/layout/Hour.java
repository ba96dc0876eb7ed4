package dev.tidemark.schemas.layout;

import dev.tidemark.schemas.RedisTime;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** A partition of the archive: an hour of Redis time, in UTC. */
public record Hour(LocalDate date, int hour) implements Comparable<Hour> {
    public Hour {
        if (hour < 0 || hour > 23) {
            throw new IllegalArgumentException("no such hour: " + hour);
        }
    }

    public static Hour of(long micros) {
        Instant instant = RedisTime.instant(micros);
        return new Hour(
                instant.atOffset(ZoneOffset.UTC).toLocalDate(),
                instant.atOffset(ZoneOffset.UTC).getHour());
    }

    public Instant start() {
        return date.atTime(hour, 0).toInstant(ZoneOffset.UTC);
    }

    public Instant end() {
        return start().plus(1, ChronoUnit.HOURS);
    }

    public Hour previous() {
        return of(RedisTime.micros(start()) - 1);
    }

    public Hour next() {
        return of(RedisTime.micros(end()));
    }

    @Override
    public int compareTo(Hour other) {
        int byDate = date.compareTo(other.date);
        return byDate != 0 ? byDate : Integer.compare(hour, other.hour);
    }

    /** As in keys: {@code dt=2026-11-20/hr=14}. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "dt=%s/hr=%02d", date, hour);
    }
}
