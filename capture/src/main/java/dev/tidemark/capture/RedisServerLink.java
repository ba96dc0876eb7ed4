package dev.tidemark.capture;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.redis.LostAnswer;
import dev.tidemark.schemas.redis.RedisAddress;
import dev.tidemark.schemas.redis.RedisRefused;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** How to connect to one node. */
final class RedisServerLink {
    private static final Duration CLOCK_AHEAD_MAX = Duration.ofSeconds(5);
    private static final Pattern NOT_LET_IN = Pattern.compile("WRONGPASS|NOAUTH|ERR (AUTH|invalid password)");

    private static final Duration LOGIN_SILENCE_MAX = Duration.ofSeconds(5);

    private final NodeAddress node;
    private final RedisClient signals;
    private final RedisClient commands;
    private final RedisURI uri;
    private final Function<Duration, RedisAddress> address;
    private final Clock clock;

    RedisServerLink(
            NodeAddress node,
            RedisClient signals,
            RedisClient commands,
            RedisURI uri,
            Function<Duration, RedisAddress> address,
            Clock clock) {
        this.node = node;
        this.signals = signals;
        this.commands = commands;
        this.uri = uri;
        this.address = address;
        this.clock = clock;
    }

    /** {@code host:port}, the node's name in claims and logs. */
    String node() {
        return node.toString();
    }

    StatefulRedisPubSubConnection<byte[], byte[]> signals() {
        return connecting(() -> signals.connectPubSub(ByteArrayCodec.INSTANCE, uri));
    }

    StatefulRedisConnection<byte[], byte[]> commands(int db) {
        RedisURI database = RedisURI.builder(uri).withDatabase(db).build();
        return connecting(() -> commands.connect(ByteArrayCodec.INSTANCE, database));
    }

    /** Likewise, to any database, without waiting for it. */
    CompletableFuture<StatefulRedisConnection<byte[], byte[]>> commandsSoon() {
        return commands.connectAsync(ByteArrayCodec.INSTANCE, uri)
                .toCompletableFuture()
                .handle((connection, failure) -> {
                    if (failure != null) {
                        throw unusable(failure);
                    }
                    return connection;
                });
    }

    /** For a connection of our own making. */
    RedisAddress address(Duration silenceMax) {
        return address.apply(silenceMax);
    }

    /** The node's clock, asked for on a connection of its own. */
    long timeMicros() {
        try (StatefulRedisConnection<byte[], byte[]> connection = commands(0)) {
            long micros = WatchLink.micros(connection.sync().time());
            if (micros > (clock.millis() + CLOCK_AHEAD_MAX.toMillis()) * 1_000) {
                throw new TidemarkError(
                        ExitCode.UNREACHABLE,
                        "the clock of Redis at %s is more than %d s ahead of ours: nothing is dated by it. Mend the clocks; capture tries again"
                                .formatted(node, CLOCK_AHEAD_MAX.toSeconds()));
            }
            return micros;
        } catch (RedisException e) {
            throw unusable(e);
        }
    }

    private <T> T connecting(Supplier<T> connect) {
        try {
            return connect.get();
        } catch (RedisException e) {
            Optional<RedisRefused> refused = LostAnswer.behind(e, address(LOGIN_SILENCE_MAX));
            throw refused.isPresent() ? unusable(refused.get()) : unusable(e);
        }
    }

    private TidemarkError unusable(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String said = String.valueOf(root.getMessage());
        String wayOut = NOT_LET_IN.matcher(said).lookingAt()
                ? ". Check redis.username and its password, redis.password or redis.password-file"
                : "";
        return new TidemarkError(
                ExitCode.UNREACHABLE,
                "Redis at %s cannot be used: %s%s. What is in the log and on S3 is safe; capture tries again"
                        .formatted(node, said, wayOut),
                e);
    }
}
