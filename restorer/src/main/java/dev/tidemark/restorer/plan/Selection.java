package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.HashSlot;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which keys of a plan are restored. A key must meet every condition.
 *
 * @param prefix that the key begins with
 * @param match a pattern of Redis's that the whole key matches
 * @param db that it lies in
 * @param slots that it lies in
 */
public record Selection(Optional<Bytes> prefix, Optional<KeyPattern> match, OptionalInt db, Optional<SlotRange> slots) {
    public Selection {
        Objects.requireNonNull(prefix, "prefix");
        Objects.requireNonNull(match, "match");
        Objects.requireNonNull(db, "db");
        Objects.requireNonNull(slots, "slots");
    }

    /** Hash slots from one through another. */
    public record SlotRange(int first, int last) {
        public SlotRange {
            if (first < 0 || last < first || last >= HashSlot.COUNT) {
                throw new IllegalArgumentException("no slots lie from %d through %d".formatted(first, last));
            }
        }
    }

    public static Selection everything() {
        return new Selection(Optional.empty(), Optional.empty(), OptionalInt.empty(), Optional.empty());
    }

    public boolean isEverything() {
        return equals(everything());
    }

    public boolean takes(int itsDb, Bytes key) {
        return (db.isEmpty() || db.getAsInt() == itsDb)
                && (prefix.isEmpty() || key.startsWith(prefix.get()))
                && (match.isEmpty() || match.get().matches(key))
                && (slots.isEmpty() || isWithin(slots.get(), HashSlot.of(key)));
    }

    private static boolean isWithin(SlotRange range, int slot) {
        return range.first() <= slot && slot <= range.last();
    }
}
