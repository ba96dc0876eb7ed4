package dev.tidemark.capture;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.HashSlot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What one entry of a journal says: these keys were touched. A writer adds it in the transaction that writes them, as {@code
 * XADD stream * key NAME [key NAME ...] [db NUMBER] [event NAME]}; other fields are the writer's own.
 */
sealed interface JournalEntry {
    /**
     * Look at these keys.
     *
     * @param event what the writer calls it; empty if it does not say
     */
    record Touches(int db, List<Bytes> keys, String event) implements JournalEntry {
        public Touches {
            keys = List.copyOf(keys);
        }

        boolean isLike(Touches other) {
            return db == other.db && event.equals(other.event);
        }
    }

    /** Nobody can say which keys it means; no other entry waits for it. */
    record Poison(String reason) implements JournalEntry {}

    int EVENT_BYTES_MAX = 64;
    Bytes KEY = Bytes.utf8("key");
    Bytes DB = Bytes.utf8("db");
    Bytes EVENT = Bytes.utf8("event");

    /**
     * Reads it.
     *
     * @param fields in their order, in which names come more than once
     * @param db that the stream is in
     * @param slot that all keys have to lie in, where a Cluster keeps slots apart
     */
    static JournalEntry of(Map<byte[], byte[]> fields, int db, OptionalInt slot) {
        List<Bytes> keys = new ArrayList<>();
        int database = db;
        String event = "";
        for (Map.Entry<byte[], byte[]> field : fields.entrySet()) {
            Bytes name = Bytes.wrap(field.getKey());
            if (name.equals(KEY)) {
                keys.add(Bytes.wrap(field.getValue()));
            } else if (name.equals(DB)) {
                String number = new String(field.getValue(), StandardCharsets.US_ASCII);
                if (!number.matches("\\d{1,7}")) {
                    return new Poison("db is no number");
                }
                database = Integer.parseInt(number);
            } else if (name.equals(EVENT)) {
                if (field.getValue().length > EVENT_BYTES_MAX) {
                    return new Poison("event is longer than " + EVENT_BYTES_MAX + " bytes");
                }
                event = new String(field.getValue(), StandardCharsets.UTF_8);
            }
        }
        if (keys.isEmpty()) {
            return new Poison("no field is called key");
        }
        if (slot.isPresent() && keys.stream().anyMatch(key -> HashSlot.of(key) != slot.getAsInt())) {
            return new Poison("a key lies in another hash slot than the stream");
        }
        return new Touches(database, keys, event);
    }
}
