package dev.tidemark.schemas.settings;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The Redis that is captured.
 *
 * @param uri {@code redis://host:port} or {@code rediss://host:port}, without a password; capture needs it. The server
 *     itself, or one of the Cluster's nodes or of the Sentinels
 * @param cluster whether it is a Redis Cluster
 * @param sentinel where Sentinels know the primary
 * @param seeds {@code host:port} of more nodes or Sentinels, for when the one in the address is down
 * @param password as written, or read from the file
 * @param passwordFile where the password was read from
 * @param caFile PEM certificates to trust instead of the JDK's
 */
public record RedisSettings(
        Optional<URI> uri,
        boolean cluster,
        SentinelSettings sentinel,
        List<String> seeds,
        Optional<String> username,
        Optional<Secret> password,
        Optional<Path> passwordFile,
        Optional<Path> caFile,
        Duration connectTimeout) {
    public RedisSettings {
        Objects.requireNonNull(uri, "uri");
        Objects.requireNonNull(sentinel, "sentinel");
        seeds = List.copyOf(seeds);
        Objects.requireNonNull(username, "username");
        Objects.requireNonNull(password, "password");
        Objects.requireNonNull(passwordFile, "passwordFile");
        Objects.requireNonNull(caFile, "caFile");
        Objects.requireNonNull(connectTimeout, "connectTimeout");
    }

    public static RedisSettings defaults() {
        return new RedisSettings(
                Optional.empty(),
                false,
                SentinelSettings.none(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(5));
    }

    public static RedisSettings at(URI uri) {
        RedisSettings defaults = defaults();
        return defaults.reaching(Optional.of(uri), false, SentinelSettings.none(), List.of());
    }

    /** A Redis Cluster, of which any of these nodes tells. */
    public static RedisSettings cluster(URI uri, List<String> seeds) {
        return defaults().reaching(Optional.of(uri), true, SentinelSettings.none(), seeds);
    }

    /** The primary of that name, of which any of these Sentinels tells. */
    public static RedisSettings sentinel(URI uri, String master, List<String> seeds) {
        return defaults().reaching(Optional.of(uri), false, SentinelSettings.of(master), seeds);
    }

    private RedisSettings reaching(
            Optional<URI> address, boolean isCluster, SentinelSettings sentinels, List<String> more) {
        return new RedisSettings(
                address, isCluster, sentinels, more, username, password, passwordFile, caFile, connectTimeout);
    }

    /** The same servers, spoken to as this user. */
    public RedisSettings as(String user, Secret secret) {
        return new RedisSettings(
                uri,
                cluster,
                sentinel,
                seeds,
                Optional.of(user),
                Optional.of(secret),
                Optional.empty(),
                caFile,
                connectTimeout);
    }

    /** The same servers, trusted by these certificates. */
    public RedisSettings trusting(Path certificates) {
        return new RedisSettings(
                uri,
                cluster,
                sentinel,
                seeds,
                username,
                password,
                passwordFile,
                Optional.of(certificates),
                connectTimeout);
    }

    /** The same servers, whose Sentinels are spoken to as this user. */
    public RedisSettings askingSentinelsAs(String user, Secret secret) {
        return reaching(
                uri,
                cluster,
                new SentinelSettings(sentinel.master(), Optional.of(user), Optional.of(secret), Optional.empty()),
                seeds);
    }

    void report(Problems problems, Role role) {
        problems.unless(
                uri.isPresent() || !role.readsRedis(), "redis.uri is missing; for example redis://127.0.0.1:6379");
        uri.ifPresent(address -> reportUri(problems, address));
        problems.unless(
                !cluster || sentinel.master().isEmpty(),
                "redis.cluster and redis.sentinel.master are both set; a Cluster needs no Sentinels, keep one");
        sentinel.report(problems);
        for (String seed : seeds) {
            problems.unless(
                    seed.matches("[^\\s:@/]+:\\d{1,5}"),
                    "redis.seeds holds something other than host:port; for example [10.0.0.4:6379, 10.0.0.5:6379]");
        }
        problems.unless(
                seeds.isEmpty() || cluster || sentinel.master().isPresent(),
                "redis.seeds is set, which is for redis.cluster or redis.sentinel.master; a single server has one address");
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
        return "RedisSettings[uri=" + shown + ", cluster=" + cluster + ", sentinel=" + sentinel + ", seeds=" + seeds
                + ", username=" + username + ", password=" + password + ", passwordFile="
                + passwordFile + ", caFile=" + caFile + ", connectTimeout=" + connectTimeout + "]";
    }
}
