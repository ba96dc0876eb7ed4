package dev.tidemark.schemas.layout;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.log.Value;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
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

    /** Create-only: the rows of one shard and hour in one file. */
    record RollUpKey(Hour hour, int shard) implements ArchiveKey {
        public RollUpKey {
            Objects.requireNonNull(hour, "hour");
            if (shard < 0 || shard > 99_999) {
                throw new IllegalArgumentException("no such shard: " + shard);
            }
        }

        @Override
        public String path() {
            return "changes/%s/s%02d.parquet".formatted(hour, shard);
        }
    }

    /** Create-only: that an hour is rolled up. A small table itself, so that the engine that reads the rest reads it too. */
    record MarkerKey(Hour hour) implements ArchiveKey {
        public MarkerKey {
            Objects.requireNonNull(hour, "hour");
        }

        @Override
        public String path() {
            return MARKERS + hour;
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

    /**
     * Create-only: why a shard could claim nothing from a time on. All of it is known of the doubt, so whoever writes it
     * a second time writes the same key; and keys sort by time.
     *
     * @param offset of the doubt in {@code tidemarks}
     */
    record GapKey(long timeMicros, int shard, int generation, long offset) implements ArchiveKey {
        public GapKey {
            if (timeMicros < 0 || timeMicros > Grammar.LAST_MICROS) {
                throw new IllegalArgumentException("no key is made for the time " + timeMicros);
            }
            if (shard < 0 || shard > 99_999 || generation < 1 || generation > 999_999_999 || offset < 0) {
                throw new IllegalArgumentException(
                        "no such doubt: shard " + shard + ", generation " + generation + ", offset " + offset);
            }
        }

        @Override
        public String path() {
            return "%s-s%02d-g%03d-%020d.json".formatted(gapsFrom(timeMicros), shard, generation, offset);
        }
    }

    /** A value too large for the log. What lies there is named by its content, so writing it twice changes nothing. */
    record BlobKey(LocalDate day, Bytes sha256) implements ArchiveKey {
        public BlobKey {
            Objects.requireNonNull(day, "day");
            if (sha256.length() != 32 || day.getYear() < 0 || day.getYear() > 9_999) {
                throw new IllegalArgumentException(
                        "no blob of %s has a checksum of %d bytes".formatted(day, sha256.length()));
            }
        }

        public static BlobKey of(Value.Blob blob) {
            return new BlobKey(blob.day(), blob.sha256());
        }

        @Override
        public String path() {
            return "blobs/dt=%s/%s".formatted(day, sha256.toHex());
        }
    }

    /**
     * A file of a baseline. Nobody knows its fork before the last byte has come, so it is named by when it was begun.
     *
     * @param nonce tells those apart that were begun at the same moment
     * @param file {@code manifest.json}, or {@code n00.rdb} and {@code n00.index} of the first node
     */
    record BaselineKey(long startedMicros, String nonce, String file) implements ArchiveKey {
        public static final String MANIFEST = "manifest.json";

        public BaselineKey {
            if (startedMicros < 0 || startedMicros > Grammar.LAST_MICROS) {
                throw new IllegalArgumentException("no key is made for the time " + startedMicros);
            }
            if (!Grammar.NONCE.matcher(nonce).matches()
                    || !Grammar.BASELINE_FILE.matcher(file).matches()) {
                throw new IllegalArgumentException("no file of a baseline: " + nonce + "/" + file);
            }
        }

        /** Another file of the same baseline. */
        public BaselineKey beside(String other) {
            return new BaselineKey(startedMicros, nonce, other);
        }

        public BaselineKey snapshotOf(int node) {
            return beside("n%02d.rdb".formatted(node));
        }

        public BaselineKey indexOf(int node) {
            return beside("n%02d.index".formatted(node));
        }

        @Override
        public String path() {
            return "%s-%s/%s"
                    .formatted(
                            BASELINES
                                    + Grammar.GAP_TIME.format(
                                            RedisTime.instant(startedMicros).atOffset(ZoneOffset.UTC)),
                            nonce,
                            file);
        }
    }

    /** Create-only: whose turn it is to take a baseline. Nobody takes a turn that another has had. */
    record TurnKey(long number) implements ArchiveKey {
        public TurnKey {
            if (number < 1) {
                throw new IllegalArgumentException("no such turn: " + number);
            }
        }

        @Override
        public String path() {
            return "%s%020d".formatted(TURNS, number);
        }
    }

    /** Create-only: what is given up for good. Numbered from 1 on without gap; the last one tells all. */
    record PrunedKey(long number) implements ArchiveKey {
        public PrunedKey {
            if (number < 1) {
                throw new IllegalArgumentException("no such mark: " + number);
            }
        }

        @Override
        public String path() {
            return "%s%020d".formatted(PRUNED, number);
        }
    }

    /**
     * Create-only: what a drill found, for machines or for people. Keys sort by time.
     *
     * @param timeMicros when the drill began, by the clock of who ran it
     */
    record DrillKey(long timeMicros, DrillPart part) implements ArchiveKey {
        public DrillKey {
            Objects.requireNonNull(part, "part");
            if (timeMicros < 0 || timeMicros > Grammar.LAST_MICROS) {
                throw new IllegalArgumentException("no key is made for the time " + timeMicros);
            }
        }

        @Override
        public String path() {
            return drillsFrom(timeMicros) + part.suffix;
        }
    }

    /** The two objects of a drill. */
    enum DrillPart {
        REPORT(".json"),
        PAGE(".html");

        private final String suffix;

        DrillPart(String suffix) {
            this.suffix = suffix;
        }
    }

    /** Where all reports of drills lie. */
    String DRILLS = "drills/";

    /** A place to begin a listing of drills after: those of this time and later ones follow. */
    static String drillsFrom(long micros) {
        return DRILLS + Grammar.GAP_TIME.format(RedisTime.instant(micros).atOffset(ZoneOffset.UTC));
    }

    /** Where all baselines lie. */
    String BASELINES = "baselines/";

    /** Where the turns lie. */
    String TURNS = "_baseline-turns/";

    /** Where the marks of what is given up lie. */
    String PRUNED = "pruned/";

    /** Where all roll-ups lie; their keys sort by hour. */
    String ROLL_UPS = "changes/";

    /** Where all large values lie; their keys sort by day. */
    String BLOBS = "blobs/";

    /** Where all segments lie. */
    String SEGMENTS = "segments/";

    /** Where all markers lie; their keys sort by hour. */
    String MARKERS = "rolled/";

    /** Where the segments of an hour lie; also a place to begin a listing after. */
    static String segmentsOf(Hour hour) {
        return SEGMENTS + hour + "/";
    }

    /** Where the roll-ups of a day's hours lie. */
    static String rollUpsOf(LocalDate day) {
        return "changes/dt=" + day + "/";
    }

    /** Where all explanations of gaps lie. */
    String GAPS = "gaps/";

    /** A place to begin a listing of gaps after: those of this time and later ones follow. */
    static String gapsFrom(long micros) {
        return GAPS + Grammar.GAP_TIME.format(RedisTime.instant(micros).atOffset(ZoneOffset.UTC));
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
            Matcher rollUp = Grammar.ROLL_UP.matcher(path);
            if (rollUp.matches()) {
                return Optional.of(new RollUpKey(
                        new Hour(LocalDate.parse(rollUp.group("date")), Integer.parseInt(rollUp.group("hour"))),
                        Integer.parseInt(rollUp.group("shard"))));
            }
            Matcher marker = Grammar.MARKER.matcher(path);
            if (marker.matches()) {
                return Optional.of(new MarkerKey(
                        new Hour(LocalDate.parse(marker.group("date")), Integer.parseInt(marker.group("hour")))));
            }
            Matcher progress = Grammar.PROGRESS.matcher(path);
            if (progress.matches()) {
                return Optional.of(new ProgressKey(Integer.parseInt(progress.group("shard"))));
            }
            Matcher log = Grammar.LOG.matcher(path);
            if (log.matches()) {
                return Optional.of(new LogKey(Integer.parseInt(log.group("generation"))));
            }
            Matcher gap = Grammar.GAP.matcher(path);
            if (gap.matches()) {
                LocalDateTime time = LocalDateTime.parse(gap.group("time"), Grammar.GAP_TIME);
                return Optional.of(new GapKey(
                        RedisTime.micros(time.toInstant(ZoneOffset.UTC)),
                        Integer.parseInt(gap.group("shard")),
                        Integer.parseInt(gap.group("generation")),
                        Long.parseLong(gap.group("offset"))));
            }
            Matcher drill = Grammar.DRILL.matcher(path);
            if (drill.matches()) {
                LocalDateTime time = LocalDateTime.parse(drill.group("time"), Grammar.GAP_TIME);
                return Optional.of(new DrillKey(
                        RedisTime.micros(time.toInstant(ZoneOffset.UTC)),
                        path.endsWith(DrillPart.REPORT.suffix) ? DrillPart.REPORT : DrillPart.PAGE));
            }
            Matcher blob = Grammar.BLOB.matcher(path);
            if (blob.matches()) {
                return Optional.of(new BlobKey(
                        LocalDate.parse(blob.group("date")),
                        Bytes.wrap(HexFormat.of().parseHex(blob.group("sha256")))));
            }
            Matcher baseline = Grammar.BASELINE.matcher(path);
            if (baseline.matches()) {
                LocalDateTime time = LocalDateTime.parse(baseline.group("time"), Grammar.GAP_TIME);
                return Optional.of(new BaselineKey(
                        RedisTime.micros(time.toInstant(ZoneOffset.UTC)),
                        baseline.group("nonce"),
                        baseline.group("file")));
            }
            Matcher turn = Grammar.TURN.matcher(path);
            if (turn.matches()) {
                return Optional.of(new TurnKey(Long.parseLong(turn.group("number"))));
            }
            Matcher pruned = Grammar.PRUNED_MARK.matcher(path);
            if (pruned.matches()) {
                return Optional.of(new PrunedKey(Long.parseLong(pruned.group("number"))));
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
        private static final Pattern ROLL_UP = Pattern.compile(
                "changes/dt=(?<date>\\d{4}-\\d{2}-\\d{2})/hr=(?<hour>\\d{2})/s(?<shard>\\d{2,5})\\.parquet");
        private static final Pattern MARKER =
                Pattern.compile("rolled/dt=(?<date>\\d{4}-\\d{2}-\\d{2})/hr=(?<hour>\\d{2})");
        private static final Pattern PROGRESS = Pattern.compile("_progress/s(?<shard>\\d{2,5})");
        private static final Pattern LOG = Pattern.compile("logs/g(?<generation>\\d{3,9})");
        private static final Pattern GAP = Pattern.compile("gaps/(?<time>dt=\\d{4}-\\d{2}-\\d{2}/\\d{6}\\.\\d{6})"
                + "-s(?<shard>\\d{2,5})-g(?<generation>\\d{3,9})-(?<offset>\\d{20})\\.json");
        private static final Pattern DRILL =
                Pattern.compile("drills/(?<time>dt=\\d{4}-\\d{2}-\\d{2}/\\d{6}\\.\\d{6})\\.(json|html)");
        private static final DateTimeFormatter GAP_TIME =
                DateTimeFormatter.ofPattern("'dt='uuuu-MM-dd/HHmmss.SSSSSS", Locale.ROOT);

        /** The end of the year 9999: later dates are spelt with a sign. */
        private static final long LAST_MICROS = 253_402_300_799_999_999L;

        private static final Pattern BLOB =
                Pattern.compile("blobs/dt=(?<date>\\d{4}-\\d{2}-\\d{2})/(?<sha256>[0-9a-f]{64})");

        private static final Pattern NONCE = Pattern.compile("[0-9a-f]{8}");
        private static final Pattern BASELINE_FILE = Pattern.compile("manifest\\.json|n\\d{2,5}\\.(?:rdb|index)");
        private static final Pattern BASELINE =
                Pattern.compile("baselines/(?<time>dt=\\d{4}-\\d{2}-\\d{2}/\\d{6}\\.\\d{6})"
                        + "-(?<nonce>[0-9a-f]{8})/(?<file>manifest\\.json|n\\d{2,5}\\.(?:rdb|index))");
        private static final Pattern TURN = Pattern.compile("_baseline-turns/(?<number>\\d{20})");
        private static final Pattern PRUNED_MARK = Pattern.compile("pruned/(?<number>\\d{20})");

        private Grammar() {}
    }
}
