package dev.tidemark.restorer;

import dev.tidemark.archive.Spool;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Encoding;
import dev.tidemark.schemas.log.Value.Opaque;
import dev.tidemark.schemas.redis.RedisSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;

/**
 * Writes values that lie on S3, one at a time: to a file, compared with the checksum, and from there to the target, a
 * MiB of it in memory.
 *
 * <p>A string is built under a reserved name and renamed when it is whole: a key of the target is there with its whole
 * value or not at all, whatever dies. Nobody who reads the target meanwhile, and no replica of it, can take a half for the
 * whole, which a crash would leave for ever under SET and APPEND of the key itself; a transaction would make the server
 * hold the value twice. Any other type is one RESTORE, whose payload is one argument: the server holds all of it before
 * it begins, up to its proto-max-bulk-len.
 */
final class LargeValueWriter {
    private static final int PIECE_BYTES = 1 << 20;
    private static final Path SPOOL_DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

    private final TargetPrimaries target;
    private final RestorePart part;
    private final BlobSource blobs;
    private final long comparedBytesMax;

    /**
     * Connects to nothing yet.
     *
     * @param part which of those that write to the target beside each other we are
     * @param comparedBytesMax payloads up to this size are taken apart for the proof, in memory
     */
    LargeValueWriter(TargetPrimaries target, RestorePart part, BlobSource blobs, long comparedBytesMax) {
        this.target = target;
        this.part = part;
        this.blobs = blobs;
        this.comparedBytesMax = comparedBytesMax;
    }

    /**
     * Writes the key whole, and gives the value as the proof can account for it.
     *
     * @param writtenOver takes 1 if the key was there, which is refused unless keys may be written over
     */
    Value write(Change change, Blob blob, boolean writesOver, LongConsumer writtenOver) {
        try (Spool copy = blobs.fetch(blob, SPOOL_DIRECTORY)) {
            AtomicBoolean mayBeThere = new AtomicBoolean(writesOver);
            target.onOwner(
                    change.key(),
                    node -> {
                        long there = send(node, change, blob, copy, mayBeThere.get());
                        writtenOver.accept(there);
                        return node;
                    },
                    () -> mayBeThere.set(true));
            if (blob.encoding() == Encoding.DUMP && blob.length() <= comparedBytesMax) {
                byte[] dump = copy.open(0, copy.sizeBytes()).readAllBytes();
                return new Opaque(blob.type(), Bytes.wrap(dump));
            }
            return blob;
        } catch (IOException e) {
            throw new TidemarkError(
                    ExitCode.UNEXPECTED,
                    "a large value cannot be kept on this machine's disk, in %s: %s. Make room, or name another directory by -Djava.io.tmpdir"
                            .formatted(SPOOL_DIRECTORY, e.getMessage()),
                    e);
        }
    }

    /** How many keys were taken away for it. */
    private long send(TargetRedis node, Change change, Blob blob, Spool copy, boolean mayBeThere) {
        if (blob.encoding() != Encoding.RAW) {
            return restore(node, change, copy, mayBeThere);
        }
        byte[] pieces = RestorePieces.of(part, change.key(), target.isCluster()).array();
        try {
            return build(node, change, copy, mayBeThere, pieces);
        } catch (TidemarkError failed) {
            takeBack(node, change.db(), pieces);
            throw failed;
        }
    }

    private static long restore(TargetRedis node, Change change, Spool copy, boolean mayBeThere) {
        try (RedisSocket redis = node.stream(change.db())) {
            byte[] key = change.key().array();
            long takenAway = mayBeThere ? takeAway(redis, key) : 0;
            redis.begin(5);
            redis.word(word("RESTORE"));
            redis.word(key);
            redis.word(word(Long.toString(change.expireAtMillis().orElse(0))));
            redis.word(copy.sizeBytes(), copy.open(0, copy.sizeBytes()));
            redis.word(word("ABSTTL"));
            redis.flush();
            require(node, "RESTORE", "OK", redis.line());
            return takenAway;
        } catch (IOException e) {
            throw RedisReplies.failed(node.address(), e, "");
        }
    }

    private static long build(TargetRedis node, Change change, Spool copy, boolean mayBeThere, byte[] pieces) {
        try (RedisSocket redis = node.stream(change.db())) {
            byte[] key = change.key().array();
            build(redis, node, pieces, copy);
            long takenAway = mayBeThere ? takeAway(redis, key) : 0;
            redis.send(word("RENAMENX"), pieces, key);
            require(node, "RENAMENX", "1", redis.line());
            expire(redis, node, change);
            return takenAway;
        } catch (IOException e) {
            throw RedisReplies.failed(node.address(), e, "");
        }
    }

    /** A target that refuses a piece, for it is full perhaps, need not keep those before. */
    private static void takeBack(TargetRedis node, int db, byte[] pieces) {
        try (RedisSocket redis = node.stream(db)) {
            takeAway(redis, pieces);
        } catch (IOException | TidemarkError unreachable) {
            // What failed before says why; the next restore of the same target takes them away.
        }
    }

    private static void build(RedisSocket redis, TargetRedis node, byte[] pieces, Spool copy) throws IOException {
        long sent = 0;
        do {
            long length = Math.min(PIECE_BYTES, copy.sizeBytes() - sent);
            redis.begin(3);
            redis.word(word(sent == 0 ? "SET" : "APPEND"));
            redis.word(pieces);
            redis.word(length, copy.open(sent, length));
            redis.flush();
            String expected = sent == 0 ? "OK" : Long.toString(sent + length);
            sent += length;
            require(node, "a piece of a string", expected, redis.line());
        } while (sent < copy.sizeBytes());
    }

    private static long takeAway(RedisSocket redis, byte[] key) throws IOException {
        redis.send(word("UNLINK"), key);
        return Long.parseLong(redis.line());
    }

    private static void expire(RedisSocket redis, TargetRedis node, Change change) throws IOException {
        if (change.expireAtMillis().isPresent()) {
            redis.send(
                    word("PEXPIREAT"),
                    change.key().array(),
                    word(Long.toString(change.expireAtMillis().getAsLong())));
            require(node, "PEXPIREAT", "1", redis.line());
        }
    }

    private static void require(TargetRedis node, String what, String expected, String answer) {
        if (!expected.equals(answer)) {
            throw TargetRedis.refused("%s was answered with %s instead of %s; is somebody else writing to %s?"
                    .formatted(what, answer, expected, node.address()));
        }
    }

    private static byte[] word(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
