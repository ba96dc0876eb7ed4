package dev.tidemark.capture;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.RedisSettings;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * How to connect to the node. No connection ever reconnects by itself: a connection that was away may have missed signals, or
 * come back to another server, and somebody has to know.
 */
final class RedisServerLink implements AutoCloseable {
    private static final Duration CLOCK_AHEAD_MAX = Duration.ofSeconds(5);

    private final RedisSettings settings;
    private final Clock clock;
    private final URI address;
    private final RedisClient client;

    RedisServerLink(RedisSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.address = settings.uri()
                .orElseThrow(() ->
                        new TidemarkError(ExitCode.USAGE, "redis.uri is missing; for example redis://127.0.0.1:6379"));
        this.client = RedisClient.create();
    }

    /** {@code host:port}, the node's name in claims and logs. */
    String node() {
        return address.getHost() + ":" + port();
    }

    /** For signals: RESP3, which can carry pushes and replies on one connection. */
    StatefulRedisPubSubConnection<byte[], byte[]> signals() {
        return connecting(() -> {
            client.setOptions(options(ProtocolVersion.RESP3));
            return client.connectPubSub(ByteArrayCodec.INSTANCE, uri(0));
        });
    }

    /** For commands: RESP2, in which a hash is a flat list in the server's own order. */
    StatefulRedisConnection<byte[], byte[]> commands(int db) {
        return connecting(() -> {
            client.setOptions(options(ProtocolVersion.RESP2));
            return client.connect(ByteArrayCodec.INSTANCE, uri(db));
        });
    }

    /** The node's clock, asked for on a connection of its own. */
    long timeMicros() {
        try (StatefulRedisConnection<byte[], byte[]> connection = commands(0)) {
            long micros = WatchLink.micros(connection.sync().time());
            if (micros > (clock.millis() + CLOCK_AHEAD_MAX.toMillis()) * 1_000) {
                throw new TidemarkError(
                        ExitCode.UNREACHABLE,
                        "the clock of Redis at %s is more than %d s ahead of ours: nothing is dated by it. Mend the clocks; capture tries again"
                                .formatted(node(), CLOCK_AHEAD_MAX.toSeconds()));
            }
            return micros;
        } catch (RedisException e) {
            throw unusable(e);
        }
    }

    private <T> T connecting(Supplier<T> connect) {
        // Options are the client's, not the connection's, so two threads must not set them at once.
        synchronized (client) {
            try {
                return connect.get();
            } catch (RedisException e) {
                throw unusable(e);
            }
        }
    }

    private TidemarkError unusable(RedisException e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new TidemarkError(
                ExitCode.UNREACHABLE,
                "Redis at %s cannot be used: %s. What is in the log and on S3 is safe; capture tries again"
                        .formatted(node(), root.getMessage()),
                e);
    }

    private ClientOptions options(ProtocolVersion protocol) {
        ClientOptions.Builder options = ClientOptions.builder()
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

    private RedisURI uri(int db) {
        RedisURI.Builder uri = RedisURI.builder()
                .withHost(address.getHost())
                .withPort(port())
                .withSsl(address.getScheme().equals("rediss"))
                .withDatabase(db)
                .withTimeout(settings.connectTimeout())
                .withClientName("tidemark-capture");
        settings.password().ifPresent(password -> {
            if (settings.username().isPresent()) {
                uri.withAuthentication(
                        settings.username().get(), password.reveal().toCharArray());
            } else {
                uri.withPassword(password.reveal().toCharArray());
            }
        });
        return uri.build();
    }

    private int port() {
        return address.getPort() < 0 ? RedisURI.DEFAULT_REDIS_PORT : address.getPort();
    }

    @Override
    public void close() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
}
