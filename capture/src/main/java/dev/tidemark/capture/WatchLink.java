package dev.tidemark.capture;

import dev.tidemark.capture.proof.BeatReply;
import dev.tidemark.capture.proof.Signal;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.api.push.PushMessage;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The connections of one watch: two for signals, each with its own fate, and one for beats. Opened once, never mended: when
 * one breaks the watch is over.
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // A transaction is one EXEC; the futures of its commands tell nothing more.
final class WatchLink implements AutoCloseable {
    /** Where the signals go. Called on network threads, in the order of arrival on each connection. */
    interface Listener {
        /**
         * Keys may have changed.
         *
         * @param db -1 where the signal does not say
         */
        void touched(WatchLink link, int db, List<Bytes> keys, String event);

        void canarySeen(WatchLink link, Signal signal);

        /** The server says that everything may have changed. */
        void allTouched(WatchLink link);

        void beatReplied(WatchLink link, BeatReply reply);

        /** The beat changed nothing, for this reason. */
        void beatRefused(WatchLink link, String why);

        void ponged(WatchLink link, Signal signal);

        void broken(WatchLink link, String what);
    }

    private static final String KEYSPACE_FLAGS = "KA";
    private static final byte[] UNUSED_CHANNEL = "tidemark:unused".getBytes(StandardCharsets.US_ASCII);

    private final String watch;
    private final Listener listener;
    private final StatefulRedisConnection<byte[], byte[]> commands;
    private final StatefulRedisPubSubConnection<byte[], byte[]> tracking;
    private final StatefulRedisPubSubConnection<byte[], byte[]> notifications;
    private final String runId;
    private final int version;
    private final Canary canary;
    private long nowMicros;
    private volatile boolean closed;

    /** Connects, switches both signals on and finds a place for the canary; blocks. */
    WatchLink(RedisServerLink server, CapturedKeys keys, String source, String watch, Listener listener) {
        this.watch = watch;
        this.listener = listener;
        this.commands = server.commands(keys.canaryDatabase());
        try {
            ServerInfo info = info(commands);
            this.runId = info.text("run_id");
            this.version = info.version();
            this.tracking = server.signals();
            this.notifications = server.signals();
            requireSameServer(tracking);
            requireSameServer(notifications);
            switchNotificationsOn();
            // Listeners first: a signal between subscribing and listening would be lost without a trace.
            breakWith(commands, "command connection lost");
            breakWith(tracking, "tracking connection lost");
            breakWith(notifications, "notification connection lost");
            nowMicros = micros(commands.sync().time());
            this.canary = Canary.settle(commands.sync(), source, watch, server.node(), runId, nowMicros);
            startTracking(keys);
            subscribe(keys);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Whether nothing broke between connecting and now. */
    boolean alive() {
        return !closed && commands.isOpen() && tracking.isOpen() && notifications.isOpen();
    }

    String runId() {
        return runId;
    }

    int version() {
        return version;
    }

    /** Writes the canary and takes the time, in one transaction. */
    void beat(long n) {
        RedisAsyncCommands<byte[], byte[]> redis = commands.async();
        redis.multi();
        redis.time();
        redis.hmget(canary.key(), Canary.proofFields());
        redis.dispatch(CommandType.HSET, new IntegerOutput<>(ByteArrayCodec.INSTANCE), canary.write(n, nowMicros));
        redis.info("server");
        redis.info("commandstats");
        redis.info("replication");
        redis.info("stats");
        redis.exec().whenComplete((answers, failure) -> {
            if (failure == null) {
                answer(answers);
            } else if (failure instanceof RedisCommandExecutionException) {
                listener.beatRefused(this, failure.getMessage());
            } else {
                // Perhaps it was written, perhaps not: no later read-back could be judged.
                listener.broken(this, "the outcome of a beat is unknown");
            }
        });
    }

    private void answer(TransactionResult answers) {
        BeatReply reply;
        try {
            reply = reply(answers);
        } catch (RuntimeException e) {
            // Written, perhaps, but not readable: this barrier proves nothing, and neither would the next.
            listener.broken(this, "a beat's answer cannot be read: " + e.getMessage());
            return;
        }
        nowMicros = reply.timeMicros();
        listener.beatReplied(this, reply);
    }

    private static BeatReply reply(TransactionResult answers) {
        for (Object answer : answers) {
            if (answer instanceof RuntimeException refused) {
                throw refused;
            }
        }
        List<byte[]> time = answers.get(0);
        List<KeyValue<byte[], byte[]>> readBack = answers.get(1);
        ServerInfo info = new ServerInfo();
        for (int section = 3; section < answers.size(); section++) {
            String text = answers.get(section);
            info.add(text.getBytes(StandardCharsets.UTF_8));
        }
        return new BeatReply(
                micros(time),
                Canary.readBack(readBack),
                info.text("run_id"),
                info.text("master_replid"),
                info.text("role"),
                info.number("total_commands_processed"),
                info.calls("flushall") + info.calls("flushdb") + info.calls("swapdb"),
                info.number("evicted_keys"));
    }

    void pingAll() {
        ping(Signal.TRACKING, tracking);
        ping(Signal.NOTIFICATIONS, notifications);
    }

    private void ping(Signal signal, StatefulRedisPubSubConnection<byte[], byte[]> connection) {
        connection.async().ping().whenComplete((pong, failure) -> {
            // An error reply is no PONG.
            if (failure == null) {
                listener.ponged(this, signal);
            } else {
                listener.broken(this, signal + " connection refused a PING");
            }
        });
    }

    private void startTracking(CapturedKeys keys) {
        tracking.addListener((PushMessage push) -> {
            if (push.getType().equals("invalidate")) {
                invalidated(push);
            }
        });
        // Puts the connection under the pubsub output-buffer limit; without it a stopped reader would cost the server
        // memory without bound.
        await(tracking.async().subscribe(UNUSED_CHANNEL));
        CommandArgs<byte[], byte[]> args = new CommandArgs<>(ByteArrayCodec.INSTANCE)
                .add("TRACKING")
                .add("ON")
                .add("BCAST");
        for (Bytes prefix : keys.trackedPrefixes()) {
            args.add("PREFIX").add(prefix.array());
        }
        await(tracking.async().dispatch(CommandType.CLIENT, new StatusOutput<>(ByteArrayCodec.INSTANCE), args));
    }

    private void invalidated(PushMessage push) {
        List<Object> content = push.getContent();
        if (!(content.size() > 1 && content.get(1) instanceof List<?> names)) {
            listener.allTouched(this);
            return;
        }
        List<Bytes> touched = new ArrayList<>(names.size());
        boolean beat = false;
        for (Object name : names) {
            Bytes key = Bytes.copyOf((ByteBuffer) name);
            if (canary.is(key)) {
                beat = true;
            } else {
                touched.add(key);
            }
        }
        // The canary last: it speaks for what came with it.
        if (!touched.isEmpty()) {
            listener.touched(this, -1, touched, "");
        }
        if (beat) {
            listener.canarySeen(this, Signal.TRACKING);
        }
    }

    private void subscribe(CapturedKeys keys) {
        notifications.addListener(new RedisPubSubAdapter<byte[], byte[]>() {
            @Override
            public void message(byte[] pattern, byte[] channel, byte[] message) {
                notified(channel, message);
            }
        });
        await(notifications.async().psubscribe(keys.channelPatterns().toArray(byte[][]::new)));
    }

    private void notified(byte[] channel, byte[] message) {
        // __keyspace@<db>__:<key>, and a key may hold any byte, colons too: only the first one divides.
        int at = indexOf(channel, '@');
        int colon = indexOf(channel, ':');
        int db = Integer.parseInt(new String(channel, at + 1, colon - at - 3, StandardCharsets.US_ASCII));
        byte[] key = new byte[channel.length - colon - 1];
        System.arraycopy(channel, colon + 1, key, 0, key.length);
        Bytes touched = Bytes.wrap(key);
        if (canary.is(touched)) {
            listener.canarySeen(this, Signal.NOTIFICATIONS);
        } else {
            listener.touched(this, db, List.of(touched), new String(message, StandardCharsets.UTF_8));
        }
    }

    private static int indexOf(byte[] bytes, char wanted) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        throw new IllegalArgumentException("not a keyspace channel");
    }

    /** Adds what we need to what is set. Where CONFIG is refused, the canary will tell whether it is on. */
    private void switchNotificationsOn() {
        try {
            Map<String, String> set = commands.sync().configGet("notify-keyspace-events");
            String flags = set.getOrDefault("notify-keyspace-events", "");
            if (!flags.contains("K") || !flags.contains("A")) {
                commands.sync().configSet("notify-keyspace-events", flags + KEYSPACE_FLAGS);
            }
        } catch (RedisCommandExecutionException refused) {
            CaptureLog.notificationsNotConfigurable(refused.getMessage());
        }
    }

    private void requireSameServer(StatefulRedisPubSubConnection<byte[], byte[]> connection) {
        String other = info(connection).text("run_id");
        if (!other.equals(runId)) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "two connections to one address reached two servers (run ids %s and %s); use an address that leads to the primary alone"
                            .formatted(runId, other));
        }
    }

    static ServerInfo info(StatefulRedisConnection<byte[], byte[]> connection) {
        return new ServerInfo().add(connection.sync().info("server").getBytes(StandardCharsets.UTF_8));
    }

    private void breakWith(StatefulConnection<byte[], byte[]> connection, String what) {
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> gone) {
                if (!closed) {
                    listener.broken(WatchLink.this, what);
                }
            }
        });
    }

    static long micros(List<byte[]> time) {
        return Long.parseLong(new String(time.get(0), StandardCharsets.US_ASCII)) * 1_000_000
                + Long.parseLong(new String(time.get(1), StandardCharsets.US_ASCII));
    }

    private void await(java.util.concurrent.Future<?> answer) {
        try {
            answer.get(commands.getTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "Redis refuses what a watch needs: " + e.getCause().getMessage()
                            + ". Nothing was changed; the user needs CLIENT TRACKING and SUBSCRIBE",
                    e.getCause());
        } catch (java.util.concurrent.TimeoutException e) {
            throw new TidemarkError(ExitCode.UNREACHABLE, "Redis does not answer while a watch is set up", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNREACHABLE, "interrupted while a watch was set up", e);
        }
    }

    /** An orderly end: the canary goes too. */
    void retire() {
        if (!closed && commands.isOpen()) {
            commands.async().del(canary.key());
        }
        close();
    }

    @Override
    public void close() {
        closed = true;
        for (StatefulConnection<byte[], byte[]> connection :
                java.util.Arrays.asList(tracking, notifications, commands)) {
            if (connection != null) {
                connection.closeAsync();
            }
        }
    }

    @Override
    public String toString() {
        return watch;
    }
}
