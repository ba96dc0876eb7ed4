package dev.tidemark.restorer.proof;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.log.Value.Hash;
import dev.tidemark.schemas.log.Value.Opaque;
import dev.tidemark.schemas.log.Value.Text;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What a set of keys holds, shard by shard. For one thread.
 *
 * <p>Keys that expire are kept apart by the span of ten seconds in which they do, for a day; later ones together.
 */
public final class ContentAccount {
    private static final long SPAN_MILLIS = 10_000;
    private static final long SPANS_MAX = 8_640;
    private static final long NEVER = Long.MAX_VALUE;

    private final Shards shards;
    private final long beganMillis;
    private final int dumpVersion;
    private final MessageDigest sha256;
    private final List<Map<Long, ContentSum>> sums = new ArrayList<>();
    private long payloadsNotCompared;

    /**
     * @param beganMillis when the restore began; both accounts need the same
     * @param dumpVersion of the target: only payloads of this version can be compared byte by byte
     */
    public ContentAccount(Shards shards, long beganMillis, int dumpVersion) {
        this.shards = shards;
        this.beganMillis = beganMillis;
        this.dumpVersion = dumpVersion;
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        for (int shard = 0; shard < shards.count(); shard++) {
            sums.add(new TreeMap<>());
        }
    }

    public void add(int db, Bytes key, Value value, OptionalLong expireAtMillis) {
        ContentSum one = digest(db, key, value, expireAtMillis);
        sums.get(shards.of(key)).merge(span(expireAtMillis), one, ContentSum::plus);
    }

    /** What is still there at that time, beyond doubt: keys that expire in a span that ended later. */
    public ContentSum outliving(int shard, long millis) {
        return sum(shard, millis, true);
    }

    /** The rest. */
    public ContentSum expiringBy(int shard, long millis) {
        return sum(shard, millis, false);
    }

    /** How many keys are known by type and expiry alone, because their payloads cannot be compared. */
    public long payloadsNotCompared() {
        return payloadsNotCompared;
    }

    private ContentSum sum(int shard, long millis, boolean outliving) {
        long now = Math.min(SPANS_MAX - 1, Math.max(0, millis - beganMillis) / SPAN_MILLIS);
        boolean lastSpanIsOver = millis - beganMillis >= SPANS_MAX * SPAN_MILLIS;
        ContentSum sum = ContentSum.NOTHING;
        for (Map.Entry<Long, ContentSum> each : sums.get(shard).entrySet()) {
            boolean later = each.getKey() == NEVER || (each.getKey() > now && !lastSpanIsOver);
            if (later == outliving) {
                sum = sum.plus(each.getValue());
            }
        }
        return sum;
    }

    private long span(OptionalLong expireAtMillis) {
        if (expireAtMillis.isEmpty()) {
            return NEVER;
        }
        return Math.min(SPANS_MAX, Math.max(0, expireAtMillis.getAsLong() - beganMillis) / SPAN_MILLIS);
    }

    private ContentSum digest(int db, Bytes key, Value value, OptionalLong expireAtMillis) {
        number(db);
        bytes(key);
        number(expireAtMillis.orElse(-1));
        bytes(Bytes.utf8(value.type()));
        if (value instanceof Text text) {
            bytes(text.bytes());
        } else if (value instanceof Hash hash) {
            fields(hash);
        } else if (value instanceof Opaque opaque) {
            payload(opaque);
        }
        ByteBuffer digest = ByteBuffer.wrap(sha256.digest());
        return new ContentSum(1, digest.getLong(), digest.getLong());
    }

    private void fields(Hash hash) {
        List<Field> sorted = new ArrayList<>(hash.fields());
        sorted.sort(Comparator.comparing(Field::name));
        for (Field field : sorted) {
            bytes(field.name());
            bytes(field.value());
        }
    }

    private void payload(Opaque opaque) {
        DumpPayload.Content content = DumpPayload.content(opaque.dump(), dumpVersion);
        if (!content.isComparable()) {
            payloadsNotCompared++;
        }
        content.parts().forEach(this::bytes);
    }

    private void number(long number) {
        sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
    }

    /** Length first: two values next to each other cannot pass for two others. */
    private void bytes(Bytes bytes) {
        number(bytes.length());
        sha256.update(bytes.array());
    }
}
