package dev.tidemark.compactor.baseline;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.redis.RedisAddress;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Secret;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Opens connections to a source's nodes and Sentinels, each with its own user. */
final class SourceDoor {
    private static final int DEFAULT_PORT = 6379;

    /** A server that prepares a snapshot sends an empty line each second. */
    private static final Duration SILENCE_MAX = Duration.ofSeconds(60);

    private final RedisSettings settings;
    private final URI uri;

    SourceDoor(RedisSettings settings) {
        this.settings = settings;
        this.uri = settings.uri()
                .orElseThrow(() ->
                        new TidemarkError(ExitCode.USAGE, "redis.uri is missing; for example redis://127.0.0.1:6379"));
    }

    RedisSettings settings() {
        return settings;
    }

    /** The addresses of the configuration: the server itself, or nodes or Sentinels that know the others. */
    List<HostPort> configured() {
        HostPort first = new HostPort(uri.getHost(), uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort());
        return Stream.concat(Stream.of(first), settings.seeds().stream().map(HostPort::parse))
                .distinct()
                .toList();
    }

    RedisSocket node(HostPort where) throws IOException {
        return open(where, settings.username(), settings.password());
    }

    RedisSocket sentinel(HostPort where) throws IOException {
        return open(where, settings.sentinel().username(), settings.sentinel().password());
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
                        settings.connectTimeout(),
                        SILENCE_MAX),
                0);
    }
}
