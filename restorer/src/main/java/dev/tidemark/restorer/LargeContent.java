package dev.tidemark.restorer;

import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.proof.ContentAccount;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Encoding;
import dev.tidemark.schemas.log.Value.Opaque;
import dev.tidemark.schemas.redis.RedisSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.OptionalLong;

/** Reads the target's large values into an account: strings by their checksum alone, whatever their size. */
final class LargeContent {
    private final TargetRedis target;
    private final boolean tellsExpiry;
    private final long comparedBytesMax;
    private final ContentAccount account;

    /** @param comparedBytesMax as when it was written: larger payloads are compared by type and expiry alone */
    LargeContent(TargetRedis target, boolean tellsExpiry, long comparedBytesMax, ContentAccount account) {
        this.target = target;
        this.tellsExpiry = tellsExpiry;
        this.comparedBytesMax = comparedBytesMax;
        this.account = account;
    }

    /**
     * Reads it, if it is there.
     *
     * @param written what was restored as this key
     */
    void add(KeyName name, Blob written, String consequence) {
        byte[] key = name.key().array();
        try (RedisSocket redis = target.stream(name.db())) {
            redis.send(word("TYPE"), key);
            String type = redis.line();
            redis.send(word(tellsExpiry ? "PEXPIRETIME" : "PTTL"), key);
            long expiry = Long.parseLong(redis.line());
            if (!type.equals("none")) {
                Value found = value(redis, key, type, written);
                account.add(name.db(), name.key(), found, expiry < 0 ? OptionalLong.empty() : OptionalLong.of(expiry));
            }
        } catch (IOException e) {
            throw RedisReplies.failed(target.address(), e, consequence);
        }
    }

    private Value value(RedisSocket redis, byte[] key, String type, Blob written) throws IOException {
        if (type.equals("string")) {
            MessageDigest sha256 = newSha256();
            redis.send(word("GET"), key);
            long length = redis.bulk(new DigestOutputStream(OutputStream.nullOutputStream(), sha256));
            return new Blob(type, Encoding.RAW, Bytes.wrap(sha256.digest()), Math.max(0, length), written.day());
        }
        if (written.length() > comparedBytesMax || written.encoding() == Encoding.RAW) {
            return new Blob(type, Encoding.DUMP, written.sha256(), written.length(), written.day());
        }
        ByteArrayOutputStream dump = new ByteArrayOutputStream(Math.toIntExact(written.length()) + 1_024);
        redis.send(word("DUMP"), key);
        redis.bulk(dump);
        return new Opaque(type, Bytes.wrap(dump.toByteArray()));
    }

    private static byte[] word(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
