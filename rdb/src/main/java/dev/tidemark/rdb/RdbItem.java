package dev.tidemark.rdb;

import dev.tidemark.schemas.Bytes;
import java.util.Objects;
import java.util.OptionalLong;

/** What a snapshot consists of, in its order. */
public sealed interface RdbItem {

    /** Something the server says of itself, as {@code redis-ver} or {@code repl-id}. */
    record Aux(Bytes name, Bytes value) implements RdbItem {
        public Aux {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
        }
    }

    /** A function library, as its code. */
    record Library(Bytes code) implements RdbItem {
        public Library {
            Objects.requireNonNull(code, "code");
        }
    }

    /** What a module keeps beside the keys; it was passed over. */
    record ModuleData() implements RdbItem {}

    /**
     * A key. Its value is to be had from the scanner, until that is asked for the next item.
     *
     * @param offset at which all that belongs to this key begins, its expiry too
     */
    record Entry(long offset, int db, RdbType type, Bytes key, OptionalLong expireAtMillis) implements RdbItem {
        public Entry {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(expireAtMillis, "expireAtMillis");
        }
    }

    /**
     * All is read, and what could be checked is in order.
     *
     * @param offset at which the keys, and what stands between them, end
     */
    record End(long offset) implements RdbItem {}
}
