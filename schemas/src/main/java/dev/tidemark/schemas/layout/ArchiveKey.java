package dev.tidemark.schemas.layout;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The key of an object in a source's archive, below {@code <root>/<source>/}. Strict: a key that is not spelt exactly as
 * {@link #path()} spells it is not ours, and {@link #parse} says so rather than guess.
 */
public sealed interface ArchiveKey {

    String path();

    /**
     * One shard's rows from {@code frontier} on. The slot (shard, generation, frontier) is the whole identity: the hour
     * follows from the rows.
     */
    record SegmentKey(Hour hour, int shard, int generation, long frontier) implements ArchiveKey {
        public SegmentKey {
            Objects.requireNonNull(hour, "hour");
            if (shard < 0 || shard > 99_999 || generation < 1 || generation > 999_999_999 || frontier < 0) {
                throw new IllegalArgumentException(
                        "no such slot: shard " + shard + ", generation " + generation + ", frontier " + frontier);
            }
        }

        @Override
        public String path() {
            return "segments/%s/s%02d-g%03d-%020d.parquet".formatted(hour, shard, generation, frontier);
        }
    }

    /** Overwritten: a lower bound for where a shard stands. */
    record ProgressKey(int shard) implements ArchiveKey {
        public ProgressKey {
            if (shard < 0 || shard > 99_999) {
                throw new IllegalArgumentException("no such shard: " + shard);
            }
        }

        @Override
        public String path() {
            return "_progress/s%02d".formatted(shard);
        }
    }

    /** Create-only: which Kafka topics a log generation is. */
    record LogKey(int generation) implements ArchiveKey {
        public LogKey {
            if (generation < 1 || generation > 999_999_999) {
                throw new IllegalArgumentException("no such generation: " + generation);
            }
        }

        @Override
        public String path() {
            return "logs/g%03d".formatted(generation);
        }
    }

    /** Where all segments lie. */
    String SEGMENTS = "segments/";

    /** Where the segments of an hour lie; also a place to begin a listing after. */
    static String segmentsOf(Hour hour) {
        return SEGMENTS + hour + "/";
    }

    /** The key, if this is the path of one, to the letter. */
    static Optional<ArchiveKey> parse(String path) {
        return read(path).filter(key -> key.path().equals(path));
    }

    private static Optional<ArchiveKey> read(String path) {
        try {
            Matcher segment = Grammar.SEGMENT.matcher(path);
            if (segment.matches()) {
                return Optional.of(new SegmentKey(
                        new Hour(LocalDate.parse(segment.group("date")), Integer.parseInt(segment.group("hour"))),
                        Integer.parseInt(segment.group("shard")),
                        Integer.parseInt(segment.group("generation")),
                        Long.parseLong(segment.group("frontier"))));
            }
            Matcher progress = Grammar.PROGRESS.matcher(path);
            if (progress.matches()) {
                return Optional.of(new ProgressKey(Integer.parseInt(progress.group("shard"))));
            }
            Matcher log = Grammar.LOG.matcher(path);
            if (log.matches()) {
                return Optional.of(new LogKey(Integer.parseInt(log.group("generation"))));
            }
            return Optional.empty();
        } catch (IllegalArgumentException | DateTimeException notOurs) {
            return Optional.empty();
        }
    }

    /** The spelling; private to this file, since an interface cannot hide its constants. */
    final class Grammar {
        private static final Pattern SEGMENT =
                Pattern.compile("segments/dt=(?<date>\\d{4}-\\d{2}-\\d{2})/hr=(?<hour>\\d{2})"
                        + "/s(?<shard>\\d{2,5})-g(?<generation>\\d{3,9})-(?<frontier>\\d{20})\\.parquet");
        private static final Pattern PROGRESS = Pattern.compile("_progress/s(?<shard>\\d{2,5})");
        private static final Pattern LOG = Pattern.compile("logs/g(?<generation>\\d{3,9})");

        private Grammar() {}
    }
}
