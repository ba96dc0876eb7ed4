package dev.tidemark.schemas.redis;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Opens connections to a source's nodes and Sentinels, each with its own user, and asks them where the primaries are. */
public final class SourceDoor {
    private static final int DEFAULT_PORT = 6379;

    private final RedisSettings settings;
    private final Duration silenceMax;
    private final URI uri;

    /**
     * For nodes that are asked one after the other.
     *
     * @param silenceMax of each connection, from its first moment
     */
    public SourceDoor(RedisSettings settings, Duration silenceMax) {
        this.settings = settings;
        this.silenceMax = silenceMax;
        this.uri = settings.uri()
                .orElseThrow(() ->
                        new TidemarkError(ExitCode.USAGE, "redis.uri is missing; for example redis://127.0.0.1:6379"));
    }

    public RedisSettings settings() {
        return settings;
    }

    /** The addresses of the configuration: the server itself, or nodes or Sentinels that know the others. */
    public List<HostPort> configured() {
        HostPort first = new HostPort(uri.getHost(), uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort());
        return Stream.concat(Stream.of(first), settings.seeds().stream().map(HostPort::parse))
                .distinct()
                .toList();
    }

    public RedisSocket node(HostPort where) throws IOException {
        return open(where, settings.username(), settings.password());
    }

    private RedisSocket open(HostPort where, Optional<String> username, Optional<Secret> password) throws IOException {
        return RedisSocket.open(
                new RedisAddress(
                        where.host(),
                        where.port(),
                        "rediss".equals(uri.getScheme()),
                        settings.caFile(),
                        username,
                        password,
                        settings.connectTimeout().compareTo(silenceMax) < 0 ? settings.connectTimeout() : silenceMax,
                        silenceMax),
                0);
    }

    /** Of that name, as a Sentinel tells. */
    public HostPort primary(HostPort sentinel, String name) throws IOException {
        try (RedisSocket asked = open(
                sentinel, settings.sentinel().username(), settings.sentinel().password())) {
            asked.send(word("SENTINEL"), word("GET-MASTER-ADDR-BY-NAME"), word(name));
            if (asked.array() != 2) {
                throw new IOException("it knows no primary '%s'; see redis.sentinel.master".formatted(name));
            }
            return new HostPort(asked.text(), Integer.parseInt(asked.text()));
        }
    }

    /** With the slots of each, as a node of a Cluster tells by CLUSTER SLOTS: from, to, the primary, and replicas. */
    public Map<HostPort, BitSet> primaries(HostPort node) throws IOException {
        Map<HostPort, BitSet> slots = new LinkedHashMap<>();
        try (RedisSocket asked = node(node)) {
            asked.send(word("CLUSTER"), word("SLOTS"));
            for (int ranges = asked.array(); ranges > 0; ranges--) {
                int nodes = asked.array() - 2;
                int from = Math.toIntExact(asked.integer());
                int to = Math.toIntExact(asked.integer());
                int details = asked.array();
                String host = asked.text();
                // A node that was never met by another does not know its own address.
                HostPort primary = new HostPort(host.isEmpty() ? node.host() : host, Math.toIntExact(asked.integer()));
                for (int rest = details - 2 + nodes - 1; rest > 0; rest--) {
                    asked.skip();
                }
                slots.computeIfAbsent(primary, any -> new BitSet()).set(from, to + 1);
            }
        }
        return slots;
    }

    private static byte[] word(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
