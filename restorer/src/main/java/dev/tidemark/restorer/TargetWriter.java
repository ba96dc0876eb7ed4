package dev.tidemark.restorer;

import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.log.Value.Hash;
import dev.tidemark.schemas.log.Value.Opaque;
import dev.tidemark.schemas.log.Value.Text;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sends keys to the target, pipelined, with a bounded number of bytes on their way. Each reply is compared with the only
 * one that a key which was not there before can give.
 */
final class TargetWriter implements KeySink {
    private static final ByteArrayCodec CODEC = ByteArrayCodec.INSTANCE;
    private static final long FLUSH_BYTES = 128 << 10;
    /** What a command costs besides its arguments, here and in Redis's buffers. */
    private static final long COMMAND_BYTES = 64;
    /** Redis refuses a command with more than a million arguments, and stands still for a long one. */
    private static final int FIELDS_A_COMMAND_MAX = 1_000;

    private static final long FIELD_BYTES_A_COMMAND_MAX = 4L << 20;

    private final TargetRedis target;
    private final LargeValueWriter large;
    private final BytesInFlight inFlight;
    private final Map<Integer, StatefulRedisConnection<byte[], byte[]>> connections = new HashMap<>();
    private final Set<StatefulRedisConnection<byte[], byte[]>> unflushed = new HashSet<>();
    private long unflushedBytes;
    private long keys;
    private long bytes;

    TargetWriter(TargetRedis target, LargeValueWriter large, long bytesInFlightMax, Duration silenceMax) {
        this.target = target;
        this.large = large;
        this.inFlight = new BytesInFlight(bytesInFlightMax, silenceMax);
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

    @Override
    public Value write(Change change) throws InterruptedException {
        Value written = change.value();
        byte[] key = change.key().array();
        long size = change.key().length() + change.value().sizeBytes();
        if (change.value() instanceof Blob blob) {
            check();
            // What was sent goes on while this one waits for each of its answers.
            flush();
            written = large.write(change, blob);
            size = change.key().length() + blob.length();
        } else if (change.value() instanceof Text text) {
            status(change, CommandType.SET, args(key).add(text.bytes().array()), size);
            expire(change);
        } else if (change.value() instanceof Hash hash) {
            fields(change, hash);
            // Last: an expiry that came between two parts of a hash would leave the second part as a key of its own.
            expire(change);
        } else if (change.value() instanceof Opaque opaque) {
            long at = change.expireAtMillis().orElse(0);
            status(
                    change,
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
        flush();
        inFlight.awaitNone();
        check();
    }

    private void fields(Change change, Hash hash) throws InterruptedException {
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
            integer(change, CommandType.HSET, args, size, to - from);
            from = to;
        }
    }

    private void expire(Change change) throws InterruptedException {
        if (change.expireAtMillis().isPresent()) {
            byte[] key = change.key().array();
            long at = change.expireAtMillis().getAsLong();
            integer(change, CommandType.PEXPIREAT, args(key).add(at), key.length, 1);
        }
    }

    private void status(Change change, CommandType type, CommandArgs<byte[], byte[]> args, long size)
            throws InterruptedException {
        send(change.db(), type, new StatusOutput<>(CODEC), args, size, "OK");
    }

    private void integer(Change change, CommandType type, CommandArgs<byte[], byte[]> args, long size, long expected)
            throws InterruptedException {
        send(change.db(), type, new IntegerOutput<>(CODEC), args, size, expected);
    }

    private <T> void send(
            int db,
            CommandType type,
            CommandOutput<byte[], byte[], T> output,
            CommandArgs<byte[], byte[]> args,
            long argumentBytes,
            T expected)
            throws InterruptedException {
        check();
        long size = argumentBytes + COMMAND_BYTES;
        if (unflushedBytes >= FLUSH_BYTES || !inFlight.isRoomFor(size)) {
            flush();
        }
        inFlight.add(size);
        check();
        StatefulRedisConnection<byte[], byte[]> connection = connection(db);
        unflushed.add(connection);
        unflushedBytes += size;
        connection.async().dispatch(type, output, args).whenComplete((reply, failure) -> {
            Throwable outcome = failure == null && !expected.equals(reply)
                    ? TargetRedis.refused("%s was answered with %s instead of %s; is somebody else writing to %s?"
                            .formatted(type.name(), reply, expected, target.address()))
                    : failure;
            inFlight.answered(size, outcome);
        });
    }

    private void flush() {
        unflushed.forEach(StatefulRedisConnection::flushCommands);
        unflushed.clear();
        unflushedBytes = 0;
    }

    private StatefulRedisConnection<byte[], byte[]> connection(int db) {
        return connections.computeIfAbsent(db, each -> {
            StatefulRedisConnection<byte[], byte[]> connection = target.open(each);
            connection.setAutoFlushCommands(false);
            return connection;
        });
    }

    private void check() {
        inFlight.failure().ifPresent(failure -> {
            throw RedisReplies.failed(target.address(), failure, "");
        });
    }

    private static CommandArgs<byte[], byte[]> args(byte[] key) {
        return new CommandArgs<>(CODEC).addKey(key);
    }
}
