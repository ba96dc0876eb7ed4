package dev.tidemark.restorer;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Encoding;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.log.Value.Hash;
import dev.tidemark.schemas.log.Value.Opaque;
import dev.tidemark.schemas.log.Value.Text;
import dev.tidemark.schemas.redis.RedisRefused;
import dev.tidemark.schemas.redis.RedisSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One server of a live Redis, asked for keys that are known to have had a value. What comes back is taken into memory only
 * as far as it can be that value: one of another size is skipped as it comes.
 */
final class LiveNode implements AutoCloseable {
    private static final int EXPIRES_TOLD_SINCE = 7;
    private static final int KEYS_A_SCAN = 1_000;
    /** Two encodings of one value differ in size, by far less than this. */
    private static final long DUMP_BYTES_MIN = 1 << 20;

    private static final int DUMP_GROWTH_MAX = 32;

    private final TargetRedis redis;
    private final long dumpBytesMax;
    private final boolean tellsExpiry;
    private final Set<Integer> fieldsExpire;
    private final Map<Integer, Line> lines = new HashMap<>();

    private record Line(RedisSocket socket, long askedNanos) {}

    /**
     * A key as it was found.
     *
     * @param value empty if it is not what was expected, or was too large to be taken into memory
     * @param isTooLarge so that nothing can be said of the value
     */
    record Found(String type, OptionalLong expireAtMillis, Optional<Value> value, boolean isTooLarge) {}

    /** @param dumpBytesMax a larger dump is not taken into memory */
    LiveNode(TargetRedis redis, long dumpBytesMax) {
        this.redis = redis;
        this.dumpBytesMax = dumpBytesMax;
        String version = redis.info("server", LiveRedis.UNTOUCHED).getOrDefault("redis_version", "0");
        this.tellsExpiry = Integer.parseInt(version.split("\\.", 2)[0]) >= EXPIRES_TOLD_SINCE;
        this.fieldsExpire = redis.databasesWithExpiringFields(LiveRedis.UNTOUCHED);
    }

    boolean tellsExpiry() {
        return tellsExpiry;
    }

    long timeMillis() {
        return redis.timeMillis(LiveRedis.UNTOUCHED);
    }

    Map<Integer, Long> keysByDatabase() {
        return redis.keys(LiveRedis.UNTOUCHED);
    }

    /** Each key as it is now, in the order of the question; they are all of one database. */
    List<Found> find(int db, List<Change> expected) {
        try {
            RedisSocket socket = socket(db);
            for (Change change : expected) {
                byte[] key = change.key().array();
                socket.begin(2);
                socket.word(word("TYPE"));
                socket.word(key);
                socket.begin(2);
                socket.word(word(tellsExpiry ? "PEXPIRETIME" : "PTTL"));
                socket.word(key);
                socket.begin(2);
                socket.word(word(reading(db, change.value())));
                socket.word(key);
            }
            socket.flush();
            List<Found> found = new ArrayList<>(expected.size());
            for (Change change : expected) {
                found.add(found(socket, db, change.value()));
            }
            return found;
        } catch (IOException e) {
            throw RedisReplies.failed(redis.address(), e, LiveRedis.UNTOUCHED);
        }
    }

    private String reading(int db, Value expected) {
        if (expected instanceof Text) {
            return "GET";
        }
        if (expected instanceof Blob blob && (blob.encoding() == Encoding.RAW || blob.length() > dumpBytesMax)) {
            // Its type is all that is asked for here.
            return "EXISTS";
        }
        // HGETALL does not tell when fields expire.
        return expected instanceof Hash && !fieldsExpire.contains(db) ? "HGETALL" : "DUMP";
    }

    private Found found(RedisSocket socket, int db, Value expected) throws IOException {
        String type = socket.line();
        long expiry = socket.integer();
        Read read = new Read(Optional.empty(), false);
        try {
            read = switch (reading(db, expected)) {
                case "GET" -> text(socket, ((Text) expected).bytes().length());
                case "HGETALL" -> hash(socket, (Hash) expected);
                case "EXISTS" -> nothing(socket);
                default -> dump(socket, type, expected);
            };
        } catch (RedisRefused refused) {
            requireOtherType(refused);
        }
        return new Found(type, expiry(expiry), read.value, read.isTooLarge);
    }

    /** Whether the key is of another type now; the answer is read to its end. What is refused for another reason tells nothing of it. */
    private static void requireOtherType(RedisRefused refused) throws RedisRefused {
        if (!String.valueOf(refused.getMessage()).startsWith("WRONGTYPE")) {
            throw refused;
        }
    }

    private record Read(Optional<Value> value, boolean isTooLarge) {}

    private static OptionalLong expiry(long millis) {
        return millis < 0 ? OptionalLong.empty() : OptionalLong.of(millis);
    }

    private static Read text(RedisSocket socket, int expectedBytes) throws IOException {
        long length = socket.length();
        if (length < 0) {
            return new Read(Optional.empty(), false);
        }
        if (length != expectedBytes) {
            socket.skipContent(length);
            return new Read(Optional.empty(), false);
        }
        return new Read(Optional.of(new Text(Bytes.wrap(socket.content((int) length)))), false);
    }

    private static Read hash(RedisSocket socket, Hash expected) throws IOException {
        int count = socket.array() / 2;
        // Once it is below zero it stays there, and what is left passes by.
        long bytesLeft = count == expected.fields().size() ? expected.sizeBytes() : -1;
        List<Bytes> parts = new ArrayList<>();
        for (int i = 0; i < 2 * count; i++) {
            long length = socket.length();
            bytesLeft -= length;
            if (bytesLeft < 0) {
                socket.skipContent(length);
            } else {
                parts.add(Bytes.wrap(socket.content((int) length)));
            }
        }
        if (bytesLeft < 0 || count == 0) {
            return new Read(Optional.empty(), false);
        }
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < parts.size(); i += 2) {
            fields.add(new Field(parts.get(i), parts.get(i + 1)));
        }
        return new Read(Optional.of(new Hash(fields)), false);
    }

    private static Read nothing(RedisSocket socket) throws IOException {
        socket.integer();
        return new Read(Optional.empty(), false);
    }

    private Read dump(RedisSocket socket, String type, Value expected) throws IOException {
        long length = socket.length();
        long bytesMax = Math.min(dumpBytesMax, Math.max(DUMP_BYTES_MIN, bytes(expected) * DUMP_GROWTH_MAX));
        if (length < 0) {
            return new Read(Optional.empty(), false);
        }
        if (length > bytesMax) {
            socket.skipContent(length);
            return new Read(Optional.empty(), true);
        }
        return new Read(Optional.of(new Opaque(type, Bytes.wrap(socket.content((int) length)))), false);
    }

    private static long bytes(Value expected) {
        return expected instanceof Blob blob ? blob.length() : expected.sizeBytes();
    }

    /** Which FUNCTION libraries are not there as they should be, by name. */
    List<String> missing(List<Definitions> inForce) {
        return Libraries.of(redis, inForce).missing();
    }

    /** The checksum of a string however long it is; empty if it is not of that length. */
    Optional<Bytes> sha256(int db, Bytes key, long length) {
        try {
            RedisSocket socket = socket(db);
            socket.send(word("GET"), key.array());
            MessageDigest digest = LargeContent.newSha256();
            try {
                long found = socket.bulk(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
                return found == length ? Optional.of(Bytes.wrap(digest.digest())) : Optional.empty();
            } catch (RedisRefused refused) {
                requireOtherType(refused);
                return Optional.empty();
            }
        } catch (IOException e) {
            throw RedisReplies.failed(redis.address(), e, LiveRedis.UNTOUCHED);
        }
    }

    /** The names of all its keys, some of them perhaps twice. */
    void scan(int db, Consumer<List<Bytes>> pages) {
        try {
            RedisSocket socket = socket(db);
            byte[] cursor = word("0");
            do {
                socket.send(word("SCAN"), cursor, word("COUNT"), word(Integer.toString(KEYS_A_SCAN)));
                socket.array();
                cursor = socket.content((int) socket.length());
                List<Bytes> page = new ArrayList<>();
                for (int left = socket.array(); left > 0; left--) {
                    page.add(Bytes.wrap(socket.content((int) socket.length())));
                }
                pages.accept(page);
            } while (cursor.length != 1 || cursor[0] != '0');
        } catch (IOException e) {
            throw RedisReplies.failed(redis.address(), e, LiveRedis.UNTOUCHED);
        }
    }

    /**
     * One that was asked longer ago may have been hung up on, so it is not asked again. Where another server answers by then, the
     * connection that {@link TargetRedis} keeps is lost, and what was found ends with that.
     */
    private RedisSocket socket(int db) throws IOException {
        long nowNanos = System.nanoTime();
        Line line = lines.get(db);
        if (line != null && nowNanos - line.askedNanos > RedisSocket.QUIET_MAX.toNanos()) {
            line.socket.close();
            line = null;
        }
        RedisSocket socket = line == null ? redis.stream(db) : line.socket;
        lines.put(db, new Line(socket, nowNanos));
        return socket;
    }

    private static byte[] word(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        lines.values().forEach(line -> line.socket.close());
        redis.close();
    }
}
