package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.TopicSetup.TopicIds;
import dev.tidemark.schemas.layout.ArchiveKey;
import dev.tidemark.schemas.layout.ArchiveKey.LogKey;
import dev.tidemark.schemas.layout.ArchiveKey.ProgressKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.settings.S3Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * One source's part of the bucket: {@code <root>/<source>/} and what {@link ArchiveKey} names below it. Safe for use by
 * many threads.
 */
public final class Archive implements AutoCloseable {
    private static final int SMALL_BYTES_MAX = 64 << 10;
    private static final String PROBE = "_probe";
    private static final Comparator<SegmentKey> BY_SLOT = Comparator.comparingInt(SegmentKey::shard)
            .thenComparingInt(SegmentKey::generation)
            .thenComparingLong(SegmentKey::frontier);

    private final ObjectStore store;
    private final HeadRequests heads;
    private final String source;
    private final String prefix;

    private Archive(S3Settings settings, String source) {
        this.store = ObjectStore.open(settings);
        this.heads = new HeadRequests();
        this.source = source;
        this.prefix = (settings.root().isEmpty() ? "" : settings.root() + "/") + source + "/";
    }

    /** Opens a client; nothing is asked of S3 yet. */
    public static Archive open(S3Settings settings, String source) {
        return new Archive(settings, source);
    }

    public String source() {
        return source;
    }

    /** For messages: where the archive lies. */
    public String uri() {
        return store.uri(prefix);
    }

    /** Shows that this store keeps the first of two create-only writes, or refuses it. */
    public void probeCreateOnly() {
        store.probeCreateOnly(prefix + PROBE);
    }

    /** Makes the segment visible, whole, unless its slot is taken. */
    public Creation put(SegmentFile file) {
        Segment segment = file.segment();
        return store.create(prefix + segment.key().path(), file.body(), SegmentMetadata.of(segment));
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

    /** All segments of the shards, by shard, generation and frontier. */
    public List<Segment> segments(IntPredicate shards) {
        return heads.of(slots(shards, Optional.empty()), this::present);
    }

    /** The slots of the shards' segments by LIST alone, by shard, generation and frontier. */
    public List<SegmentKey> slots(IntPredicate shards) {
        return slots(shards, Optional.empty());
    }

    /**
     * The segment that ends where the next one of this generation starts.
     *
     * @param hint where to begin looking; it may be old, but what it names was there
     */
    public Optional<Segment> last(int shard, int generation, Optional<Progress> hint) {
        Optional<Progress> usable =
                hint.filter(it -> it.generation() == generation && it.hour().isPresent());
        List<SegmentKey> slots = slots(found -> found == shard, usable).stream()
                .filter(key -> key.generation() == generation)
                .toList();
        if (slots.isEmpty() && usable.isPresent()) {
            // A hint that leads nowhere is no proof that there is nothing.
            return last(shard, generation, Optional.empty());
        }
        return slots.isEmpty() ? Optional.empty() : Optional.of(present(slots.get(slots.size() - 1)));
    }

    private List<SegmentKey> slots(IntPredicate shards, Optional<Progress> hint) {
        // Hours of a shard never go back, so nothing later can lie before the hour that was reached.
        Optional<String> startAfter = hint.flatMap(Progress::hour).map(hour -> prefix + ArchiveKey.segmentsOf(hour));
        List<SegmentKey> slots = new ArrayList<>();
        for (Iterator<String> keys = store.list(prefix + ArchiveKey.SEGMENTS, startAfter); keys.hasNext(); ) {
            Optional<ArchiveKey> key = ArchiveKey.parse(keys.next().substring(prefix.length()));
            if (key.isPresent() && key.get() instanceof SegmentKey slot && shards.test(slot.shard())) {
                slots.add(slot);
            }
        }
        slots.sort(BY_SLOT);
        return slots;
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

    /** Overwrites: whoever writes last wins, and since it is only a lower bound that does no harm. */
    public void writeProgress(Progress progress) {
        store.put(
                prefix + new ProgressKey(progress.shard()).path(), ObjectBody.of(ProgressJson.of(progress)), Map.of());
    }

    /** Makes these topics the log of the generation, or shows that they already are; other topics are refused. */
    public void claimLog(int generation, TopicIds topics) {
        String key = prefix + new LogKey(generation).path();
        if (store.create(key, ObjectBody.of(LogJson.of(topics)), Map.of()) == Creation.CREATED) {
            return;
        }
        TopicIds claimed = logTopics(generation)
                .orElseThrow(() -> new TidemarkError(
                        ExitCode.UNREACHABLE, store.uri(key) + " is there and then is not; try again"));
        if (!claimed.equals(topics)) {
            throw new TidemarkError(
                    ExitCode.ARCHIVE_DAMAGED,
                    "generation %d of the log of source %s was written to topics with the ids %s, but Kafka's topics now have %s: they were deleted and created again, or this is another cluster. Their offsets mean something else, so nothing was written; what the archive holds stays restorable. Point kafka.bootstrap to the old cluster, or begin a new archive by another source.name"
                            .formatted(generation, source, claimed, topics));
        }
    }

    /** The topics that are a generation of the log, if it was ever claimed. */
    public Optional<TopicIds> logTopics(int generation) {
        String key = prefix + new LogKey(generation).path();
        return store.get(key, SMALL_BYTES_MAX).map(bytes -> {
            try {
                return LogJson.parse(bytes);
            } catch (IllegalArgumentException e) {
                throw new TidemarkError(
                        ExitCode.ARCHIVE_DAMAGED,
                        "%s is damaged: %s. The segments are not affected".formatted(store.uri(key), e.getMessage()),
                        e);
            }
        });
    }

    /** Every row of the segment, after the object was compared with its checksum. */
    public SegmentRows<ArchivedRow> rows(Segment segment) {
        return SegmentRows.open(segment, uriOf(segment), download(segment), RowShapes.ROWS);
    }

    /** The times of every row, checked alike. */
    public SegmentRows<RowTimes> times(Segment segment) {
        return SegmentRows.open(segment, uriOf(segment), download(segment), RowShapes.TIMES);
    }

    /** For messages: where the segment lies. */
    public String uriOf(Segment segment) {
        return store.uri(prefix + segment.key().path());
    }

    private Path download(Segment segment) {
        Path file = temporaryFile();
        try {
            String sha256 = store.download(prefix + segment.key().path(), file)
                    .orElseThrow(() -> SegmentRows.damaged(uriOf(segment), "it is gone", null));
            if (!sha256.equals(segment.sha256())) {
                throw SegmentRows.damaged(
                        uriOf(segment), "its SHA-256 is %s and should be %s".formatted(sha256, segment.sha256()), null);
            }
            return file;
        } catch (RuntimeException e) {
            delete(file);
            throw e;
        }
    }

    private static Path temporaryFile() {
        try {
            return Files.createTempFile("tidemark-segment-", ".parquet");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create a temporary file for a segment", e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + file, e);
        }
    }

    @Override
    public void close() {
        heads.close();
        store.close();
    }
}
