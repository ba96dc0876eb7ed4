package dev.tidemark.restorer.look;

import dev.tidemark.archive.KeyRow;
import dev.tidemark.restorer.look.KeyEntry.Kind;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.log.Tidemark.Base;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The life of a key as the archive knows it, oldest first.
 *
 * @param isComplete whether nothing that the archive ought to hold of its shard is missing
 * @param isCut whether there are earlier changes that were not asked for
 * @param keptFrom before which changes were given up on purpose, if any were
 */
public record KeyHistory(
        KeyName name, List<KeyEntry> entries, boolean isComplete, boolean isCut, Optional<Instant> keptFrom) {

    public KeyHistory {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(keptFrom, "keptFrom");
        entries = List.copyOf(entries);
    }

    /**
     * Puts between the changes what follows from them: that an expiry has passed, and that a resync did not find the key.
     *
     * @param rows by offset
     * @param bases the resyncs of the shard that ended and were claimed; each read every key that was there
     * @param nowMicros an expiry after this has not passed
     */
    public static List<KeyEntry> entries(List<KeyRow> rows, List<Base> bases, long nowMicros) {
        List<Base> resyncs = bases.stream()
                .distinct()
                .sorted(Comparator.comparingLong(Base::beginOffset))
                .toList();
        List<KeyEntry> entries = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            KeyRow row = rows.get(i);
            entries.add(KeyEntry.of(row));
            boolean isLast = i + 1 == rows.size();
            long nextOffset = isLast ? Long.MAX_VALUE : rows.get(i + 1).offset();
            long nextMicros = isLast ? nowMicros : rows.get(i + 1).timeMicros();
            if (row.isPresent()) {
                addEnd(entries, row, nextOffset, nextMicros, resyncs);
            }
        }
        return List.copyOf(entries);
    }

    private static void addEnd(
            List<KeyEntry> entries, KeyRow row, long nextOffset, long nextMicros, List<Base> resyncs) {
        OptionalLong expiry = row.expireAtMillis().isPresent()
                ? OptionalLong.of(RedisTime.microsOfMillis(row.expireAtMillis().getAsLong()))
                : OptionalLong.empty();
        OptionalLong notFound = resyncs.stream()
                .filter(base -> row.offset() < base.beginOffset() && nextOffset >= base.endOffset())
                .mapToLong(Base::endMicros)
                .min();
        long expiresAt = expiry.orElse(Long.MAX_VALUE);
        if (notFound.isPresent() && notFound.getAsLong() < expiresAt) {
            entries.add(end(Kind.NOT_FOUND_AGAIN, notFound.getAsLong()));
        } else if (expiresAt < nextMicros) {
            entries.add(end(Kind.EXPIRED, expiresAt));
        }
    }

    private static KeyEntry end(Kind kind, long atMicros) {
        return new KeyEntry(kind, atMicros, "none", OptionalLong.empty(), "");
    }
}
