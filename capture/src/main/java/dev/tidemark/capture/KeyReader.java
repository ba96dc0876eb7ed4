package dev.tidemark.capture;

import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.Value;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.output.ValueListOutput;
import io.lettuce.core.output.ValueOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Reads keys: value, expiry and Redis's clock in one transaction, so that they are of one instant. Pipelined: reads are
 * queued, {@link #flush} sends them.
 *
 * <p>A key's type is not known before it is read: it is guessed, and asked for anew if the guess was wrong. Each try is a whole
 * reading of its own, so a key that changes its type between two tries is still read truly.
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // A transaction is one EXEC; the futures of its commands tell nothing more.
final class KeyReader implements AutoCloseable {
    private static final int FIRST_WITH_PEXPIRETIME = 70000;
    private static final int FIRST_WITH_NO_TOUCH = 70200;

    /** What came of a read. */
    sealed interface Outcome {
        /** The state of the key at that time. */
        record State(long timeMicros, Value value, OptionalLong expireAtMillis) implements Outcome {}

        /** The key is something else; read it as that. */
        record OtherShape(Shape shape) implements Outcome {}

        /** The server would not, or the connection is gone. */
        record Failed(String why) implements Outcome {}
    }

    /** What a key is taken to be. */
    enum Shape {
        HASH(CommandType.HGETALL),
        STRING(CommandType.GET),
        OTHER(CommandType.DUMP);

        private final CommandType read;

        Shape(CommandType read) {
            this.read = read;
        }
    }

    private final Map<Integer, StatefulRedisConnection<byte[], byte[]>> connections = new HashMap<>();
    private final boolean expiryIsAbsolute;

    /** Connects, and makes sure that it is to the server with this run id; blocks. */
    KeyReader(RedisServerLink server, List<Integer> databases, String runId, int version) {
        this.expiryIsAbsolute = version >= FIRST_WITH_PEXPIRETIME;
        try {
            for (int db : databases) {
                StatefulRedisConnection<byte[], byte[]> connection = server.commands(db);
                connections.put(db, connection);
                requireRunId(connection, runId);
                if (version >= FIRST_WITH_NO_TOUCH) {
                    connection.sync().clientNoTouch(true);
                }
                connection.setAutoFlushCommands(false);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    static void requireRunId(StatefulRedisConnection<byte[], byte[]> connection, String runId) {
        String found = WatchLink.info(connection).text("run_id");
        if (!found.equals(runId)) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "a connection reached run id %s where the watch is on %s; it is not used".formatted(found, runId));
        }
    }

    /** Queues a read; the outcome arrives on a network thread. For one thread: transactions must not interleave. */
    void read(KeyRef ref, Shape shape, Consumer<Outcome> outcome) {
        byte[] key = ref.key().array();
        RedisAsyncCommands<byte[], byte[]> redis = connections.get(ref.db()).async();
        redis.multi();
        redis.time();
        redis.dispatch(
                expiryIsAbsolute ? CommandType.PEXPIRETIME : CommandType.PTTL, new IntegerOutput<>(codec()), args(key));
        if (shape == Shape.HASH) {
            redis.dispatch(shape.read, new ValueListOutput<>(codec()), args(key));
        } else {
            redis.dispatch(shape.read, new ValueOutput<>(codec()), args(key));
            redis.dispatch(CommandType.TYPE, new StatusOutput<>(codec()), args(key));
        }
        redis.exec().whenComplete((answers, failure) -> {
            if (failure != null) {
                outcome.accept(new Outcome.Failed(String.valueOf(failure.getMessage())));
            } else {
                outcome.accept(judged(shape, answers));
            }
        });
    }

    /** Whatever the answer is, there is an outcome: a read without one would leave its key open for ever. */
    private Outcome judged(Shape shape, TransactionResult answers) {
        try {
            return judge(shape, answers);
        } catch (RuntimeException e) {
            return new Outcome.Failed(
                    "an answer cannot be read: " + e.getClass().getSimpleName());
        }
    }

    private Outcome judge(Shape shape, TransactionResult answers) {
        long micros = WatchLink.micros(answers.get(0));
        Object expiry = answers.get(1);
        Object answer = answers.get(2);
        if (shape == Shape.HASH) {
            if (answer instanceof RedisCommandExecutionException refused) {
                return String.valueOf(refused.getMessage()).startsWith("WRONGTYPE")
                        ? new Outcome.OtherShape(Shape.STRING)
                        : new Outcome.Failed(refused.getMessage());
            }
            List<byte[]> flat = answers.get(2);
            return flat.isEmpty() ? absent(micros) : new Outcome.State(micros, hash(flat), expireAt(expiry, micros));
        }
        String type = answers.get(3);
        if (type.equals("none")) {
            return absent(micros);
        }
        Shape actual = type.equals("hash") ? Shape.HASH : type.equals("string") ? Shape.STRING : Shape.OTHER;
        if (actual != shape) {
            return new Outcome.OtherShape(actual);
        }
        if (answer instanceof RedisCommandExecutionException refused) {
            return new Outcome.Failed(String.valueOf(refused.getMessage()));
        }
        Bytes bytes = Bytes.wrap(answers.get(2));
        return new Outcome.State(
                micros,
                shape == Shape.STRING ? new Value.Text(bytes) : new Value.Opaque(type, bytes),
                expireAt(expiry, micros));
    }

    private static Outcome absent(long micros) {
        return new Outcome.State(micros, new Value.Absent(), OptionalLong.empty());
    }

    private static Value.Hash hash(List<byte[]> flat) {
        List<Value.Field> fields = new ArrayList<>(flat.size() / 2);
        for (int i = 0; i < flat.size(); i += 2) {
            fields.add(new Value.Field(Bytes.wrap(flat.get(i)), Bytes.wrap(flat.get(i + 1))));
        }
        return new Value.Hash(fields);
    }

    private OptionalLong expireAt(Object answer, long nowMicros) {
        long expiry = (long) answer;
        if (expiry < 0) {
            return OptionalLong.empty();
        }
        // Before 7.0 only the remaining time can be had: a millisecond of jitter.
        return OptionalLong.of(expiryIsAbsolute ? expiry : nowMicros / 1_000 + expiry);
    }

    void flush() {
        connections.values().forEach(StatefulRedisConnection::flushCommands);
    }

    boolean alive() {
        return connections.values().stream().allMatch(StatefulRedisConnection::isOpen);
    }

    @Override
    public void close() {
        connections.values().forEach(StatefulRedisConnection::closeAsync);
    }

    private static ByteArrayCodec codec() {
        return ByteArrayCodec.INSTANCE;
    }

    private static CommandArgs<byte[], byte[]> args(byte[] key) {
        return new CommandArgs<>(codec()).addKey(key);
    }
}
