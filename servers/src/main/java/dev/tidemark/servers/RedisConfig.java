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

    static void write(Path file, Path directory, int port, RedisServer.Options options) {
        List<String> all = new ArrayList<>(List.of(
                "bind 127.0.0.1",
                "daemonize no",
                "dir \"" + directory + "\"",
                "dbfilename dump.rdb",
                "save \"\"",
                "appendonly " + (options.appendOnly() ? "yes" : "no"),
                "appendfsync always",
                // A replica is in step at once, and a lost primary is noticed soon.
                "repl-diskless-sync-delay 0",
                "repl-ping-replica-period 1"));
        all.addAll(options.tls() ? tls(port) : List.of("port " + port));
        // Roles change, so everybody knows what a replica needs.
        options.password().ifPresent(password -> {
            all.add("requirepass " + password);
            all.add("masterauth " + password);
        });
        all.addAll(options.config());
        try {
            Files.write(file, all);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** Nothing answers without TLS: replicas, the cluster's bus and whoever looks after the server come the same way. */
    static List<String> tls(int port) {
        LoopbackCertificate certificate = LoopbackCertificate.get();
        return List.of(
                "port 0",
                "tls-port " + port,
                "tls-cert-file \"" + certificate.certificateFile() + "\"",
                "tls-key-file \"" + certificate.keyFile() + "\"",
                "tls-ca-cert-file \"" + certificate.caFile() + "\"",
                "tls-auth-clients no",
                "tls-replication yes",
                "tls-cluster yes");
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
