package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.servers.Await;
import io.lettuce.core.RedisBusyException;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;

/** A script without an end: until it is killed, Redis answers everybody else with BUSY. */
final class BusyScript implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final StatefulRedisConnection<String, String> scripts;
    private final StatefulRedisConnection<String, String> other;
    private RedisFuture<String> running;

    BusyScript(RedisClient client) {
        scripts = client.connect();
        other = client.connect();
    }

    /** Returns when others are answered with BUSY. */
    void begin() {
        running = scripts.async().eval("while true do end", ScriptOutputType.STATUS);
        Await.until(SOON, this::isBusy, "Redis says BUSY");
    }

    private boolean isBusy() {
        try {
            other.sync().ping();
            return false;
        } catch (RedisBusyException busy) {
            return true;
        }
    }

    /** It must have run all the time. */
    void end() {
        assertThat(running.isDone()).isFalse();
        other.sync().scriptKill();
    }

    @Override
    public void close() {
        scripts.close();
        other.close();
    }
}
