package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.layout.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the rows of a key by reading little: first what says which rows they are, then those. Safe for use by many threads. */
public final class KeySearch {
    private final ObjectStore store;
    private final HeadRequests requests;
    private final String prefix;

    KeySearch(ObjectStore store, HeadRequests requests, String prefix) {
        this.store = store;
        this.requests = requests;
        this.prefix = prefix;
    }

    /** The changes of the key in this segment, in their order. */
    public List<KeyRow> rows(Segment segment, int db, Bytes key) {
        List<KeyRow> found = new ArrayList<>();
        try (RangedRows<Optional<KeyRow>> rows = RangedRows.open(
                segment, uri(segment), file(segment), RowShapes.KEYS, Optional.of(RangedRows.key(key)))) {
            while (rows.hasNext()) {
                rows.next()
                        .filter(row -> row.db() == db && row.key().equals(key))
                        .ifPresent(found::add);
            }
        }
        return found;
    }

    /** The same in several segments at once. */
    public List<List<KeyRow>> rows(List<Segment> segments, int db, Bytes key) {
        return requests.of(segments, segment -> rows(segment, db, key));
    }

    /** The changes of all keys in this segment, in their order, without values; nothing for a row of another kind. */
    public RangedRows<Optional<KeyRow>> rows(Segment segment) {
        return RangedRows.open(segment, uri(segment), file(segment), RowShapes.KEYS, Optional.empty());
    }

    /** The row at this offset, which {@link #rows} has told of. */
    public ArchivedRow row(Segment segment, long offset) {
        return SingleRow.at(segment, uri(segment), file(segment), offset)
                .orElseThrow(() -> SegmentRows.damaged(
                        uri(segment), "its row at offset %d was there and then was not".formatted(offset), null));
    }

    private String uri(Segment segment) {
        return store.uri(prefix + segment.key().path());
    }

    private RangedFile file(Segment segment) {
        String key = prefix + segment.key().path();
        return new RangedFile(segment.sizeBytes(), (from, length) -> {
            byte[] range = store.getRange(key, from, length)
                    .orElseThrow(() -> SegmentRows.damaged(uri(segment), "it is gone", null));
            if (range.length < length) {
                throw SegmentRows.damaged(uri(segment), "it ends at byte %d".formatted(from + range.length), null);
            }
            return range;
        });
    }
}
