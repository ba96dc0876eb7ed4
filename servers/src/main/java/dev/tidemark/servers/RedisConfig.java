package dev.tidemark.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The redis.conf of one server and what the server leaves beside it. */
final class RedisConfig {
    private RedisConfig() {}

    static void write(Path file, Path directory, int port, boolean appendOnly, List<String> lines) {
        List<String> all = new ArrayList<>(List.of(
                "bind 127.0.0.1",
                "port " + port,
                "daemonize no",
                "dir \"" + directory + "\"",
                "dbfilename dump.rdb",
                "save \"\"",
                "appendonly " + (appendOnly ? "yes" : "no"),
                "appendfsync always"));
        all.addAll(lines);
        try {
            Files.write(file, all);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** A user of the configuration is in force before the server answers anybody, also after a kill. */
    static void rememberUser(Path file, String name, List<String> rules) {
        try {
            List<String> lines = new ArrayList<>(Files.readAllLines(file));
            lines.removeIf(line -> line.startsWith("user " + name + " "));
            lines.add("user " + name + " " + String.join(" ", rules));
            Files.write(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    static boolean isData(Path path) {
        String name = path.getFileName().toString();
        return name.endsWith(".rdb") || name.startsWith("appendonly");
    }
}
