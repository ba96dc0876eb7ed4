package dev.tidemark.capture;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.redis.RedisAddress;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Secret;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.StaticCredentialsProvider;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The servers of a source: what is common to all connections, whichever of its nodes they lead to. */
final class RedisServers implements AutoCloseable {
    private final RedisSettings settings;
    private final Clock clock;
    private final URI address;
    private final ClientResources resources = DefaultClientResources.create();
    /** For signals: RESP3, which can carry pushes and replies on one connection. */
    private final RedisClient signals;
    /** For commands: RESP2, in which a hash is a flat list in the server's own order. */
    private final RedisClient commands;

    RedisServers(RedisSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.address = settings.uri()
                .orElseThrow(() ->
                        new TidemarkError(ExitCode.USAGE, "redis.uri is missing; for example redis://127.0.0.1:6379"));
        this.signals = RedisClient.create(resources);
        this.commands = RedisClient.create(resources);
        signals.setOptions(options(ProtocolVersion.RESP3));
        commands.setOptions(options(ProtocolVersion.RESP2));
    }

    /** A node of the source. */
    RedisServerLink at(NodeAddress node) {
        return new RedisServerLink(
                node,
                signals,
                commands,
                uri(node),
                silenceMax -> address(node, settings.username(), settings.password(), silenceMax),
                clock);
    }

    /** One of its Sentinels, which have users and passwords of their own. */
    RedisServerLink sentinelAt(NodeAddress node) {
        RedisURI uri = plainUri(node);
        settings.sentinel()
                .password()
                .ifPresent(password ->
                        authenticate(uri, settings.sentinel().username().orElse(null), password.reveal()));
        return new RedisServerLink(
                node,
                signals,
                commands,
                uri,
                silenceMax -> address(
                        node,
                        settings.sentinel().username(),
                        settings.sentinel().password(),
                        silenceMax),
                clock);
    }

    /** The addresses of the configuration: the server itself, or nodes or Sentinels that know the others. */
    List<NodeAddress> configured() {
        int port = address.getPort() < 0 ? RedisURI.DEFAULT_REDIS_PORT : address.getPort();
        return Stream.concat(
                        Stream.of(new NodeAddress(address.getHost(), port)),
                        settings.seeds().stream().map(NodeAddress::parse))
                .distinct()
                .toList();
    }

    private RedisAddress address(
            NodeAddress node, Optional<String> username, Optional<Secret> password, Duration silenceMax) {
        return new RedisAddress(
                node.host(),
                node.port(),
                isTls(),
                settings.caFile(),
                username,
                password,
                settings.connectTimeout(),
                silenceMax);
    }

    boolean isTls() {
        return address.getScheme().equals("rediss");
    }

    RedisURI uri(NodeAddress node) {
        RedisURI uri = plainUri(node);
        settings.password()
                .ifPresent(password -> authenticate(uri, settings.username().orElse(null), password.reveal()));
        return uri;
    }

    private RedisURI plainUri(NodeAddress node) {
        return RedisURI.builder()
                .withHost(node.host())
                .withPort(node.port())
                .withSsl(isTls())
                .withTimeout(settings.connectTimeout())
                .withClientName("tidemark-capture")
                .build();
    }

    private static void authenticate(RedisURI uri, String username, String password) {
        // Known at once: for a provider that may take its time the client shakes hands on a thread of its own, so late
        // at times that a connection is handed out before it takes commands.
        uri.setCredentialsProvider(new StaticCredentialsProvider(username, password.toCharArray()));
    }

    private ClientOptions options(ProtocolVersion protocol) {
        ClientOptions.Builder options = ClientOptions.builder()
                // No connection ever reconnects by itself: one that was away may have missed signals, or come back to
                // another server, and somebody has to know.
                .autoReconnect(false)
                // A slow Redis is late. Whether it is silent is judged by the barrier, which never gives up a reply for
                // lost.
                .timeoutOptions(TimeoutOptions.create())
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .protocolVersion(protocol)
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(settings.connectTimeout())
                        .keepAlive(true)
                        .build());
        settings.caFile()
                .ifPresent(file -> options.sslOptions(SslOptions.builder()
                        .jdkSslProvider()
                        .trustManager(file.toFile())
                        .build()));
        return options.build();
    }

    @Override
    public void close() {
        signals.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        commands.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
