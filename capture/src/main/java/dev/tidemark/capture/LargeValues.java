package dev.tidemark.capture;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.Spool;
import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Encoding;
import dev.tidemark.schemas.redis.RedisAddress;
import dev.tidemark.schemas.redis.RedisRefused;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.schemas.settings.CaptureSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Reads values that are too large for the log, two at a time: from Redis to a file, from the file to S3, a few hundred KiB
 * of either in memory. The outcome says where the value lies only when it lies there.
 *
 * <p>What waits to be read is bounded by whoever asks: a key is open until its outcome has come, and open keys are bounded.
 */
final class LargeValues implements AutoCloseable {
    static final int AT_ONCE = 2;
    /** DUMP works on a large value for seconds before its first byte comes. */
    private static final Duration SILENCE_MAX = Duration.ofMinutes(1);

    private static final String CLOSING = "capture is stopping";

    private final RedisSettings redis;
    private final Path spoolDirectory;
    private final Archive archive;
    private final Pace pace;
    private final Set<RedisSocket> sockets = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE, task -> {
        Thread thread = new Thread(task, "tidemark-large-value");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean closed;

    /** Where a key is to be read. */
    record Node(String host, int port, String runId) {}

    /** @param archive stays the caller's, who closes it after this */
    LargeValues(RedisSettings redis, CaptureSettings settings, Archive archive) {
        this.redis = redis;
        this.archive = archive;
        this.spoolDirectory = settings.spoolDir();
        this.pace = new Pace(settings.blobBytesPerSecond());
        try {
            Files.createDirectories(spoolDirectory);
        } catch (IOException e) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "capture.spool-dir is %s, and there is no such directory nor can it be made: %s. Nothing was read; name one that capture may write to"
                            .formatted(spoolDirectory, e),
                    e);
        }
    }

    /**
     * Reads the key anew and puts its value on S3. One outcome comes, on a thread of this class.
     *
     * @param type what the key is thought to be, as TYPE calls it
     */
    void read(Node node, KeyRef ref, String type, Consumer<LargeValue> done) {
        try {
            threads.execute(() -> done.accept(read(node, ref, type)));
        } catch (RejectedExecutionException e) {
            done.accept(new LargeValue.Failed(CLOSING));
        }
    }

    /** Whatever happens, there is an outcome: a read without one would leave its key open for ever. */
    private LargeValue read(Node node, KeyRef ref, String type) {
        if (closed) {
            return new LargeValue.Failed(CLOSING);
        }
        try (Spool spool = Spool.in(spoolDirectory)) {
            LargeRead.Found found = spooled(node, ref, type, spool);
            if (found.type().equals("none")) {
                return new LargeValue.State(found.timeMicros(), new Value.Absent(), found.expireAtMillis());
            }
            if (!found.isWhole()) {
                return new LargeValue.OtherType(found.type());
            }
            Blob blob = new Blob(
                    found.type(),
                    found.type().equals("string") ? Encoding.RAW : Encoding.DUMP,
                    spool.sha256(),
                    spool.sizeBytes(),
                    day(found.timeMicros()));
            archive.put(blob, spool);
            return new LargeValue.State(found.timeMicros(), blob, found.expireAtMillis());
        } catch (RedisRefused e) {
            // What follows the first word may quote the key.
            return new LargeValue.Failed("Redis refused to tell a large value: " + e.code());
        } catch (TidemarkError e) {
            return new LargeValue.Failed(e.getMessage());
        } catch (Spool.NoPlace e) {
            return new LargeValue.Failed(
                    "a large value has no place on this machine's disk, in %s: %s. Make room there, or name another directory in capture.spool-dir; it is read again until it has"
                            .formatted(spoolDirectory, e.getMessage()));
        } catch (IOException | RuntimeException | Error e) {
            return new LargeValue.Failed(closed ? CLOSING : "a large value was not read whole: " + e);
        }
    }

    private LargeRead.Found spooled(Node node, KeyRef ref, String type, Spool spool) throws IOException {
        try (RedisSocket socket = RedisSocket.open(address(node), ref.db())) {
            sockets.add(socket);
            try {
                if (closed) {
                    throw new IOException(CLOSING);
                }
                return new LargeRead(socket, node.runId(), pace).read(ref, type, spool);
            } finally {
                sockets.remove(socket);
            }
        }
    }

    private RedisAddress address(Node node) {
        return new RedisAddress(
                node.host(),
                node.port(),
                redis.uri().filter(uri -> "rediss".equals(uri.getScheme())).isPresent(),
                redis.caFile(),
                redis.username(),
                redis.password(),
                redis.connectTimeout(),
                SILENCE_MAX);
    }

    private static LocalDate day(long micros) {
        return LocalDate.ofInstant(RedisTime.instant(micros), ZoneOffset.UTC);
    }

    /** Ends what is being read; every outcome still to come is a failure. */
    @Override
    public void close() {
        closed = true;
        threads.shutdownNow().forEach(Runnable::run);
        sockets.forEach(RedisSocket::close);
    }
}
