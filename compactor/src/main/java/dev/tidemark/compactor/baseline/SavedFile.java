package dev.tidemark.compactor.baseline;

import dev.tidemark.schemas.redis.HostPort;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.schemas.redis.SourceDoor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** A snapshot that the server itself saved just now, as BGSAVE does. */
final class SavedFile {
    private static final Duration PACE = Duration.ofMillis(100);
    private static final Duration SAVE_MAX = Duration.ofHours(12);

    private final Optional<String> serversPath;

    private SavedFile(Optional<String> serversPath) {
        this.serversPath = serversPath;
    }

    /**
     * Saves, and returns when the server says that it succeeded.
     *
     * @param alive called now and then until then
     */
    static SavedFile of(SourceDoor door, HostPort node, Runnable alive) throws IOException {
        try (RedisSocket redis = door.node(node)) {
            awaitNoneRunning(redis, alive);
            long before = Long.parseLong(redis.call("LASTSAVE"));
            // Of two saves within a second LASTSAVE could not tell the later one. The clock may have been set back
            // since.
            while (seconds(redis) == before) {
                pause();
            }
            redis.call("BGSAVE");
            NodeInfo after = awaitNoneRunning(redis, alive);
            if (!after.is("rdb_last_bgsave_status", "ok") || Long.parseLong(redis.call("LASTSAVE")) == before) {
                throw new IOException(
                        "BGSAVE failed on %s, and its log says why; the file that is there is an older one"
                                .formatted(node));
            }
            return new SavedFile(path(redis));
        }
    }

    private static NodeInfo awaitNoneRunning(RedisSocket redis, Runnable alive) throws IOException {
        long began = System.nanoTime();
        NodeInfo info = NodeInfo.of(redis, "persistence");
        while (info.is("rdb_bgsave_in_progress", "1")) {
            if (System.nanoTime() - began > SAVE_MAX.toNanos()) {
                throw new IOException("a BGSAVE does not end within " + SAVE_MAX.toHours() + " h");
            }
            pause();
            alive.run();
            info = NodeInfo.of(redis, "persistence");
        }
        return info;
    }

    private static long seconds(RedisSocket redis) throws IOException {
        redis.send("TIME".getBytes(StandardCharsets.US_ASCII));
        redis.array();
        long seconds = Long.parseLong(redis.text());
        redis.text();
        return seconds;
    }

    /** Empty where CONFIG is refused; then the user has to say it. */
    private static Optional<String> path(RedisSocket redis) throws IOException {
        Optional<String> directory = config(redis, "dir");
        Optional<String> name = config(redis, "dbfilename");
        return directory.flatMap(dir -> name.map(file -> dir + "/" + file));
    }

    private static Optional<String> config(RedisSocket redis, String parameter) throws IOException {
        redis.send(
                "CONFIG".getBytes(StandardCharsets.US_ASCII),
                "GET".getBytes(StandardCharsets.US_ASCII),
                parameter.getBytes(StandardCharsets.US_ASCII));
        if (redis.kind() != '*') {
            redis.skip();
            return Optional.empty();
        }
        if (redis.array() != 2) {
            return Optional.empty();
        }
        redis.text();
        return Optional.of(redis.text());
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(PACE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while Redis saved", e);
        }
    }

    /** Once open it stays this very snapshot, even if the server replaces the file. */
    InputStream open(Optional<String> asWeSeeIt) throws IOException {
        String path = asWeSeeIt
                .or(() -> serversPath)
                .orElseThrow(() -> new IOException("the server does not say where it saves; say it with --path"));
        try {
            return SnapshotFile.open(path);
        } catch (IOException e) {
            throw new IOException(
                    "the server saved to %s, but %s; say with --path where it is seen".formatted(path, e.getMessage()),
                    e);
        }
    }
}
