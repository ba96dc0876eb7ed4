package dev.tidemark.schemas.log;

import dev.tidemark.schemas.Bytes;
import java.util.List;
import java.util.Objects;

/** The state of a key without its expiry. */
public sealed interface Value {

    /** The name Redis gives the type, or "none" for a key that is not there. */
    String type();

    /** How much memory and log this takes, roughly. */
    long sizeBytes();

    /** The key is not there. */
    record Absent() implements Value {
        @Override
        public String type() {
            return "none";
        }

        @Override
        public long sizeBytes() {
            return 0;
        }
    }

    record Text(Bytes bytes) implements Value {
        public Text {
            Objects.requireNonNull(bytes, "bytes");
        }

        @Override
        public String type() {
            return "string";
        }

        @Override
        public long sizeBytes() {
            return bytes.length();
        }
    }

    /** A hash, its fields in the order in which Redis told them. */
    record Hash(List<Field> fields) implements Value {
        public Hash {
            fields = List.copyOf(fields);
            if (fields.isEmpty()) {
                throw new IllegalArgumentException("a hash without fields is no hash: it is absent");
            }
        }

        @Override
        public String type() {
            return "hash";
        }

        @Override
        public long sizeBytes() {
            long size = 0;
            for (Field field : fields) {
                size += field.name().length() + (long) field.value().length() + 8;
            }
            return size;
        }
    }

    record Field(Bytes name, Bytes value) {
        public Field {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
        }
    }

    /** Any other type, as DUMP gives it. */
    record Opaque(String type, Bytes dump) implements Value {
        public Opaque {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(dump, "dump");
        }

        @Override
        public long sizeBytes() {
            return dump.length();
        }
    }
}
