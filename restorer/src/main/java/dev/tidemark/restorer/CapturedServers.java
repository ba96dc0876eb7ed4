package dev.tidemark.restorer;

import dev.tidemark.schemas.redis.RedisAddress;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The primaries that are captured, as far as they answer: the source may be gone, and most often is when a restore is needed. All of
 * it together is waited for a bounded time.
 */
final class CapturedServers {
    private static final int DEFAULT_PORT = 6379;
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(2);
    private static final Duration ALL_LIMIT = Duration.ofSeconds(6);

    private final RedisSettings settings;
    private final URI uri;
    private final long beganNanos = System.nanoTime();

    private CapturedServers(RedisSettings settings, URI uri) {
        this.settings = settings;
        this.uri = uri;
    }

    private record Address(String host, int port) {
        static Address parse(String text) {
            int colon = text.lastIndexOf(':');
            return new Address(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
        }
    }

    /** By which a server is known whatever address it is reached at. */
    static Set<String> runIds(RedisSettings settings) {
        return settings.uri()
                .map(uri -> new CapturedServers(settings, uri).runIds())
                .orElseGet(Set::of);
    }

    private Set<String> runIds() {
        Set<String> runIds = new HashSet<>();
        for (Address address : primaries()) {
            if (isTimeUp()) {
                break;
            }
            try (RedisSocket redis = open(address, settings.username(), settings.password())) {
                redis.send(word("INFO"), word("server"));
                redis.text()
                        .lines()
                        .filter(line -> line.startsWith("run_id:"))
                        .map(line -> line.substring("run_id:".length()).strip())
                        .forEach(runIds::add);
            } catch (IOException gone) {
                // It cannot be the target either, if nobody reaches it.
            }
        }
        return runIds;
    }

    /** As the first one tells that answers. */
    private List<Address> primaries() {
        List<Address> configured = new ArrayList<>();
        configured.add(new Address(uri.getHost(), uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort()));
        settings.seeds().stream().map(Address::parse).forEach(configured::add);
        Optional<String> master = settings.sentinel().master();
        if (master.isEmpty() && !settings.cluster()) {
            return configured;
        }
        for (Address address : configured) {
            if (isTimeUp()) {
                break;
            }
            try {
                return master.isPresent() ? asSentinelSays(address, master.get()) : asClusterSays(address);
            } catch (IOException gone) {
                // The next one may know.
            }
        }
        return List.of();
    }

    private List<Address> asSentinelSays(Address address, String master) throws IOException {
        try (RedisSocket sentinel = open(
                address, settings.sentinel().username(), settings.sentinel().password())) {
            sentinel.send(word("SENTINEL"), word("GET-MASTER-ADDR-BY-NAME"), word(master));
            if (sentinel.array() != 2) {
                throw new IOException("it does not know that primary");
            }
            return List.of(new Address(sentinel.text(), Integer.parseInt(sentinel.text())));
        }
    }

    /** CLUSTER SLOTS: from, to, the primary, and replicas. */
    private List<Address> asClusterSays(Address address) throws IOException {
        try (RedisSocket node = open(address, settings.username(), settings.password())) {
            node.send(word("CLUSTER"), word("SLOTS"));
            Set<Address> primaries = new HashSet<>();
            for (int ranges = node.array(); ranges > 0; ranges--) {
                int replicas = node.array() - 3;
                node.skip();
                node.skip();
                int details = node.array();
                String host = node.text();
                // A node that was never met by another does not know its own address.
                primaries.add(new Address(host.isEmpty() ? address.host() : host, Math.toIntExact(node.integer())));
                for (int rest = details - 2 + replicas; rest > 0; rest--) {
                    node.skip();
                }
            }
            return List.copyOf(primaries);
        }
    }

    private RedisSocket open(Address address, Optional<String> username, Optional<Secret> password) throws IOException {
        return RedisSocket.open(
                new RedisAddress(
                        address.host(),
                        address.port(),
                        "rediss".equals(uri.getScheme()),
                        settings.caFile(),
                        username,
                        password,
                        ANSWER_LIMIT,
                        ANSWER_LIMIT),
                0);
    }

    private boolean isTimeUp() {
        return System.nanoTime() - beganNanos > ALL_LIMIT.toNanos();
    }

    private static byte[] word(String word) {
        return word.getBytes(StandardCharsets.UTF_8);
    }
}
