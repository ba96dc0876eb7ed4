package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

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

    /**
     * The newest changes of the key in this segment or roll-up, in their order.
     *
     * @param wanted of its changes; others are passed over
     * @param rowsMax that are held, however many there are
     */
    public List<KeyRow> rows(ArchivedRange range, int db, Bytes key, Predicate<KeyRow> wanted, int rowsMax) {
        NewestRows found = new NewestRows(rowsMax);
        if (!range.hasFile()) {
            return found.rows();
        }
        boolean isRolledUp = range instanceof RollUp;
        try (RangedRows<Optional<KeyRow>> rows = RangedRows.open(
                range,
                uri(range),
                file(range),
                isRolledUp ? RowShapes.KEYS_OF_ROLL_UP : RowShapes.KEYS,
                Optional.of(isRolledUp ? RangedRows.keyOfRollUp(key) : RangedRows.key(key)))) {
            while (rows.hasNext()) {
                rows.next()
                        .filter(row -> row.db() == db && row.key().equals(key) && wanted.test(row))
                        .ifPresent(found::add);
            }
        }
        return found.rows();
    }

    /** The same in several at once: of each as many. */
    public List<List<KeyRow>> rows(
            List<? extends ArchivedRange> ranges, int db, Bytes key, Predicate<KeyRow> wanted, int rowsMax) {
        return requests.of(ranges, range -> rows(range, db, key, wanted, rowsMax));
    }

    /**
     * The changes of all keys, without values, each key's in their order; nothing for a row of another kind. Not for a
     * roll-up without a file.
     */
    public Rows<Optional<KeyRow>> rows(ArchivedRange range) {
        return RangedRows.open(range, uri(range), file(range), RowShapes.KEYS, Optional.empty());
    }

    /** The times of all rows, in no order. Not for a roll-up without a file. */
    public Rows<RowTimes> times(ArchivedRange range) {
        return RangedRows.open(range, uri(range), file(range), RowShapes.TIMES, Optional.empty());
    }

    /** The row that {@link #rows} has told of. */
    public ArchivedRow row(ArchivedRange range, KeyRow wanted) {
        Optional<ArchivedRow> found = range instanceof RollUp rollUp
                ? rowOf(rollUp, wanted)
                : SingleRow.at((Segment) range, uri(range), file(range), wanted.offset());
        return found.orElseThrow(() -> SegmentRows.damaged(
                uri(range), "its row at offset %d was there and then was not".formatted(wanted.offset()), null));
    }

    /** By its key, whose rows lie in a page or two. */
    private Optional<ArchivedRow> rowOf(RollUp rollUp, KeyRow wanted) {
        try (RangedRows<ArchivedRow> rows = RangedRows.open(
                rollUp, uri(rollUp), file(rollUp), RowShapes.ROWS, Optional.of(RangedRows.keyOfRollUp(wanted.key())))) {
            while (rows.hasNext()) {
                ArchivedRow row = rows.next();
                if (row.offset() == wanted.offset()) {
                    return Optional.of(row);
                }
            }
            return Optional.empty();
        }
    }

    private String uri(ArchivedRange range) {
        return store.uri(prefix + range.path());
    }

    private RangedFile file(ArchivedRange range) {
        String key = prefix + range.path();
        return new RangedFile(range.sizeBytes(), (from, length) -> {
            byte[] bytes = store.getRange(key, from, length)
                    .orElseThrow(() -> SegmentRows.damaged(uri(range), "it is gone", null));
            if (bytes.length < length) {
                throw SegmentRows.damaged(uri(range), "it ends at byte %d".formatted(from + bytes.length), null);
            }
            return bytes;
        });
    }
}
