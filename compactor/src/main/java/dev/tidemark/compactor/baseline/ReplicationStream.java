package dev.tidemark.compactor.baseline;

import dev.tidemark.schemas.redis.HostPort;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.schemas.redis.SourceDoor;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * A snapshot as a server sends it to a replica that wants nothing else. The server forks, or joins us to a snapshot that it
 * is already making; either way the canary in it says of when it is.
 */
final class ReplicationStream implements Closeable {
    private static final String EOF = "$EOF:";
    private static final int MARK_BYTES = 40;

    private final RedisSocket redis;
    private final InputStream snapshot;

    private ReplicationStream(RedisSocket redis, InputStream snapshot) {
        this.redis = redis;
        this.snapshot = snapshot;
    }

    /** @param alive called now and then while the server prepares the snapshot, which may take long */
    static ReplicationStream open(SourceDoor door, HostPort node, Runnable alive) throws IOException {
        RedisSocket redis = door.node(node);
        try {
            redis.call("REPLCONF", "capa", "eof");
            // Without it the server would hold back every write since the fork for us, in its memory.
            redis.call("REPLCONF", "rdb-only", "1");
            redis.send(
                    "PSYNC".getBytes(StandardCharsets.US_ASCII),
                    "?".getBytes(StandardCharsets.US_ASCII),
                    "-1".getBytes(StandardCharsets.US_ASCII));
            redis.skipEmptyLines(alive);
            String answer = redis.anyLine();
            if (!answer.startsWith("+FULLRESYNC ")) {
                throw new IOException("PSYNC was answered with something else than a full resynchronization");
            }
            redis.skipEmptyLines(alive);
            return new ReplicationStream(redis, snapshot(redis));
        } catch (IOException | RuntimeException e) {
            redis.close();
            throw e;
        }
    }

    private static InputStream snapshot(RedisSocket redis) throws IOException {
        String header = redis.anyLine();
        if (header.startsWith(EOF) && header.length() == EOF.length() + MARK_BYTES) {
            return new UntilMark(redis.rest(), header.substring(EOF.length()).getBytes(StandardCharsets.US_ASCII));
        }
        if (header.matches("\\$\\d{1,18}")) {
            return new OfLength(redis.rest(), Long.parseLong(header.substring(1)));
        }
        throw new IOException("no snapshot began where one was announced");
    }

    InputStream snapshot() {
        return snapshot;
    }

    @Override
    public void close() {
        redis.close();
    }
}
