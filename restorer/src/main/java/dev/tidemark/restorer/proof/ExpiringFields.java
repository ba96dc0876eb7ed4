package dev.tidemark.restorer.proof;

import dev.tidemark.restorer.proof.DumpReader.Unknown;
import dev.tidemark.schemas.Bytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/**
 * A hash with fields that expire, as DUMP gives it from Redis 7.4 on.
 *
 * <p>Fields that expire soon may be gone on one side when the two are compared, so they do not count; without any that
 * expires it counts like a hash that was read field by field.
 */
final class ExpiringFields {
    private static final long NEVER = 0;

    private final List<Field> fields = new ArrayList<>();

    private record Field(Bytes name, Bytes value, long expireAtMillis) {}

    private ExpiringFields() {}

    /** All in one listpack: name, value, expiry. */
    static ExpiringFields ofListpack(DumpReader in) throws Unknown {
        in.millis();
        List<Bytes> elements = PackedElements.ofListpack(in.string());
        ExpiringFields hash = new ExpiringFields();
        for (int i = 0; i < elements.size(); i += 3) {
            String expiry = elements.get(i + 2).asUtf8().orElseThrow(() -> new Unknown("an expiry that is no number"));
            hash.fields.add(new Field(elements.get(i), elements.get(i + 1), Long.parseLong(expiry)));
        }
        return hash;
    }

    /** Each after the other: how much later than the first it expires, name, value. */
    static ExpiringFields ofTable(DumpReader in) throws Unknown {
        long first = in.millis();
        int count = in.count();
        ExpiringFields hash = new ExpiringFields();
        for (int i = 0; i < count; i++) {
            long after = in.number();
            hash.fields.add(new Field(in.string(), in.string(), after == NEVER ? NEVER : first + after - 1));
        }
        return hash;
    }

    /** When the last field expires, and the key with it, if every field does. */
    OptionalLong diesAtMillis() {
        return fields.stream().anyMatch(field -> field.expireAtMillis == NEVER)
                ? OptionalLong.empty()
                : fields.stream().mapToLong(Field::expireAtMillis).max();
    }

    /** @param soonMillis fields that expire before this do not count */
    List<Bytes> parts(long soonMillis) {
        List<Bytes> parts = new ArrayList<>();
        fields.stream()
                .filter(field -> field.expireAtMillis == NEVER || field.expireAtMillis >= soonMillis)
                .sorted(Comparator.comparing(Field::name))
                .forEach(field -> {
                    parts.add(field.name);
                    parts.add(field.value);
                    if (field.expireAtMillis != NEVER) {
                        parts.add(Bytes.wrap(ByteBuffer.allocate(Long.BYTES)
                                .putLong(field.expireAtMillis)
                                .array()));
                    }
                });
        return parts;
    }
}
