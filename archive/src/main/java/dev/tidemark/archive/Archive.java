package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey;
import dev.tidemark.schemas.layout.ArchiveKey.BlobKey;
import dev.tidemark.schemas.layout.ArchiveKey.ProgressKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.Pruned;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.settings.S3Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * One source's part of the bucket: {@code <root>/<source>/} and what {@link ArchiveKey} names below it. Safe for use by
 * many threads.
 */
public final class Archive implements AutoCloseable {
    private static final int SMALL_BYTES_MAX = 64 << 10;
    private static final String PROBE = "_probe";

    private final ObjectStore store;
    private final HeadRequests heads;
    private final LargeObjects large;
    private final Downloads downloads;
    private final SegmentSlots slots;
    private final RolledHours rolled;
    private final Pruning pruning;
    private final Supplier<Optional<Pruned>> obeyed;
    private final String source;
    private final String prefix;

    private Archive(S3Settings settings, String source, boolean obeysMarks) {
        NativeCode.require();
        this.store = ObjectStore.open(settings);
        this.heads = new HeadRequests();
        this.large = new LargeObjects(store);
        this.source = source;
        this.prefix = (settings.root().isEmpty() ? "" : settings.root() + "/") + source + "/";
        this.downloads = Downloads.from(store);
        this.pruning = new Pruning(store, heads, prefix);
        this.obeyed = obeysMarks ? pruning::newest : Optional::empty;
        this.slots = new SegmentSlots(store, prefix, obeyed);
        this.rolled = new RolledHours(store, heads, large, prefix, obeyed);
    }

    /** Refuses a machine on which no archive can be opened, for whoever starts much else before. */
    public static void requireNativeCode() {
        NativeCode.require();
    }

    /** Opens a client; nothing is asked of S3 yet. What is given up is not there for whoever looks through this. */
    public static Archive open(S3Settings settings, String source) {
        return new Archive(settings, source, true);
    }

    /** The same, but what is given up is there as long as it is not deleted. */
    public static Archive openWhole(S3Settings settings, String source) {
        return new Archive(settings, source, false);
    }

    public String source() {
        return source;
    }

    /** For messages: where the archive lies. */
    public String uri() {
        return store.uri(prefix);
    }

    /** The part of it that is sorted and laid together by hours. */
    public RolledHours rolled() {
        return rolled;
    }

    /** Which segments there are. */
    public SegmentSlots slots() {
        return slots;
    }

    /** Why there are none of some times. */
    public Gaps gaps() {
        return new Gaps(store, prefix);
    }

    /** Which Kafka topics the segments' offsets are of. */
    public LogGenerations logGenerations() {
        return new LogGenerations(store, prefix, source);
    }

    /** The snapshots of this source. */
    public Baselines baselines() {
        return new Baselines(store, prefix, obeyed);
    }

    /** What of it is given up, and therefore not there for whoever looks through this. */
    public Optional<Pruned> pruned() {
        return obeyed.get();
    }

    /** Giving up, and what was ever given up. */
    public Pruning pruning() {
        return pruning;
    }

    /** Shows that this store keeps the first of two create-only writes, or refuses it. */
    public void probeCreateOnly() {
        store.probeCreateOnly(prefix + PROBE);
    }

    /** Makes the segment visible, whole, unless its slot is taken. */
    public Creation put(SegmentFile file) {
        return put(file, answer -> {});
    }

    /**
     * The same, overheard.
     *
     * @param answers of the store to each attempt, for whoever counts them
     */
    public Creation put(SegmentFile file, Consumer<PutAnswer> answers) {
        Segment segment = file.segment();
        return store.create(prefix + segment.key().path(), file.body(), SegmentMetadata.of(segment), answers);
    }

    /** What the segment in this slot says of itself. */
    public Optional<Segment> segment(SegmentKey key) {
        String objectKey = prefix + key.path();
        return store.head(objectKey).map(head -> {
            try {
                return SegmentMetadata.parse(key, head);
            } catch (IllegalArgumentException e) {
                throw SegmentRows.damaged(store.uri(objectKey), e.getMessage(), e);
            }
        });
    }

    /** The same of many slots at once. One that cannot be understood is told and does not hide the others. */
    public List<Looked<SegmentKey, Segment>> look(List<SegmentKey> slots) {
        return heads.of(slots, key -> Looked.at(key, () -> Optional.of(present(key))));
    }

    /** All segments of the shards, by shard, generation and frontier. */
    public List<Segment> segments(IntPredicate shards) {
        return heads.of(slots.of(shards), this::present);
    }

    /** Those of one hour, by shard, generation and frontier. */
    public List<Segment> segmentsOf(Hour hour) {
        return heads.of(slots.of(hour), this::present);
    }

    /** How long the oldest hour that is not rolled up has been over; more than a day of it is degraded. */
    public Duration rollingBehind(Instant now) {
        Optional<Hour> next = rolled.latest(Optional.empty()).map(Hour::next).or(slots::firstHour);
        return next.map(hour -> Duration.between(hour.end(), now))
                .filter(behind -> !behind.isNegative())
                .orElse(Duration.ZERO);
    }

    /**
     * The segment that ends where the next one of this generation starts.
     *
     * @param hint where to begin looking; it may be old, but what it names was there
     */
    public Optional<Segment> last(int shard, int generation, Optional<Progress> hint) {
        Optional<Progress> usable =
                hint.filter(it -> it.generation() == generation && it.hour().isPresent());
        // Hours of a shard never go back, so nothing later can lie before the hour that was reached.
        List<SegmentKey> ofGeneration = slots.of(found -> found == shard, usable.flatMap(Progress::hour)).stream()
                .filter(key -> key.generation() == generation)
                .toList();
        if (ofGeneration.isEmpty() && usable.isPresent()) {
            // A hint that leads nowhere is no proof that there is nothing.
            return last(shard, generation, Optional.empty());
        }
        return ofGeneration.isEmpty()
                ? Optional.empty()
                : Optional.of(present(ofGeneration.get(ofGeneration.size() - 1)));
    }

    private Segment present(SegmentKey key) {
        return segment(key)
                .orElseThrow(() -> SegmentRows.damaged(
                        store.uri(prefix + key.path()), "it was listed and then was not there", null));
    }

    public Optional<Progress> progress(int shard) {
        String key = prefix + new ProgressKey(shard).path();
        return store.get(key, SMALL_BYTES_MAX).map(bytes -> {
            try {
                Progress progress = ProgressJson.parse(bytes);
                if (progress.shard() != shard) {
                    throw new IllegalArgumentException("it speaks of shard " + progress.shard());
                }
                return progress;
            } catch (RuntimeException e) {
                throw new TidemarkError(
                        ExitCode.ARCHIVE_DAMAGED,
                        "%s is damaged: %s. The segments are not affected; delete this object, the compactor writes a new one"
                                .formatted(store.uri(key), e.getMessage()),
                        e);
            }
        });
    }

    /** The same of every shard, by number; one that cannot be understood is told and does not hide the others. */
    public List<Looked<Integer, Progress>> lookAtProgress(int shards) {
        List<Integer> all = IntStream.range(0, shards).boxed().toList();
        return heads.of(all, shard -> Looked.at(shard, () -> progress(shard)));
    }

    /** Overwrites: whoever writes last wins, and since it is only a lower bound that does no harm. */
    public void writeProgress(Progress progress) {
        store.put(
                prefix + new ProgressKey(progress.shard()).path(), ObjectBody.of(ProgressJson.of(progress)), Map.of());
    }

    /** Every row of the segment, after the object was compared with its checksum. */
    public SegmentRows<ArchivedRow> rows(Segment segment) {
        return SegmentRows.open(segment, uriOf(segment), download(segment), RowShapes.ROWS);
    }

    /** Every row of a segment or of a roll-up that has a file, each in its own order, checked alike. */
    public Rows<ArchivedRow> rows(ArchivedRange range) {
        return range instanceof RollUp rollUp ? rolled.rows(rollUp) : rows((Segment) range);
    }

    /** The same rows, checked alike, without what hashes hold: each that is told by its fields is an opaque one with nothing in it. */
    public Rows<ArchivedRow> outlines(ArchivedRange range) {
        return range instanceof RollUp rollUp
                ? rolled.outlines(rollUp)
                : SegmentRows.open((Segment) range, uriOf(range), download((Segment) range), RowShapes.OUTLINES);
    }

    /** The times of every row, checked alike. */
    public SegmentRows<RowTimes> times(Segment segment) {
        return SegmentRows.open(segment, uriOf(segment), download(segment), RowShapes.TIMES);
    }

    /** Single rows, found without fetching whole segments. */
    public KeySearch search() {
        return new KeySearch(store, heads, prefix);
    }

    /**
     * Writes a large value, also if it is there already: what was there may be about to be deleted.
     *
     * @param blob says the day; its checksum and length are the spool's
     */
    public void put(Blob blob, Spool content) {
        if (!blob.sha256().equals(content.sha256()) || blob.length() != content.sizeBytes()) {
            throw new IllegalArgumentException("the blob is not what is in the spool");
        }
        large.put(keyOf(blob), content);
    }

    /** Those of the blobs that are not there, or not of their length, by HEAD alone. */
    public List<Blob> missing(List<Blob> blobs) {
        List<Boolean> there = heads.of(blobs, blob -> store.head(keyOf(blob))
                .filter(head -> head.sizeBytes() == blob.length())
                .isPresent());
        List<Blob> missing = new ArrayList<>();
        for (int i = 0; i < blobs.size(); i++) {
            if (!there.get(i)) {
                missing.add(blobs.get(i));
            }
        }
        return missing;
    }

    /** A local copy of a large value, compared with its checksum. The caller closes it. */
    public Spool fetch(Blob blob, Path spoolDirectory) throws IOException {
        Spool copy = Spool.in(spoolDirectory);
        try {
            if (!large.get(keyOf(blob), blob.length(), copy)) {
                throw damaged(blob, "it is gone");
            }
            if (!copy.sha256().equals(blob.sha256())) {
                throw damaged(
                        blob,
                        "%d bytes were read with the SHA-256 %s"
                                .formatted(copy.sizeBytes(), copy.sha256().toHex()));
            }
            return copy;
        } catch (IOException | RuntimeException e) {
            copy.close();
            throw e;
        }
    }

    /** For messages: where the large value lies. */
    public String uriOf(Blob blob) {
        return store.uri(keyOf(blob));
    }

    /** What restores for practice found. */
    public Drills drills() {
        return new Drills(store, prefix);
    }

    private String keyOf(Blob blob) {
        return prefix + BlobKey.of(blob).path();
    }

    private TidemarkError damaged(Blob blob, String how) {
        return new TidemarkError(
                ExitCode.ARCHIVE_DAMAGED,
                "%s, a value of %d bytes, is damaged: %s. Put back an earlier version or a copy of this object; until then times at which its key had that value cannot be restored"
                        .formatted(uriOf(blob), blob.length(), how));
    }

    /** For messages: where it lies. */
    public String uriOf(ArchivedRange range) {
        return store.uri(prefix + range.path());
    }

    private Spool download(Segment segment) {
        return downloads.verified(prefix + segment.key().path(), segment.sizeBytes(), segment.sha256());
    }

    @Override
    public void close() {
        heads.close();
        store.close();
    }
}
