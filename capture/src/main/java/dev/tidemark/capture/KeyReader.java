package dev.tidemark.capture;

import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.HashSlot;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.redis.RedisAddress;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Reads keys of one node: value, expiry and Redis's clock in one transaction, so that they are of one instant. Pipelined:
 * reads are queued, {@link #flush} sends them, several to a transaction.
 *
 * <p>A key's type is not known before it is read: it is guessed, and asked for anew if the guess was wrong. Each try is a whole
 * reading of its own, so a key that changes its type between two tries is still read truly.
 */
final class KeyReader implements AutoCloseable {
    /** What came of a read. */
    sealed interface Outcome {
        /**
         * The state of the key at that time.
         *
         * <p>The value is counted as in flight until whoever takes it says that it is not.
         */
        record State(long timeMicros, Value value, OptionalLong expireAtMillis) implements Outcome {}

        /** The key is something else; read it as that. */
        record OtherShape(Shape shape) implements Outcome {}

        /** The key is something else, and Redis does not say what. */
        record WrongShape() implements Outcome {}

        /** The value is larger than what is read into memory; of this type it was when that was found. */
        record TooLarge(String type) implements Outcome {}

        /** The server would not, or the connection is gone. */
        record Failed(String why) implements Outcome {}
    }

    /** What a key is taken to be. */
    enum Shape {
        HASH("HGETALL"),
        STRING("GET"),
        /** Any other type; also a hash of a database in which fields expire, since HGETALL does not tell when. */
        OTHER("DUMP");

        private final String command;

        Shape(String command) {
            this.command = command;
        }

        String command() {
            return command;
        }

        /** What a key may be that is not this; DUMP takes any, but asks for the type, and is slow. */
        Shape next() {
            return switch (this) {
                case HASH -> STRING;
                case STRING -> HASH;
                case OTHER -> OTHER;
            };
        }

        static Shape of(String type) {
            return switch (type) {
                case "hash" -> HASH;
                case "string" -> STRING;
                default -> OTHER;
            };
        }
    }

    private final boolean cluster;
    private final Map<Integer, ReadConnection> connections = new HashMap<>();
    private final Map<Integer, List<KeyRead>> queued = new HashMap<>();

    /**
     * Connects, and makes sure that it is to the server with this run id; blocks.
     *
     * @param cluster whether only keys of one slot can be read together
     * @param valueBytesMax a larger value is not read
     */
    KeyReader(
            RedisAddress address,
            boolean cluster,
            List<Integer> databases,
            String runId,
            long valueBytesMax,
            ValuesInFlight inFlight,
            Mailbox mailbox) {
        this.cluster = cluster;
        try {
            for (int db : databases) {
                connections.put(db, new ReadConnection(address, db, runId, valueBytesMax, inFlight, mailbox));
                queued.put(db, new ArrayList<>());
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    static void requireRunId(StatefulRedisConnection<byte[], byte[]> connection, String runId) {
        requireRunId(WatchLink.info(connection), runId);
    }

    static void requireRunId(ServerInfo server, String runId) {
        String found = server.text("run_id");
        if (!found.equals(runId)) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "a connection reached run id %s where the watch is on %s; it is not used".formatted(found, runId));
        }
    }

    /** Queues a read; there will be one outcome, which comes through the mailbox. */
    void read(KeyRef ref, Shape shape, Consumer<Outcome> outcome) {
        queued.get(ref.db()).add(new KeyRead(ref, shape, outcome));
    }

    void flush() {
        queued.forEach((db, reads) -> {
            if (!reads.isEmpty()) {
                send(connections.get(db), reads);
                reads.clear();
            }
        });
    }

    private void send(ReadConnection connection, List<KeyRead> reads) {
        int keys = connection.keysABatch();
        List<KeyRead> batch = new ArrayList<>();
        for (KeyRead read : reads) {
            if (batch.size() == keys || (!batch.isEmpty() && cluster && !sameSlot(batch.get(0), read))) {
                connection.send(new ReadBatch(batch));
                batch = new ArrayList<>();
            }
            batch.add(read);
        }
        connection.send(new ReadBatch(batch));
    }

    private static boolean sameSlot(KeyRead one, KeyRead other) {
        return HashSlot.of(one.ref().key()) == HashSlot.of(other.ref().key());
    }

    boolean alive() {
        return connections.values().stream().allMatch(ReadConnection::alive);
    }

    /** Whatever was asked for and not answered has failed. */
    @Override
    public void close() {
        connections.values().forEach(ReadConnection::close);
        queued.values().forEach(reads -> {
            reads.forEach(read -> read.outcome().accept(new Outcome.Failed("the connection was given up")));
            reads.clear();
        });
    }
}
