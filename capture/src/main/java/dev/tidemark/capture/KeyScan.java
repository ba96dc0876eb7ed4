package dev.tidemark.capture;

import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.redis.RedisSocket;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One walk through the key space with SCAN: every key that is there from its start to its end is found. A page at a time,
 * asked for by the loop, which thereby sets the pace.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Connections are closed without waiting: nothing depends on when.
final class KeyScan implements AutoCloseable {
    private static final int PAGE_KEYS = 1_000;

    /** Hears a page, on a network thread. */
    interface Listener {
        void scanned(KeyScan scan, List<KeyRef> keys, boolean last);

        void scanFailed(KeyScan scan, String why);
    }

    /** One pattern in one database. */
    private record Walk(int db, Bytes pattern) {}

    private final Listener listener;
    private final Map<Integer, StatefulRedisConnection<byte[], byte[]>> connections = new HashMap<>();
    private final Deque<Walk> walks = new ArrayDeque<>();
    private ScanCursor cursor = ScanCursor.INITIAL;
    private long saidNanos = System.nanoTime();
    private long keysToVisit;
    /** Written by one network thread at a time. */
    private volatile long keysVisited;

    /** Connects to the server with this run id; blocks. */
    KeyScan(RedisServerLink server, CapturedKeys keys, String runId, Listener listener) {
        this.listener = listener;
        try {
            for (int db : keys.databases()) {
                StatefulRedisConnection<byte[], byte[]> connection = server.commands(db);
                connections.put(db, connection);
                KeyReader.requireRunId(connection, runId);
                keys.keyPatterns().forEach(pattern -> walks.add(new Walk(db, Bytes.wrap(pattern))));
                // Each pattern is a walk past every key of the database, whether it fits or not.
                keysToVisit += keys.keyPatterns().size() * keysIn(connection, db);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static long keysIn(StatefulRedisConnection<byte[], byte[]> connection, int db) {
        return new ServerInfo()
                .add(connection.sync().info("keyspace").getBytes(StandardCharsets.UTF_8))
                .keysIn(db);
    }

    /** How many keys the walk will pass, roughly: as many as there were when it began. */
    long keysToVisit() {
        return keysToVisit;
    }

    /** How many it has passed, roughly: a page passes about as many as were asked for, even if none of them fits. */
    long keysVisited() {
        return keysVisited;
    }

    /** Says something on each connection now and then: there is one a database, and pages may be far apart. */
    void stayOnTheLine() {
        long nowNanos = System.nanoTime();
        if (nowNanos - saidNanos > RedisSocket.QUIET_MAX.toNanos()) {
            saidNanos = nowNanos;
            connections.values().stream()
                    .filter(StatefulRedisConnection::isOpen)
                    .forEach(connection -> connection.async().ping());
        }
    }

    /** Asks for the next page; one at a time. */
    void page() {
        Walk walk = walks.getFirst();
        ScanArgs args = ScanArgs.Builder.limit(PAGE_KEYS).match(walk.pattern().array());
        connections.get(walk.db()).async().scan(cursor, args).whenComplete((page, failure) -> {
            if (failure != null) {
                listener.scanFailed(this, String.valueOf(failure.getMessage()));
            } else {
                paged(walk, page);
            }
        });
    }

    private void paged(Walk walk, KeyScanCursor<byte[]> page) {
        List<KeyRef> found = new ArrayList<>(page.getKeys().size());
        for (byte[] key : page.getKeys()) {
            found.add(new KeyRef(walk.db(), Bytes.wrap(key)));
        }
        cursor = page;
        keysVisited = Math.min(Math.max(keysToVisit, found.size()), keysVisited + Math.max(PAGE_KEYS, found.size()));
        if (page.isFinished()) {
            walks.removeFirst();
            cursor = ScanCursor.INITIAL;
        }
        listener.scanned(this, found, walks.isEmpty());
    }

    @Override
    public void close() {
        connections.values().forEach(StatefulRedisConnection::closeAsync);
    }
}
