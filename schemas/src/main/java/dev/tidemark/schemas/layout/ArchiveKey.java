package dev.tidemark.schemas.layout;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import java.time.LocalDate;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

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
            return String.format(
                    Locale.ROOT, "segments/%s/s%02d-g%03d-%020d.parquet", hour, shard, generation, frontier);
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
            return String.format(Locale.ROOT, "changes/%s/s%02d.parquet", hour, shard);
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
            return String.format(Locale.ROOT, "_progress/s%02d", shard);
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
            return String.format(Locale.ROOT, "logs/g%03d", generation);
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
            KeyGrammar.requireTime(timeMicros);
            if (shard < 0 || shard > 99_999 || generation < 1 || generation > 999_999_999 || offset < 0) {
                throw new IllegalArgumentException(
                        "no such doubt: shard " + shard + ", generation " + generation + ", offset " + offset);
            }
        }

        @Override
        public String path() {
            return String.format(
                    Locale.ROOT, "%s-s%02d-g%03d-%020d.json", gapsFrom(timeMicros), shard, generation, offset);
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
     * @param file {@code manifest.json}, or {@code n00.rdb} of the first node; earlier builds left {@code n00.index} beside it,
     *     which nobody reads
     */
    record BaselineKey(long startedMicros, String nonce, String file) implements ArchiveKey {
        public static final String MANIFEST = "manifest.json";

        public BaselineKey {
            KeyGrammar.requireTime(startedMicros);
            if (!KeyGrammar.isBaselineFile(nonce, file)) {
                throw new IllegalArgumentException("no file of a baseline: " + nonce + "/" + file);
            }
        }

        /** Another file of the same baseline. */
        public BaselineKey beside(String other) {
            return new BaselineKey(startedMicros, nonce, other);
        }

        public BaselineKey snapshotOf(int node) {
            return beside(String.format(Locale.ROOT, "n%02d.rdb", node));
        }

        @Override
        public String path() {
            return "%s%s-%s/%s".formatted(BASELINES, KeyGrammar.time(startedMicros), nonce, file);
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
            return String.format(Locale.ROOT, "%s%020d", TURNS, number);
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
            return String.format(Locale.ROOT, "%s%020d", PRUNED, number);
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
            KeyGrammar.requireTime(timeMicros);
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
        return DRILLS + KeyGrammar.time(micros);
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
        return GAPS + KeyGrammar.time(micros);
    }

    /** The key, if this is the path of one, to the letter. */
    static Optional<ArchiveKey> parse(String path) {
        return KeyGrammar.read(path).filter(key -> key.path().equals(path));
    }
}
