package dev.tidemark.schemas.redis;

import dev.tidemark.schemas.settings.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a Redis is and how one gets in. Printing it shows no password.
 *
 * @param caFile PEM certificates to trust instead of the JDK's
 * @param silenceMax how long to wait for the next bytes of an answer, or until some are taken
 */
public record RedisAddress(
        String host,
        int port,
        boolean tls,
        Optional<Path> caFile,
        Optional<String> username,
        Optional<Secret> password,
        Duration connectTimeout,
        Duration silenceMax) {
    public RedisAddress {
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(caFile, "caFile");
        Objects.requireNonNull(username, "username");
        Objects.requireNonNull(password, "password");
        Objects.requireNonNull(connectTimeout, "connectTimeout");
        Objects.requireNonNull(silenceMax, "silenceMax");
    }

    @Override
    public String toString() {
        return (tls ? "rediss://" : "redis://") + host + ":" + port;
    }
}
