package dev.tidemark.servers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A redis-server (or valkey-server) program that runs on this machine, and the version it says it has. */
public record RedisBinary(Path path, int major, int minor, int patch) {
    /** Names the program to use; the PATH is then not searched. */
    public static final String VARIABLE = "TIDEMARK_REDIS_SERVER";

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);
    private static final Pattern VERSION = Pattern.compile("\\bv=(\\d+)\\.(\\d+)\\.(\\d+)");
    private static final int ANSWER_BYTES_MAX = 4_096;

    public RedisBinary {
        Objects.requireNonNull(path, "path");
    }

    /** Asks the program itself; empty if it does not run here or is something else. */
    public static Optional<RedisBinary> at(Path path) {
        if (!Files.isExecutable(path)) {
            return Optional.empty();
        }
        try {
            Process process = new ProcessBuilder(path.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String answer = new String(process.getInputStream().readNBytes(ANSWER_BYTES_MAX), StandardCharsets.UTF_8);
            if (!process.waitFor(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                return Optional.empty();
            }
            Matcher version = VERSION.matcher(answer);
            if (process.exitValue() != 0 || !version.find()) {
                return Optional.empty();
            }
            return Optional.of(new RedisBinary(
                    path.toAbsolutePath(),
                    Integer.parseInt(version.group(1)),
                    Integer.parseInt(version.group(2)),
                    Integer.parseInt(version.group(3))));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** The first program on the PATH, or the one that the environment names, that is at least 6.2. */
    static Optional<RedisBinary> find() {
        String named = System.getenv(VARIABLE);
        if (named != null && !named.isBlank()) {
            // Named on purpose: falling back to another one would test something else than was asked for.
            return Optional.of(at(Path.of(named))
                    .filter(RedisBinary::isUsable)
                    .orElseThrow(() -> new ServerFailure(
                            "%s=%s is no redis-server 6.2 or later that runs here".formatted(VARIABLE, named))));
        }
        return Stream.of("redis-server", "valkey-server")
                .flatMap(name -> Executables.onPath(name).stream())
                .flatMap(path -> at(path).stream())
                .filter(RedisBinary::isUsable)
                .findFirst();
    }

    /** The one that was named, else one of this machine, else the bundled one. */
    static RedisBinary toRun(Optional<Path> named) {
        if (named.isPresent()) {
            Path path = named.get();
            return at(path).orElseThrow(() -> new ServerFailure(path + " is no redis-server that runs here"));
        }
        return find().or(BundledRedis::extract)
                .orElseThrow(() -> new ServerFailure(
                        "no redis-server 6.2 or later on the PATH and none bundled for this machine; install one, or name it in "
                                + VARIABLE));
    }

    public boolean isAtLeast(int wantedMajor, int wantedMinor) {
        return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
    }

    public String version() {
        return major + "." + minor + "." + patch;
    }

    private boolean isUsable() {
        return isAtLeast(6, 2);
    }
}
