package dev.tidemark.servers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The redis-server 6.2 that comes with us, for a machine that has none: enough for a demo, not for every test. */
public final class BundledRedis {
    private static final Map<String, String> RESOURCES = Map.of(
            "linux-amd64", "redis-server-6.2.6-v5-linux-amd64",
            "linux-aarch64", "redis-server-6.2.7-linux-arm64",
            "mac-x86_64", "redis-server-6.2.6-v5-darwin-amd64",
            "mac-aarch64", "redis-server-6.2.6-v5-darwin-arm64");

    private BundledRedis() {}

    /** Unpacks it once a JVM, into a file that goes with the JVM; empty where none fits this machine. */
    public static Optional<RedisBinary> extract() {
        return Extracted.BINARY;
    }

    private static final class Extracted {
        static final Optional<RedisBinary> BINARY =
                Optional.ofNullable(RESOURCES.get(platform())).flatMap(BundledRedis::unpack);
    }

    private static Optional<RedisBinary> unpack(String resource) {
        try (InputStream bytes = BundledRedis.class.getResourceAsStream("/" + resource)) {
            if (bytes == null) {
                return Optional.empty();
            }
            Path directory = Files.createTempDirectory("tidemark-redis-");
            directory.toFile().deleteOnExit();
            Path program = directory.resolve("redis-server");
            program.toFile().deleteOnExit();
            Files.copy(bytes, program, StandardCopyOption.REPLACE_EXISTING);
            if (!program.toFile().setExecutable(true)) {
                return Optional.empty();
            }
            return RedisBinary.at(program);
        } catch (IOException e) {
            throw new ServerFailure("the bundled redis-server cannot be unpacked; install redis-server instead", e);
        }
    }

    private static String platform() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String name = system.startsWith("mac") ? "mac" : system;
        return name + "-" + System.getProperty("os.arch");
    }
}
