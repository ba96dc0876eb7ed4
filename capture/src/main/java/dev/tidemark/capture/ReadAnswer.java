package dev.tidemark.capture;

import dev.tidemark.capture.KeyReader.Outcome;
import dev.tidemark.capture.KeyReader.Shape;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.redis.RedisRefused;
import dev.tidemark.schemas.redis.RedisSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The answer to one batch, taken from the connection key by key. Of a value that is too large nothing is kept. */
final class ReadAnswer {
    /** What a field adds to a value's size, as {@link Value.Hash#sizeBytes} counts it. */
    private static final int FIELD_BYTES = 8;

    private static final long NO_EXPIRY = -1;

    private final RedisSocket redis;
    private final ReadCommands commands;
    private final long valueBytesMax;
    private final ReadForm form;
    private final long timeMicros;
    private final boolean keysExpire;
    private final boolean fieldsExpire;

    /** Takes what comes before the first key. */
    ReadAnswer(RedisSocket redis, ReadCommands commands, ReadForm form, int db, long valueBytesMax) throws IOException {
        this.redis = redis;
        this.commands = commands;
        this.form = form;
        this.valueBytesMax = valueBytesMax;
        redis.array();
        this.timeMicros = Long.parseLong(redis.text()) * 1_000_000 + Long.parseLong(redis.text());
        String statistics = form.withKeyspace() ? statistics(redis.text(), db) : "";
        this.keysExpire = isMoreThanNone(statistics, "expires");
        this.fieldsExpire = isMoreThanNone(statistics, "subexpiry")
                // So Valkey calls it.
                || isMoreThanNone(statistics, "keys_with_volatile_items");
    }

    /** {@code keys=2,expires=0,avg_ttl=0,subexpiry=1}, or nothing for a database that is empty. */
    private static String statistics(String keyspace, int db) {
        return new ServerInfo().add(keyspace.getBytes(StandardCharsets.UTF_8)).text("db" + db);
    }

    private static boolean isMoreThanNone(String statistics, String name) {
        for (String statistic : statistics.split(",", -1)) {
            if (statistic.startsWith(name + "=")) {
                return !statistic.endsWith("=0");
            }
        }
        return false;
    }

    /** Whether some key of the database has an expiry, as far as the statistics were asked for. */
    boolean keysExpire() {
        return keysExpire;
    }

    /** Whether this is the state of the keys: not if some expire and nobody asked when. */
    boolean isWhole() {
        return form.withExpiry() || !keysExpire;
    }

    /** Leaves the answers to a key out. */
    void skip(Shape shape) throws IOException {
        int answers = (form.withExpiry() ? 2 : 1) + (shape == Shape.OTHER ? 1 : 0);
        for (int left = answers; left > 0; left--) {
            redis.skip();
        }
    }

    /** Takes the answers to one key. */
    Outcome next(Shape shape) throws IOException {
        long expiry = form.withExpiry() ? redis.integer() : NO_EXPIRY;
        try {
            return switch (shape) {
                case HASH -> hash(expiry);
                case STRING -> whole("string", expiry);
                case OTHER -> other(expiry);
            };
        } catch (RedisRefused refused) {
            return refused.code().equals("WRONGTYPE") ? new Outcome.WrongShape() : new Outcome.Failed(refused.code());
        }
    }

    private Outcome other(long expiry) throws IOException {
        String type = redis.line();
        Shape actual = type.equals("hash") && fieldsExpire ? Shape.OTHER : Shape.of(type);
        if (type.equals("none") || actual != Shape.OTHER) {
            redis.skip();
            return type.equals("none") ? absent() : new Outcome.OtherShape(actual);
        }
        return whole(type, expiry);
    }

    private Outcome hash(long expiry) throws IOException {
        if (fieldsExpire) {
            redis.skip();
            return new Outcome.OtherShape(Shape.OTHER);
        }
        int words = redis.array();
        if (words == 0) {
            return absent();
        }
        List<Value.Field> fields = new ArrayList<>((int) Math.min(words / 2, valueBytesMax / FIELD_BYTES));
        long size = 0;
        for (int field = 0; field < words / 2; field++) {
            Bytes name = word(size);
            size += FIELD_BYTES + (name == null ? valueBytesMax : name.length());
            Bytes value = word(size);
            size += value == null ? valueBytesMax : value.length();
            if (size > valueBytesMax) {
                // What has been kept so far is let go, and the rest only passes through.
                for (int rest = 2 * (field + 1); rest < words; rest++) {
                    redis.skip();
                }
                return new Outcome.TooLarge("hash");
            }
            fields.add(new Value.Field(name, value));
        }
        return state(new Value.Hash(fields), expiry);
    }

    private Outcome whole(String type, long expiry) throws IOException {
        long length = redis.length();
        if (length < 0) {
            // Or it expired between TYPE and here: time stands still in a transaction on some servers only.
            return absent();
        }
        if (length > valueBytesMax) {
            redis.skipContent(length);
            return new Outcome.TooLarge(type);
        }
        Bytes bytes = Bytes.wrap(redis.content((int) length));
        return state(type.equals("string") ? new Value.Text(bytes) : new Value.Opaque(type, bytes), expiry);
    }

    /** One name or value, or null if it does not fit into what is left. */
    private Bytes word(long taken) throws IOException {
        long length = redis.length();
        if (taken + length > valueBytesMax) {
            redis.skipContent(length);
            return null;
        }
        return Bytes.wrap(redis.content((int) length));
    }

    private Outcome state(Value value, long expiry) {
        return new Outcome.State(timeMicros, value, expireAt(expiry));
    }

    private Outcome absent() {
        return new Outcome.State(timeMicros, new Value.Absent(), OptionalLong.empty());
    }

    private OptionalLong expireAt(long expiry) {
        if (expiry < 0) {
            return OptionalLong.empty();
        }
        // Before 7.0 only the remaining time can be had: a millisecond of jitter.
        return OptionalLong.of(commands.expiryIsAbsolute() ? expiry : timeMicros / 1_000 + expiry);
    }
}
