package dev.tidemark.schemas.settings;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * The Redis that is captured.
 *
 * @param uri {@code redis://host:port} or {@code rediss://host:port}, without a password; capture needs it
 * @param password as written, or read from the file
 * @param passwordFile where the password was read from
 * @param caFile PEM certificates to trust instead of the JDK's
 */
public record RedisSettings(
        Optional<URI> uri,
        Optional<String> username,
        Optional<Secret> password,
        Optional<Path> passwordFile,
        Optional<Path> caFile,
        Duration connectTimeout) {
    public RedisSettings {
        Objects.requireNonNull(uri, "uri");
        Objects.requireNonNull(username, "username");
        Objects.requireNonNull(password, "password");
        Objects.requireNonNull(passwordFile, "passwordFile");
        Objects.requireNonNull(caFile, "caFile");
        Objects.requireNonNull(connectTimeout, "connectTimeout");
    }

    public static RedisSettings defaults() {
        return new RedisSettings(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(5));
    }

    public static RedisSettings at(URI uri) {
        RedisSettings defaults = defaults();
        return new RedisSettings(
                Optional.of(uri),
                defaults.username,
                defaults.password,
                defaults.passwordFile,
                defaults.caFile,
                defaults.connectTimeout);
    }

    void report(Problems problems, Role role) {
        problems.unless(
                uri.isPresent() || !role.readsRedis(), "redis.uri is missing; for example redis://127.0.0.1:6379");
        uri.ifPresent(address -> reportUri(problems, address));
        problems.unless(
                username.isEmpty() || password.isPresent(),
                "redis.username is set but no password; set redis.password-file too");
        problems.unless(
                caFile.isEmpty() || uri.isEmpty() || isTls(uri.get()),
                "redis.ca-file is set but redis.uri does not begin with rediss://");
        problems.unlessWithin("redis.connect-timeout", connectTimeout, Duration.ofMillis(100), Duration.ofMinutes(5));
    }

    /** Never names the address itself: whoever puts a password there should not find it in a log. */
    private static void reportUri(Problems problems, URI address) {
        if (address.getRawUserInfo() != null || address.toString().contains("@")) {
            problems.unless(
                    false,
                    "redis.uri holds a user or password, and addresses are printed;"
                            + " use redis.username and redis.password-file");
            return;
        }
        problems.unless(
                "redis".equals(address.getScheme()) || isTls(address),
                "redis.uri begins with neither redis:// nor rediss://; for example redis://127.0.0.1:6379");
        problems.unless(address.getHost() != null, "redis.uri names no host; for example redis://127.0.0.1:6379");
        problems.unless(
                (address.getRawPath() == null || address.getRawPath().length() <= 1) && address.getRawQuery() == null,
                "redis.uri has a path or a query; which databases are captured is said by source.databases");
    }

    private static boolean isTls(URI address) {
        return "rediss".equals(address.getScheme());
    }

    @Override
    public String toString() {
        String shown = uri.map(address -> address.toString().contains("@") ? "(secret)" : address.toString())
                .orElse("(none)");
        return "RedisSettings[uri=" + shown + ", username=" + username + ", password=" + password + ", passwordFile="
                + passwordFile + ", caFile=" + caFile + ", connectTimeout=" + connectTimeout + "]";
    }
}
