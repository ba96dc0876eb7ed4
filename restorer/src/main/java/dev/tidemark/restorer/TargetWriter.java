package dev.tidemark.restorer;

import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.log.Value.Hash;
import dev.tidemark.schemas.log.Value.Opaque;
import dev.tidemark.schemas.log.Value.Text;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Sends keys to the target, each whole. Each reply is compared with the only one that a key which was not there before can
 * give; where others may be there, each key is taken away right before it is written.
 */
final class TargetWriter implements KeySink {
    /** Redis refuses a command with more than a million arguments, and stands still for a long one. */
    private static final int FIELDS_A_COMMAND_MAX = 1_000;

    private static final long FIELD_BYTES_A_COMMAND_MAX = 4L << 20;

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
            pipeline.status(
                    node,
                    change.db(),
                    CommandType.SET,
                    args(key).add(text.bytes().array()),
                    size);
            expire(node, change);
        } else if (change.value() instanceof Hash hash) {
            fields(node, change, hash);
            // Last: an expiry that came between two parts of a hash would leave the second part as a key of its own.
            expire(node, change);
        } else if (change.value() instanceof Opaque opaque) {
            long at = change.expireAtMillis().orElse(0);
            pipeline.status(
                    node,
                    change.db(),
                    CommandType.RESTORE,
                    args(key).add(at).add(opaque.dump().array()).add("ABSTTL"),
                    size);
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
        byte[] key = change.key().array();
        LongConsumer count = there -> writtenOver.addAndGet(there);
        pipeline.integer(node, change.db(), CommandType.UNLINK, args(key), key.length, there -> {
            count.accept(there);
            return there == 0 || there == 1;
        });
    }

    private void fields(TargetRedis node, Change change, Hash hash) throws InterruptedException {
        List<Field> fields = hash.fields();
        int from = 0;
        while (from < fields.size()) {
            CommandArgs<byte[], byte[]> args = args(change.key().array());
            long size = change.key().length();
            int to = from;
            while (to < fields.size()
                    && to - from < FIELDS_A_COMMAND_MAX
                    && (to == from || size < FIELD_BYTES_A_COMMAND_MAX)) {
                Field field = fields.get(to++);
                args.add(field.name().array()).add(field.value().array());
                size += field.name().length() + (long) field.value().length();
            }
            long added = (long) to - from;
            pipeline.integer(node, change.db(), CommandType.HSET, args, size, reply -> reply == added);
            from = to;
        }
    }

    private void expire(TargetRedis node, Change change) throws InterruptedException {
        if (change.expireAtMillis().isPresent()) {
            byte[] key = change.key().array();
            long at = change.expireAtMillis().getAsLong();
            pipeline.integer(
                    node, change.db(), CommandType.PEXPIREAT, args(key).add(at), key.length, reply -> reply == 1);
        }
    }

    private static CommandArgs<byte[], byte[]> args(byte[] key) {
        return new CommandArgs<>(TargetPipeline.CODEC).addKey(key);
    }
}
