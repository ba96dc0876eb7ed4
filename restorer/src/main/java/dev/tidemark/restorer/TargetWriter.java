package dev.tidemark.restorer;

import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.log.Value.Hash;
import dev.tidemark.schemas.log.Value.Opaque;
import dev.tidemark.schemas.log.Value.Text;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Sends keys to the target, each whole. Each reply is compared with the only one that a key which was not there before can
 * give; where others may be there, each key is taken away right before it is written.
 */
final class TargetWriter implements KeySink {
    /** Redis refuses a command with more than a million arguments, and stands still for a long one. */
    private static final int FIELDS_A_COMMAND_MAX = 1_000;

    private static final long FIELD_BYTES_A_COMMAND_MAX = 4L << 20;

    private static final byte[] SET = word("SET");
    private static final byte[] HSET = word("HSET");
    private static final byte[] RESTORE = word("RESTORE");
    private static final byte[] ABSTTL = word("ABSTTL");
    private static final byte[] PEXPIREAT = word("PEXPIREAT");
    private static final byte[] UNLINK = word("UNLINK");
    private static final Predicate<String> OK = "OK"::equals;

    private final TargetPrimaries target;
    private final LargeValueWriter large;
    private final TargetPipeline pipeline;
    private final boolean writesOver;
    private final AtomicLong writtenOver = new AtomicLong();
    private long keys;
    private long bytes;
    private boolean finished;

    /** @param writesOver whether keys may be there, which are then replaced whole */
    TargetWriter(TargetPrimaries target, LargeValueWriter large, TargetPipeline pipeline, boolean writesOver) {
        this.target = target;
        this.large = large;
        this.pipeline = pipeline;
        this.writesOver = writesOver;
    }

    /** Sent; whether the target took them all shows {@link #finish}. */
    @Override
    public long keys() {
        return keys;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    /** How many keys were there before. */
    long writtenOver() {
        return writtenOver.get();
    }

    @Override
    public Value write(Change change) throws InterruptedException {
        Value written = change.value();
        // All commands of a key to one server, so that they stay in order even if it sends them elsewhere.
        TargetRedis node = target.of(change.key());
        byte[] key = change.key().array();
        long size = change.key().length() + change.value().sizeBytes();
        if (!(change.value() instanceof Blob) && writesOver) {
            takeAway(node, change);
        }
        if (change.value() instanceof Blob blob) {
            pipeline.check();
            // What was sent goes on while this one waits for each of its answers.
            pipeline.flush();
            written = large.write(change, blob, writesOver, writtenOver::addAndGet);
            size = change.key().length() + blob.length();
        } else if (change.value() instanceof Text text) {
            pipeline.send(node, change.db(), List.of(SET, key, text.bytes().array()), OK);
            expire(node, change);
        } else if (change.value() instanceof Hash hash) {
            fields(node, change, hash);
            // Last: an expiry that came between two parts of a hash would leave the second part as a key of its own.
            expire(node, change);
        } else if (change.value() instanceof Opaque opaque) {
            byte[] at = word(change.expireAtMillis().orElse(0));
            pipeline.send(
                    node, change.db(), List.of(RESTORE, key, at, opaque.dump().array(), ABSTTL), OK);
        } else {
            throw new IllegalArgumentException("a key that is absent is not written");
        }
        keys++;
        bytes += size;
        return written;
    }

    /** Waits for every answer. */
    @Override
    public void finish() throws InterruptedException {
        pipeline.finish();
        finished = true;
    }

    /** Whether the target took every key. */
    boolean isFinished() {
        return finished;
    }

    private void takeAway(TargetRedis node, Change change) throws InterruptedException {
        pipeline.send(node, change.db(), List.of(UNLINK, change.key().array()), reply -> {
            boolean wasThere = reply.equals("1");
            writtenOver.addAndGet(wasThere ? 1 : 0);
            return wasThere || reply.equals("0");
        });
    }

    private void fields(TargetRedis node, Change change, Hash hash) throws InterruptedException {
        List<Field> fields = hash.fields();
        int from = 0;
        while (from < fields.size()) {
            List<byte[]> words = new ArrayList<>();
            words.add(HSET);
            words.add(change.key().array());
            long size = change.key().length();
            int to = from;
            while (to < fields.size()
                    && to - from < FIELDS_A_COMMAND_MAX
                    && (to == from || size < FIELD_BYTES_A_COMMAND_MAX)) {
                Field field = fields.get(to++);
                words.add(field.name().array());
                words.add(field.value().array());
                size += field.name().length() + (long) field.value().length();
            }
            pipeline.send(node, change.db(), words, Integer.toString(to - from)::equals);
            from = to;
        }
    }

    private void expire(TargetRedis node, Change change) throws InterruptedException {
        if (change.expireAtMillis().isPresent()) {
            byte[] at = word(change.expireAtMillis().getAsLong());
            pipeline.send(node, change.db(), List.of(PEXPIREAT, change.key().array(), at), "1"::equals);
        }
    }

    private static byte[] word(long number) {
        return word(Long.toString(number));
    }

    private static byte[] word(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
