package dev.tidemark.restorer;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Commands to the servers of a target, sent without waiting for their answers, with a bounded number of bytes on their
 * way. What a node of a Cluster sends elsewhere is sent there, command by command, before anything new is sent. For one
 * thread.
 */
final class TargetPipeline {
    static final ByteArrayCodec CODEC = ByteArrayCodec.INSTANCE;

    private static final long FLUSH_BYTES = 128 << 10;
    /** What a command costs besides its arguments, here and in Redis's buffers. */
    private static final long COMMAND_BYTES = 64;

    private final TargetPrimaries target;
    private final Duration silenceMax;
    private final BytesInFlight inFlight;
    private final Map<Line, StatefulRedisConnection<byte[], byte[]>> connections = new HashMap<>();
    private final Set<StatefulRedisConnection<byte[], byte[]>> unflushed = new HashSet<>();
    private final Queue<Sent<?>> redirected = new ConcurrentLinkedQueue<>();
    private long unflushedBytes;

    private record Line(TargetRedis node, int db) {}

    /** @param bytesInFlightMax of all servers together */
    TargetPipeline(TargetPrimaries target, long bytesInFlightMax, Duration silenceMax) {
        this.target = target;
        this.silenceMax = silenceMax;
        this.inFlight = new BytesInFlight(bytesInFlightMax, silenceMax);
    }

    /** A command and the answer that is right. */
    private record Sent<T>(
            TargetRedis node,
            int db,
            CommandType type,
            CommandArgs<byte[], byte[]> args,
            Supplier<CommandOutput<byte[], byte[], T>> output,
            Predicate<T> isRight,
            Redirection elsewhere) {
        Sent<T> redirected(TargetRedis from, Redirection to) {
            return new Sent<>(from, db, type, args, output, isRight, to);
        }

        AsyncCommand<byte[], byte[], T> command() {
            return new AsyncCommand<>(new Command<>(type, output.get(), args));
        }

        Throwable wrong(T reply, String address) {
            return TargetRedis.refused(
                    "%s was answered with %s, which is not right for a key that nobody else writes; is somebody else writing to %s?"
                            .formatted(type.name(), reply, address));
        }
    }

    void status(TargetRedis node, int db, CommandType type, CommandArgs<byte[], byte[]> args, long size)
            throws InterruptedException {
        send(new Sent<String>(node, db, type, args, () -> new StatusOutput<>(CODEC), "OK"::equals, null), size);
    }

    void integer(
            TargetRedis node,
            int db,
            CommandType type,
            CommandArgs<byte[], byte[]> args,
            long size,
            LongPredicate isRight)
            throws InterruptedException {
        send(new Sent<Long>(node, db, type, args, () -> new IntegerOutput<>(CODEC), isRight::test, null), size);
    }

    private <T> void send(Sent<T> sent, long argumentBytes) throws InterruptedException {
        check();
        follow();
        long size = argumentBytes + COMMAND_BYTES;
        if (unflushedBytes >= FLUSH_BYTES || !inFlight.isRoomFor(size)) {
            flush();
        }
        inFlight.add(size);
        check();
        StatefulRedisConnection<byte[], byte[]> connection = connection(sent.node(), sent.db());
        unflushed.add(connection);
        unflushedBytes += size;
        AsyncCommand<byte[], byte[], T> command = sent.command();
        CompletionStage<T> answer = command;
        answer.whenComplete((reply, failure) -> inFlight.answered(size, outcome(sent, reply, failure)));
        connection.dispatch(command);
    }

    /** Nothing for an answer that is right, or that sends us elsewhere. */
    private <T> Throwable outcome(Sent<T> sent, T reply, Throwable failure) {
        if (failure == null) {
            return sent.isRight().test(reply)
                    ? null
                    : sent.wrong(reply, sent.node().address());
        }
        Optional<Redirection> elsewhere = Redirection.of(failure);
        elsewhere.ifPresent(there -> redirected.add(sent.redirected(sent.node(), there)));
        return elsewhere.isPresent() ? null : failure;
    }

    /** In the order of the answers, which is that of the commands of each key. */
    private void follow() throws InterruptedException {
        for (Sent<?> next = redirected.poll(); next != null; next = redirected.poll()) {
            follow(next);
        }
    }

    private <T> void follow(Sent<T> first) throws InterruptedException {
        long beganNanos = System.nanoTime();
        Sent<T> sent = first;
        while (true) {
            TargetRedis node = target.follow(sent.node(), sent.elsewhere());
            AsyncCommand<byte[], byte[], T> command = sent.command();
            try {
                ask(node, sent, command);
                T reply = command.get(silenceMax.toMillis(), TimeUnit.MILLISECONDS);
                if (!sent.isRight().test(reply)) {
                    throw RedisReplies.failed(node.address(), sent.wrong(reply, node.address()), "");
                }
                return;
            } catch (ExecutionException e) {
                Optional<Redirection> elsewhere = Redirection.of(e.getCause());
                if (elsewhere.isEmpty() || System.nanoTime() - beganNanos > silenceMax.toNanos()) {
                    throw RedisReplies.failed(node.address(), e, "");
                }
                // Two nodes that do not agree yet send us to and fro.
                TargetPrimaries.pause();
                sent = sent.redirected(node, elsewhere.get());
            } catch (TimeoutException e) {
                throw RedisReplies.failed(node.address(), e, "");
            }
        }
    }

    private <T> void ask(TargetRedis node, Sent<T> sent, AsyncCommand<byte[], byte[], T> command) {
        StatefulRedisConnection<byte[], byte[]> connection = connection(node, sent.db());
        if (sent.elsewhere().isForNow()) {
            connection.dispatch(new AsyncCommand<>(
                    new Command<>(CommandType.ASKING, new StatusOutput<>(CODEC), new CommandArgs<>(CODEC))));
        }
        connection.dispatch(command);
        connection.flushCommands();
    }

    void flush() {
        unflushed.forEach(StatefulRedisConnection::flushCommands);
        unflushed.clear();
        unflushedBytes = 0;
    }

    /** Waits for every answer. */
    void finish() throws InterruptedException {
        flush();
        inFlight.awaitNone();
        check();
        follow();
    }

    private StatefulRedisConnection<byte[], byte[]> connection(TargetRedis node, int db) {
        return connections.computeIfAbsent(new Line(node, db), each -> {
            StatefulRedisConnection<byte[], byte[]> connection = node.open(db);
            connection.setAutoFlushCommands(false);
            return connection;
        });
    }

    /** Throws the first thing that went wrong. */
    void check() {
        inFlight.failure().ifPresent(failure -> {
            throw RedisReplies.failed(target.address(), failure, "");
        });
    }
}
