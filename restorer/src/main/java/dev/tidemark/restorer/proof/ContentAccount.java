package dev.tidemark.restorer.proof;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Encoding;
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
import java.util.stream.LongStream;

/**
 * What a set of keys holds, shard by shard. For one thread.
 *
 * <p>Keys that expire are kept apart by the span of ten seconds in which they do, for a day; later ones together. Fields of
 * a hash that expire within that day are not compared, and a hash whose fields all expire is a key that does.
 */
public final class ContentAccount {
    /** Every payload is compared byte by byte: both accounts are of what was written, not of what a server dumps anew. */
    public static final int ANY_VERSION = -2;

    private static final long SPAN_MILLIS = 10_000;
    private static final long SPANS_MAX = 8_640;
    private static final long NEVER = Long.MAX_VALUE;

    private final Shards shards;
    private final long beganMillis;
    private final int dumpVersion;
    private final MessageDigest sha256;
    private final MessageDigest contentSha256;
    private final List<Map<Long, ContentSum>> sums = new ArrayList<>();
    /** Of payloads that are not taken apart, byte by byte; kept apart because they may turn out not to be comparable. */
    private final List<Map<Long, ContentSum>> payloadSums = new ArrayList<>();

    private long payloads;
    private long payloadsOfOtherVersions;
    private long payloadsTooLarge;

    /**
     * @param beganMillis when the restore began; both accounts need the same
     * @param dumpVersion of the target: only payloads of this version can be compared byte by byte; or {@link
     *     #ANY_VERSION}
     */
    public ContentAccount(Shards shards, long beganMillis, int dumpVersion) {
        this.shards = shards;
        this.beganMillis = beganMillis;
        this.dumpVersion = dumpVersion;
        this.sha256 = newSha256();
        this.contentSha256 = newSha256();
        for (int shard = 0; shard < shards.count(); shard++) {
            sums.add(new TreeMap<>());
            payloadSums.add(new TreeMap<>());
        }
    }

    public long beganMillis() {
        return beganMillis;
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    public void add(int db, Bytes key, Value value, OptionalLong expireAtMillis) {
        if (!(value instanceof Opaque opaque)) {
            put(sums, key, expireAtMillis, digest(db, key, value, List.of(), expireAtMillis));
            return;
        }
        DumpPayload.Content content = DumpPayload.content(opaque.dump(), beganMillis + SPANS_MAX * SPAN_MILLIS);
        OptionalLong diesAtMillis = earlier(expireAtMillis, content.diesAtMillis());
        put(sums, key, diesAtMillis, digest(db, key, value, content.parts(), expireAtMillis));
        if (!content.isTakenApart()) {
            payloads++;
            if (dumpVersion != ANY_VERSION && DumpPayload.version(opaque.dump()) != dumpVersion) {
                payloadsOfOtherVersions++;
            }
            ContentSum payload = digest(
                    db, key, value, List.of(DumpPayload.comparable(opaque.type(), opaque.dump())), expireAtMillis);
            put(payloadSums, key, diesAtMillis, new ContentSum(0, payload.high(), payload.low()));
        }
    }

    private void put(List<Map<Long, ContentSum>> all, Bytes key, OptionalLong expireAtMillis, ContentSum one) {
        all.get(shards.of(key)).merge(span(expireAtMillis), one, ContentSum::plus);
    }

    private static OptionalLong earlier(OptionalLong one, OptionalLong other) {
        return LongStream.concat(one.stream(), other.stream()).min();
    }

    /**
     * What is still there at that time, beyond doubt: keys that expire in a span that ended later.
     *
     * @param withPayloads as {@link #comparesPayloads} of the archive's account says, for both alike
     */
    public ContentSum outliving(int shard, long millis, boolean withPayloads) {
        ContentSum sum = sum(sums.get(shard), millis, true);
        return withPayloads ? sum.plus(sum(payloadSums.get(shard), millis, true)) : sum;
    }

    /** The rest. */
    public ContentSum expiringBy(int shard, long millis) {
        return sum(sums.get(shard), millis, false);
    }

    /** How many keys are known by type and expiry alone, because their payloads cannot be compared. */
    public long payloadsNotCompared() {
        return payloadsTooLarge + (comparesPayloads() ? 0 : payloads);
    }

    /** Whether payloads can be compared byte by byte: the target dumps them anew, and each version in its own way. */
    public boolean comparesPayloads() {
        return payloadsOfOtherVersions == 0;
    }

    private ContentSum sum(Map<Long, ContentSum> spans, long millis, boolean outliving) {
        long now = Math.min(SPANS_MAX - 1, Math.max(0, millis - beganMillis) / SPAN_MILLIS);
        boolean lastSpanIsOver = millis - beganMillis >= SPANS_MAX * SPAN_MILLIS;
        ContentSum sum = ContentSum.NOTHING;
        for (Map.Entry<Long, ContentSum> each : spans.entrySet()) {
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

    private ContentSum digest(int db, Bytes key, Value value, List<Bytes> parts, OptionalLong expireAtMillis) {
        number(db);
        bytes(key);
        number(expireAtMillis.orElse(-1));
        bytes(Bytes.utf8(value.type()));
        if (value instanceof Text text) {
            string(text.bytes().length(), contentSha256.digest(text.bytes().array()));
        } else if (value instanceof Blob blob) {
            blob(blob);
        } else if (value instanceof Hash hash) {
            fields(hash);
        } else {
            parts.forEach(this::bytes);
        }
        ByteBuffer digest = ByteBuffer.wrap(sha256.digest());
        return new ContentSum(1, digest.getLong(), digest.getLong());
    }

    /** By its checksum, so that one too large for memory is accounted for like any other. */
    private void string(long length, byte[] itsSha256) {
        number(length);
        sha256.update(itsSha256);
    }

    private void blob(Blob blob) {
        if (blob.encoding() == Encoding.RAW) {
            string(blob.length(), blob.sha256().array());
        } else {
            // Two servers dump equal values differently, and this one is too large to be taken apart.
            payloadsTooLarge++;
        }
    }

    private void fields(Hash hash) {
        List<Field> sorted = new ArrayList<>(hash.fields());
        sorted.sort(Comparator.comparing(Field::name));
        for (Field field : sorted) {
            bytes(field.name());
            bytes(field.value());
        }
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
