package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey;
import dev.tidemark.schemas.layout.ArchiveKey.MarkerKey;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.HourMarker;
import dev.tidemark.schemas.layout.Pruned;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The hours of an archive that are rolled up. Markers are written in the order of hours, so what the first of them begins
 * and the last one ends is rolled up without hole; what follows lies in segments. Safe for use by many threads.
 */
public final class RolledHours {
    private static final int MARKER_BYTES_MAX = 4 << 20;

    private final ObjectStore store;
    private final HeadRequests requests;
    private final LargeObjects large;
    private final String prefix;
    private final Supplier<Optional<Pruned>> obeyed;
    private final Downloads downloads;

    RolledHours(
            ObjectStore store,
            HeadRequests requests,
            LargeObjects large,
            String prefix,
            Supplier<Optional<Pruned>> obeyed) {
        this.store = store;
        this.requests = requests;
        this.large = large;
        this.prefix = prefix;
        this.obeyed = obeyed;
        this.downloads = Downloads.from(store);
    }

    /**
     * The hours that have a marker, in their order, by LIST alone.
     *
     * @param after begins behind this hour
     */
    public List<Hour> hours(Optional<Hour> after) {
        List<Hour> hours = new ArrayList<>();
        each(after, hours::add);
        return List.copyOf(hours);
    }

    /**
     * The last hour that has a marker.
     *
     * @param known has one; a hint for where to begin looking
     */
    public Optional<Hour> latest(Optional<Hour> known) {
        List<Hour> last = new ArrayList<>(known.stream().toList());
        each(known, hour -> {
            last.clear();
            last.add(hour);
        });
        return last.stream().findFirst();
    }

    private void each(Optional<Hour> after, Consumer<Hour> found) {
        Optional<Pruned> mark = obeyed.get();
        Optional<String> startAfter = after.map(hour -> prefix + new MarkerKey(hour).path());
        for (Iterator<String> keys = store.list(prefix + ArchiveKey.MARKERS, startAfter); keys.hasNext(); ) {
            ArchiveKey.parse(keys.next().substring(prefix.length()))
                    .filter(key -> key instanceof MarkerKey
                            && !mark.map(it -> it.givesUp(key)).orElse(false))
                    .ifPresent(key -> found.accept(((MarkerKey) key).hour()));
        }
    }

    /** What the markers of these hours say, one small request each, several at once. */
    public List<HourMarker> markers(List<Hour> hours) {
        return requests.of(hours, this::present);
    }

    /** The same; one that cannot be understood is told and does not hide the others. */
    public List<Looked<Hour, HourMarker>> look(List<Hour> hours) {
        return requests.of(hours, hour -> Looked.at(hour, () -> Optional.of(present(hour))));
    }

    private HourMarker present(Hour hour) {
        return marker(hour)
                .orElseThrow(() -> damaged(new MarkerKey(hour), "it was listed and then was not there", null));
    }

    /** Those whose files are not there, or not of the length that their markers say; by LIST alone, one a day. */
    public Set<RollUp> lost(Collection<RollUp> rollUps) {
        List<LocalDate> days =
                rollUps.stream().map(rollUp -> rollUp.hour().date()).distinct().toList();
        Map<String, Long> sizes = new HashMap<>();
        requests.of(days, this::sizesOf).forEach(sizes::putAll);
        return rollUps.stream()
                .filter(rollUp ->
                        rollUp.hasFile() && sizes.getOrDefault(prefix + rollUp.path(), -1L) != rollUp.sizeBytes())
                .collect(Collectors.toSet());
    }

    /** By key. A day has one object for each hour and shard. */
    private Map<String, Long> sizesOf(LocalDate day) {
        Map<String, Long> sizes = new HashMap<>();
        store.listObjects(prefix + ArchiveKey.rollUpsOf(day))
                .forEachRemaining(object -> sizes.put(object.key(), object.sizeBytes()));
        return sizes;
    }

    /** The marker of this hour, if there is one. */
    public Optional<HourMarker> marker(Hour hour) {
        MarkerKey key = new MarkerKey(hour);
        // The bytes were compared with their checksum: of flipped ones Parquet may make anything, or run out of memory.
        return store.get(prefix + key.path(), MARKER_BYTES_MAX).map(bytes -> {
            try {
                HourMarker marker = HourMarkerFile.parse(hour, bytes);
                for (RollUp rollUp : marker.shards()) {
                    requireKnown(rollUp);
                }
                return marker;
            } catch (IllegalArgumentException e) {
                throw damaged(key, e.getMessage(), e);
            }
        });
    }

    private static void requireKnown(RollUp rollUp) {
        if (rollUp.layout() < 1 || rollUp.layout() > Segment.LAYOUT) {
            throw new IllegalArgumentException("shard %d is of layout %d, and this build reads layouts 1 to %d"
                    .formatted(rollUp.key().shard(), rollUp.layout(), Segment.LAYOUT));
        }
    }

    private TidemarkError damaged(MarkerKey key, String how, Throwable cause) {
        return new TidemarkError(
                ExitCode.ARCHIVE_DAMAGED,
                "%s is damaged: %s. Nothing was taken from it. Put back an earlier version or a copy of this object; while the hour's segments are kept, its rows are there too"
                        .formatted(store.uri(prefix + key.path()), how),
                cause);
    }

    /** Makes the marker visible unless the hour has one. All its files must have been acknowledged. */
    public Creation put(HourMarker marker) {
        return store.create(prefix + new MarkerKey(marker.hour()).path(), HourMarkerFile.of(marker), Map.of());
    }

    /**
     * Makes the file visible unless there is one of its shard and hour.
     *
     * @return what lies there now: another writer's file of the same rows is as good as ours
     */
    public RollUp put(RollUpFile file) {
        RollUp mine = file.rollUp();
        try {
            Map<String, String> metadata = RollUpMetadata.of(mine);
            if (large.create(prefix + mine.key().path(), file.content(), metadata) == Creation.CREATED) {
                return mine;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the temporary file of " + mine.key().path() + " cannot be read", e);
        }
        return find(mine)
                .orElseThrow(() -> new TidemarkError(
                        ExitCode.UNREACHABLE, uriOf(mine) + " is there and then is not; it is tried again"));
    }

    /**
     * The file of these rows, if some writer has sent it already: the same part with that file's size and checksum.
     *
     * @param part its size, checksum and layout are not looked at
     */
    public Optional<RollUp> find(RollUp part) {
        return store.head(prefix + part.key().path()).map(head -> {
            RollUpMetadata.ofRows(part).forEach((name, value) -> {
                if (!value.equals(head.metadata().get(name))) {
                    throw SegmentRows.damaged(
                            uriOf(part),
                            "it has %s=%s where %s is expected"
                                    .formatted(name, head.metadata().get(name), value),
                            null);
                }
            });
            return new RollUp(
                    part.key(),
                    part.generation(),
                    part.from(),
                    part.to(),
                    part.epochAfter(),
                    part.lastMicros(),
                    part.rows(),
                    part.references(),
                    part.claims(),
                    head.sizeBytes(),
                    head.metadata().getOrDefault(ObjectStore.SHA256, ""),
                    RollUpMetadata.layout(head.metadata()));
        });
    }

    /** Every row, after the object was compared with its checksum. Not for a roll-up without a file. */
    public RollUpRows<ArchivedRow> rows(RollUp rollUp) {
        return RollUpRows.open(rollUp, uriOf(rollUp), download(rollUp), RowShapes.ROWS, Optional.empty());
    }

    /** The same rows without what hashes hold. */
    RollUpRows<ArchivedRow> outlines(RollUp rollUp) {
        return RollUpRows.open(rollUp, uriOf(rollUp), download(rollUp), RowShapes.OUTLINES, Optional.empty());
    }

    /** The rows of one key in the order of their offsets, checked alike; no more of the file is decoded than must be. */
    public RollUpRows<ArchivedRow> rows(RollUp rollUp, Bytes key) {
        return RollUpRows.open(rollUp, uriOf(rollUp), download(rollUp), RowShapes.ROWS, Optional.of(key));
    }

    /** The times of every row, checked alike, in the order of the file. */
    public RollUpRows<RowTimes> times(RollUp rollUp) {
        return RollUpRows.open(rollUp, uriOf(rollUp), download(rollUp), RowShapes.TIMES, Optional.empty());
    }

    private Spool download(RollUp rollUp) {
        return downloads.verified(prefix + rollUp.key().path(), rollUp.sizeBytes(), rollUp.sha256());
    }

    /** For messages: where the roll-up lies. */
    public String uriOf(RollUp rollUp) {
        return store.uri(prefix + rollUp.key().path());
    }
}
