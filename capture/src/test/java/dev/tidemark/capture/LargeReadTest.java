package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Spool;
import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.redis.RedisAddress;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real server. */
class LargeReadTest {
    private static final long EXPIRES = 4_102_444_800_123L;

    @TempDir
    Path directory;

    /** It refuses every command in a transaction, one that only reads too. */
    @Test
    void aServerWhoseMemoryIsFullIsReadToo() throws Exception {
        try (RedisServer server = RedisServer.start();
                RedisSocket redis = connect(server);
                RedisSocket reads = connect(server);
                Spool spool = Spool.in(directory)) {
            redis.call("SETRANGE", "k", Integer.toString(2 << 20), "end");
            redis.call("PEXPIREAT", "k", Long.toString(EXPIRES));
            redis.call("RPUSH", "list", "element");
            redis.call("CONFIG", "SET", "maxmemory", "1");
            LargeRead read = new LargeRead(reads, runId(redis), new Pace(1L << 30));

            LargeRead.Found list = read.read(ref("list"), "string", spool);
            LargeRead.Found gone = read.read(ref("gone"), "string", spool);
            LargeRead.Found found = read.read(ref("k"), "string", spool);

            assertThat(list.isWhole()).isFalse();
            assertThat(list.type()).isEqualTo("list");
            assertThat(gone.type()).isEqualTo("none");
            assertThat(found.isWhole()).isTrue();
            assertThat(found.expireAtMillis()).isEqualTo(OptionalLong.of(EXPIRES));
            assertThat(spool.sizeBytes()).isEqualTo((2 << 20) + 3);
        }
    }

    private static KeyRef ref(String key) {
        return new KeyRef(0, Bytes.utf8(key));
    }

    private static RedisSocket connect(RedisServer server) throws IOException {
        Duration patience = Duration.ofMinutes(1);
        return RedisSocket.open(
                new RedisAddress(
                        "127.0.0.1",
                        server.port(),
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        patience,
                        patience),
                0);
    }

    private static String runId(RedisSocket redis) throws IOException {
        redis.send("INFO".getBytes(StandardCharsets.US_ASCII));
        return redis.text()
                .lines()
                .filter(line -> line.startsWith("run_id:"))
                .map(line -> line.substring("run_id:".length()))
                .findFirst()
                .orElseThrow();
    }
}
