package dev.tidemark.restorer;

import dev.tidemark.schemas.redis.HostPort;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.schemas.redis.SourceDoor;
import dev.tidemark.schemas.settings.RedisSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The primaries that are captured, as far as they answer: the source may be gone, and most often is when a restore is needed. All of
 * it together is waited for a bounded time.
 */
final class CapturedServers {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(2);
    private static final Duration ALL_LIMIT = Duration.ofSeconds(3);
    private static final String RUN_ID = "run_id:";

    private final SourceDoor door;
    private final long beganNanos = System.nanoTime();

    private CapturedServers(SourceDoor door) {
        this.door = door;
    }

    /** By which a server is known whatever address it is reached at. */
    static Set<String> runIds(RedisSettings settings) {
        return settings.uri().isEmpty()
                ? Set.of()
                : new CapturedServers(new SourceDoor(settings, ANSWER_LIMIT)).runIds();
    }

    private Set<String> runIds() {
        Set<String> runIds = new HashSet<>();
        for (HostPort primary : primaries()) {
            if (isTimeUp()) {
                break;
            }
            try (RedisSocket redis = door.node(primary)) {
                redis.send("INFO".getBytes(StandardCharsets.US_ASCII), "server".getBytes(StandardCharsets.US_ASCII));
                redis.text()
                        .lines()
                        .filter(line -> line.startsWith(RUN_ID))
                        .map(line -> line.substring(RUN_ID.length()).strip())
                        .forEach(runIds::add);
            } catch (IOException gone) {
                // It cannot be the target either, if nobody reaches it.
            }
        }
        return runIds;
    }

    /** As the first one tells that answers. */
    private Collection<HostPort> primaries() {
        Optional<String> master = door.settings().sentinel().master();
        if (master.isEmpty() && !door.settings().cluster()) {
            return door.configured();
        }
        for (HostPort address : door.configured()) {
            if (isTimeUp()) {
                break;
            }
            try {
                return master.isPresent()
                        ? List.of(door.primary(address, master.get()))
                        : door.primaries(address).keySet();
            } catch (IOException gone) {
                // The next one may know.
            }
        }
        return List.of();
    }

    private boolean isTimeUp() {
        return System.nanoTime() - beganNanos > ALL_LIMIT.toNanos();
    }
}
