package dev.tidemark.capture;

import dev.tidemark.archive.Spool;
import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.redis.RedisRefused;
import dev.tidemark.schemas.redis.RedisSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads a key, its value streamed to disk: value, type, expiry and Redis's clock are of one instant. */
final class LargeRead {
    private static final int FIRST_WITH_PEXPIRETIME = 70000;

    /** Time, expiry, type and value. */
    private static final int QUESTIONS = 4;

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
        ask(key, asString);
        redis.send(word("EXEC"));
        redis.line();
        Optional<RedisRefused> refused = Optional.empty();
        for (int queued = 0; queued < QUESTIONS; queued++) {
            Optional<RedisRefused> next = refusal();
            refused = refused.isPresent() ? refused : next;
        }
        if (refused.isEmpty()) {
            redis.array();
            return found(asString, into);
        }
        if (!refused.get().code().equals("OOM")) {
            throw refused.get();
        }
        // EXEC's own answer: it gives up what was not queued.
        refusal();
        return watched(key, asString, into);
    }

    /**
     * A full server takes no command into a transaction, but answers whoever only reads. So the key is watched, and an empty
     * transaction behind the answers tells whether they are of one instant.
     */
    private Found watched(byte[] key, boolean asString, Spool into) throws IOException {
        redis.send(word("WATCH"), key);
        ask(key, asString);
        redis.send(word("MULTI"));
        redis.send(word("EXEC"));
        redis.line();
        Found found = found(asString, into);
        redis.line();
        if (redis.array() < 0) {
            throw new IOException("it was written to while a server whose memory is full told it");
        }
        return found;
    }

    private void ask(byte[] key, boolean asString) throws IOException {
        redis.send(word("TIME"));
        redis.send(word(expiryIsAbsolute ? "PEXPIRETIME" : "PTTL"), key);
        redis.send(word("TYPE"), key);
        redis.send(word(asString ? "GET" : "DUMP"), key);
    }

    private Optional<RedisRefused> refusal() throws IOException {
        try {
            redis.line();
            return Optional.empty();
        } catch (RedisRefused refused) {
            return Optional.of(refused);
        }
    }

    private Found found(boolean asString, Spool into) throws IOException {
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
