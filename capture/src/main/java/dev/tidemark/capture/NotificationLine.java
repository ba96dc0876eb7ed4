package dev.tidemark.capture;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import io.lettuce.core.KeyScanArgs;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The keyspace notifications of one watch. They can be mended when they break: all data is covered by tracking, and what is
 * not, the groups of streams, is looked at afterwards.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Connections are closed without waiting: nothing depends on when.
final class NotificationLine implements AutoCloseable {
    /** Hears of keys, on network threads and on the one that mends. */
    interface Listener {
        void touched(int db, List<Bytes> keys, String event);

        /** The watch's own canary was written. */
        void canaryNotified();

        /** Nothing comes in any more, until {@link #listenAgain} has made good for it. */
        void notificationsLost();
    }

    private static final int STREAMS_PAGE = 10_000;
    private static final int EVENT_BYTES_MAX = JournalEntry.EVENT_BYTES_MAX;

    private final RedisServerLink server;
    private final CapturedKeys keys;
    private final String runId;
    private final Canary canary;
    private final Listener listener;
    private volatile StatefulRedisPubSubConnection<byte[], byte[]> connection;
    private volatile boolean closed;

    /** Connects to the server with this run id, and subscribes; blocks. */
    NotificationLine(RedisServerLink server, CapturedKeys keys, String runId, Canary canary, Listener listener) {
        this.server = server;
        this.keys = keys;
        this.runId = runId;
        this.canary = canary;
        this.listener = listener;
        this.connection = server.signals();
        try {
            KeyReader.requireRunId(connection, runId);
            // Listeners first: a signal between subscribing and listening would be lost without a trace.
            deafWith(connection);
            subscribe(connection);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    StatefulRedisPubSubConnection<byte[], byte[]> connection() {
        return connection;
    }

    /** Subscribes anew, on a new connection to the same server, and touches every stream; blocks. */
    void listenAgain() {
        StatefulRedisPubSubConnection<byte[], byte[]> again = server.signals();
        try {
            KeyReader.requireRunId(again, runId);
            deafWith(again);
            subscribe(again);
            // The new one first: what changes while the streams are looked for is told by it.
            takeOver(again);
            touchStreams();
        } catch (RuntimeException e) {
            again.closeAsync();
            throw e;
        }
    }

    /** A watch may end while it is mended: a connection that came too late would stay for ever. */
    private synchronized void takeOver(StatefulRedisPubSubConnection<byte[], byte[]> again) {
        if (closed || !again.isOpen()) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "notifications of %s broke off again while they were mended".formatted(server.node()));
        }
        connection.closeAsync();
        connection = again;
    }

    /** Groups of streams change without an invalidation, so whatever was missed could be one. */
    private void touchStreams() {
        for (int db : keys.databases()) {
            try (StatefulRedisConnection<byte[], byte[]> connection = server.commands(db)) {
                KeyReader.requireRunId(connection, runId);
                for (byte[] pattern : keys.keyPatterns()) {
                    touchStreams(connection, db, pattern);
                }
            }
        }
    }

    private void touchStreams(StatefulRedisConnection<byte[], byte[]> connection, int db, byte[] pattern) {
        ScanArgs args = KeyScanArgs.Builder.type("stream").match(pattern).limit(STREAMS_PAGE);
        ScanCursor cursor = ScanCursor.INITIAL;
        do {
            KeyScanCursor<byte[]> page = connection.sync().scan(cursor, args);
            List<Bytes> streams = page.getKeys().stream().map(Bytes::wrap).toList();
            if (!streams.isEmpty()) {
                listener.touched(db, streams, "");
            }
            cursor = page;
        } while (!cursor.isFinished());
    }

    private void subscribe(StatefulRedisPubSubConnection<byte[], byte[]> subject) {
        subject.addListener(new RedisPubSubAdapter<byte[], byte[]>() {
            @Override
            public void message(byte[] pattern, byte[] channel, byte[] message) {
                notified(channel, message);
            }
        });
        WatchLink.await(
                subject.async().psubscribe(keys.channelPatterns().toArray(byte[][]::new)), subject.getTimeout());
    }

    private void notified(byte[] channel, byte[] message) {
        // __keyspace@<db>__:<key>, and a key may hold any byte, colons too: only the first one divides.
        int at = indexOf(channel, '@');
        int colon = indexOf(channel, ':');
        int db = Integer.parseInt(new String(channel, at + 1, colon - at - 3, StandardCharsets.US_ASCII));
        byte[] key = new byte[channel.length - colon - 1];
        System.arraycopy(channel, colon + 1, key, 0, key.length);
        Bytes touched = Bytes.wrap(key);
        // Redis's own are short. Whoever may publish can send anything, which would go into rows and stay in memory.
        String event = message.length > EVENT_BYTES_MAX ? "" : new String(message, StandardCharsets.UTF_8);
        if (canary.is(touched)) {
            // Its eviction, or what others do to it, is no beat.
            if (event.equals(Canary.BEAT_EVENT)) {
                listener.canaryNotified();
            }
        } else {
            listener.touched(db, List.of(touched), event);
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

    private void deafWith(StatefulRedisPubSubConnection<byte[], byte[]> subject) {
        subject.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> gone) {
                if (!closed && subject == connection) {
                    listener.notificationsLost();
                }
            }
        });
    }

    @Override
    public synchronized void close() {
        closed = true;
        connection.closeAsync();
    }
}
