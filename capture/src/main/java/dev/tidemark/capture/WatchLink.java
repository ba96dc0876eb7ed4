package dev.tidemark.capture;

import dev.tidemark.capture.proof.Signal;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.push.PushMessage;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The connections of one watch: two for signals, each with its own fate, and one for beats. The watch is over when tracking or
 * the beats break; notifications alone can be mended, since all data is covered without them.
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // A transaction is one EXEC; the futures of its commands tell nothing more.
final class WatchLink implements SignalLink, NotificationLine.Listener {
    private static final int NAMES_A_LETTER = 4_096;
    private static final byte[] UNUSED_CHANNEL = "tidemark:unused".getBytes(StandardCharsets.US_ASCII);

    private final String watch;
    private final Listener listener;
    private final StatefulRedisConnection<byte[], byte[]> commands;
    private final StatefulRedisPubSubConnection<byte[], byte[]> tracking;
    private final NotificationLine notifications;
    private final BeatLine beats;
    private final String runId;
    private final int version;
    private final Canary canary;
    private volatile boolean closed;

    /**
     * Connects, switches both signals on and finds a place for the canary; blocks.
     *
     * @param slots those of the node, where it belongs to a Cluster
     * @param loop where beats are sent from
     */
    WatchLink(
            RedisServerLink server,
            CapturedKeys keys,
            Optional<BitSet> slots,
            String source,
            String watch,
            Executor loop,
            Listener listener) {
        this.watch = watch;
        this.listener = listener;
        this.commands = server.commands(keys.canaryDatabase());
        try {
            ServerInfo info = info(commands);
            this.runId = info.text("run_id");
            this.version = info.version();
            requirePrimary(commands, server.node());
            this.tracking = server.signals();
            requireSameServer(tracking);
            switchNotificationsOn();
            // Listeners first: a signal between subscribing and listening would be lost without a trace.
            breakWith(commands, "command connection lost");
            breakWith(tracking, "tracking connection lost");
            long nowMicros = micros(commands.sync().time());
            this.canary = Canary.settle(
                    commands,
                    source,
                    watch,
                    server.node(),
                    runId,
                    slots.map(own -> OptionalInt.of(own.nextSetBit(0))).orElse(OptionalInt.empty()),
                    nowMicros);
            startTracking(keys);
            this.notifications = new NotificationLine(server, keys, runId, canary, this);
            this.beats = new BeatLine(
                    commands, NodeAddress.parse(server.node()), slots.isPresent(), canary, nowMicros, loop, listener);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public void touched(int db, List<Bytes> names, String event) {
        listener.touched(db, names, event);
    }

    @Override
    public void canaryNotified() {
        listener.canarySeen(Signal.NOTIFICATIONS);
    }

    @Override
    public void notificationsLost() {
        if (!closed) {
            listener.notificationsLost();
        }
    }

    /** Whether nothing broke between connecting and now. */
    @Override
    public boolean alive() {
        return !closed
                && commands.isOpen()
                && tracking.isOpen()
                && notifications.connection().isOpen();
    }

    @Override
    public String runId() {
        return runId;
    }

    @Override
    public int version() {
        return version;
    }

    @Override
    public void beat(long n) {
        beats.beat(n);
    }

    /** See {@link NotificationLine#listenAgain}; blocks. */
    @Override
    public void listenAgain() {
        notifications.listenAgain();
    }

    @Override
    public void pingAll() {
        ping(Signal.TRACKING, tracking);
        ping(Signal.NOTIFICATIONS, notifications.connection());
    }

    private void ping(Signal signal, StatefulRedisPubSubConnection<byte[], byte[]> connection) {
        // While a script runs, what was sent before is on its way, and PONG comes late.
        AskedAgain.whileBusy(() -> connection.async().ping()).whenComplete((pong, failure) -> {
            if (failure == null) {
                listener.ponged(signal);
            } else if (failure instanceof RedisCommandExecutionException) {
                // An error reply is no PONG. That a connection is lost is said by its listener; one that is silent
                // shows
                // by the barrier that does not end.
                listener.broken(signal + " connection refused a PING");
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
        await(tracking.async().subscribe(UNUSED_CHANNEL), tracking.getTimeout());
        CommandArgs<byte[], byte[]> args = new CommandArgs<>(ByteArrayCodec.INSTANCE)
                .add("TRACKING")
                .add("ON")
                .add("BCAST");
        for (Bytes prefix : keys.trackedPrefixes()) {
            args.add("PREFIX").add(prefix.array());
        }
        await(
                tracking.async().dispatch(CommandType.CLIENT, new StatusOutput<>(ByteArrayCodec.INSTANCE), args),
                tracking.getTimeout());
    }

    private void invalidated(PushMessage push) {
        List<Object> content = push.getContent();
        if (!(content.size() > 1 && content.get(1) instanceof List<?> names)) {
            listener.allTouched();
            return;
        }
        boolean beat = false;
        // A script can touch half a million keys in one push: what waits for the loop is bounded, so it goes in pieces.
        for (int from = 0; from < names.size(); from += NAMES_A_LETTER) {
            beat |= touched(names.subList(from, Math.min(names.size(), from + NAMES_A_LETTER)));
        }
        // The canary last: it speaks for what came with it.
        if (beat) {
            listener.canarySeen(Signal.TRACKING);
        }
    }

    /** Whether the canary was among them. */
    private boolean touched(List<?> names) {
        List<Bytes> touched = new ArrayList<>(names.size());
        boolean beat = false;
        for (Object name : names) {
            Bytes key = bytes((ByteBuffer) name);
            if (canary.is(key)) {
                beat = true;
            } else {
                touched.add(key);
            }
        }
        if (!touched.isEmpty()) {
            listener.touched(-1, touched, "");
        }
        return beat;
    }

    /** Lettuce has made an array for each name already; another copy of half a million would be felt. */
    private static Bytes bytes(ByteBuffer name) {
        return name.hasArray() && name.arrayOffset() == 0 && name.array().length == name.remaining()
                ? Bytes.wrap(name.array())
                : Bytes.copyOf(name);
    }

    /** Adds what we need to what is set. Where CONFIG is refused, the canary will tell whether it is on. */
    private void switchNotificationsOn() {
        try {
            Map<String, String> set = commands.sync().configGet("notify-keyspace-events");
            String flags = set.getOrDefault("notify-keyspace-events", "");
            if (!KeyspaceFlags.suffice(flags)) {
                commands.sync().configSet("notify-keyspace-events", KeyspaceFlags.with(flags));
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

    /** A replica can be watched, and would never let a barrier through. */
    static void requirePrimary(StatefulRedisConnection<byte[], byte[]> connection, String node) {
        if (!isPrimary(connection.sync().info("replication"))) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "%s is a replica, which takes no canary; use an address that leads to the primary. Capture tries again"
                            .formatted(node));
        }
    }

    /** @param replication that section of INFO */
    static boolean isPrimary(String replication) {
        return new ServerInfo()
                .add(replication.getBytes(StandardCharsets.UTF_8))
                .text("role")
                .equals("master");
    }

    static ServerInfo info(StatefulRedisConnection<byte[], byte[]> connection) {
        return new ServerInfo().add(connection.sync().info("server").getBytes(StandardCharsets.UTF_8));
    }

    private void breakWith(StatefulConnection<byte[], byte[]> connection, String what) {
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> gone) {
                if (!closed) {
                    listener.broken(what);
                }
            }
        });
    }

    static long micros(List<byte[]> time) {
        return Long.parseLong(new String(time.get(0), StandardCharsets.US_ASCII)) * 1_000_000
                + Long.parseLong(new String(time.get(1), StandardCharsets.US_ASCII));
    }

    static void await(java.util.concurrent.Future<?> answer, Duration timeout) {
        try {
            answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
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
    @Override
    public void retire() {
        if (!closed && commands.isOpen()) {
            commands.async().del(canary.key());
        }
        close();
    }

    @Override
    public synchronized void close() {
        closed = true;
        for (StatefulConnection<byte[], byte[]> connection : java.util.Arrays.asList(tracking, commands)) {
            if (connection != null) {
                connection.closeAsync();
            }
        }
        if (notifications != null) {
            notifications.close();
        }
    }

    @Override
    public String toString() {
        return watch;
    }
}
