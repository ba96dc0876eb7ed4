package dev.tidemark.capture;

import dev.tidemark.archive.Spool;
import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.redis.RedisRefused;
import dev.tidemark.schemas.redis.RedisSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/** One transaction that reads a key, its value streamed to disk: value, type, expiry and Redis's clock are of one instant. */
final class LargeRead {
    private static final int FIRST_WITH_PEXPIRETIME = 70000;

    private final RedisSocket redis;
    private final Pace pace;
    private final boolean expiryIsAbsolute;

    /**
     * What was found.
     *
     * @param type "none" if nothing is there
     * @param isWhole whether the spool holds the value; not if it is of another type than was expected
     */
    record Found(long timeMicros, OptionalLong expireAtMillis, String type, boolean isWhole) {}

    /** Makes sure that the connection is to the server with this run id. */
    LargeRead(RedisSocket redis, String runId, Pace pace) throws IOException {
        this.redis = redis;
        this.pace = pace;
        redis.send(word("INFO"), word("server"));
        ServerInfo server = new ServerInfo().add(redis.text().getBytes(StandardCharsets.UTF_8));
        if (!server.text("run_id").equals(runId)) {
            throw new IOException("the connection reached run id %s where the watch is on %s"
                    .formatted(server.text("run_id"), runId));
        }
        this.expiryIsAbsolute = server.version() >= FIRST_WITH_PEXPIRETIME;
    }

    Found read(KeyRef ref, String type, Spool into) throws IOException {
        boolean asString = type.equals("string");
        byte[] key = ref.key().array();
        redis.send(word("MULTI"));
        redis.send(word("TIME"));
        redis.send(word(expiryIsAbsolute ? "PEXPIRETIME" : "PTTL"), key);
        redis.send(word("TYPE"), key);
        redis.send(word(asString ? "GET" : "DUMP"), key);
        redis.send(word("EXEC"));
        for (int queued = 0; queued < 5; queued++) {
            redis.line();
        }
        redis.array();
        redis.array();
        long micros = Long.parseLong(redis.text()) * 1_000_000 + Long.parseLong(redis.text());
        OptionalLong expiry = expireAt(Long.parseLong(redis.line()), micros);
        String found = redis.line();
        try {
            boolean isThere = redis.bulk(paced(into)) >= 0;
            return new Found(micros, expiry, found, isThere && found.equals("string") == asString);
        } catch (RedisRefused refused) {
            if (refused.code().equals("WRONGTYPE")) {
                return new Found(micros, expiry, found, false);
            }
            throw refused;
        }
    }

    private OptionalLong expireAt(long expiry, long nowMicros) {
        if (expiry < 0) {
            return OptionalLong.empty();
        }
        // Before 7.0 only the remaining time can be had: a millisecond of jitter.
        return OptionalLong.of(expiryIsAbsolute ? expiry : nowMicros / 1_000 + expiry);
    }

    private OutputStream paced(OutputStream sink) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                sink.write(bytes, from, length);
                pace.took(length);
            }
        };
    }

    private static byte[] word(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
