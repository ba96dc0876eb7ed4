package dev.tidemark.servers;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Which servers a test runs on that shall hold for all that we support. */
public final class RedisServers {
    /** {@code redis-8.0=/path/to/redis-server,valkey-8.1=}: a name without a path is wanted and missing. */
    public static final String VARIABLE = "TIDEMARK_MATRIX";

    private RedisServers() {}

    /** This machine's own, and those that the environment names: for JUnit's {@code @MethodSource}. */
    public static Stream<MatrixServer> matrix() {
        return matrix(Objects.requireNonNullElse(System.getenv(VARIABLE), ""));
    }

    static Stream<MatrixServer> matrix(String named) {
        RedisBinary own = RedisServer.find()
                .or(BundledRedis::extract)
                .orElseThrow(() -> new ServerFailure("no redis-server 6.2 or later on this machine"));
        Stream<MatrixServer> others = Stream.of(named.split(",", -1))
                .map(String::strip)
                .filter(entry -> !entry.isEmpty())
                .map(RedisServers::parse);
        return Stream.concat(Stream.of(new MatrixServer(MatrixServer.OWN + own.version(), Optional.of(own))), others);
    }

    private static MatrixServer parse(String entry) {
        String[] parts = entry.split("=", 2);
        if (parts.length != 2 || parts[0].isBlank()) {
            throw new ServerFailure("%s has '%s'; write name=/path/to/redis-server, or name= for one that is missing"
                    .formatted(VARIABLE, entry));
        }
        if (parts[1].isBlank()) {
            return new MatrixServer(parts[0], Optional.empty());
        }
        // Named on purpose: one that does not run is a mistake, not a reason to skip.
        RedisBinary binary = RedisBinary.at(Path.of(parts[1]))
                .orElseThrow(
                        () -> new ServerFailure("%s: %s is no redis-server that runs here".formatted(VARIABLE, entry)));
        return new MatrixServer(parts[0], Optional.of(binary));
    }
}
