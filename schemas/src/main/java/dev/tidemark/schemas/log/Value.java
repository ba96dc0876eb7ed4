package dev.tidemark.schemas.log;

import dev.tidemark.schemas.Bytes;
import java.time.LocalDate;
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

    /**
     * A value too large for the log: it lies on S3 among the blobs of a day, under its own checksum. Two equal values of
     * one day are one object; two days never share one, so that a day can be deleted.
     *
     * @param length of the object in bytes
     * @param day of the change, by Redis's clock
     */
    record Blob(String type, Encoding encoding, Bytes sha256, long length, LocalDate day) implements Value {
        private static final int SHA256_BYTES = 32;
        private static final long REFERENCE_BYTES = 64;

        public Blob {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(encoding, "encoding");
            Objects.requireNonNull(day, "day");
            if (sha256.length() != SHA256_BYTES || length < 0) {
                throw new IllegalArgumentException(
                        "no blob has %d bytes and a checksum of %d bytes".formatted(length, sha256.length()));
            }
            if (type.equals("string") != (encoding == Encoding.RAW)) {
                throw new IllegalArgumentException("a blob of type %s is not %s".formatted(type, encoding));
            }
        }

        /** Of the reference: the value itself is in nobody's memory and not in the log. */
        @Override
        public long sizeBytes() {
            return REFERENCE_BYTES;
        }
    }

    /** What the bytes of a blob are. */
    enum Encoding {
        /** A string as it is. */
        RAW,
        /** Any other type, as DUMP gives it. */
        DUMP
    }
}
