package dev.tidemark.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A real Trino of one node on loopback, from its own distribution, with an S3 endpoint as a catalog: Hive's connector, and
 * a metastore of files. It is what Athena is made of.
 */
public final class TrinoServer implements AutoCloseable {
    /** The catalog and the one schema in it. */
    public static final String CATALOG = "archive";

    public static final String SCHEMA = "tidemark";

    private static final Duration START_LIMIT = Duration.ofMinutes(4);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    private final ServerDirectory directory;
    private final int port;
    private final ServerProcess process;

    private TrinoServer(Path distribution, Path javaHome, S3Endpoint s3, int heapMegabytesMax) {
        directory = ServerDirectory.ofCallerOrFresh(Optional.empty(), "trino");
        port = FreePort.next();
        try {
            configure(distribution, s3);
        } catch (IOException e) {
            throw new UncheckedIOException("Trino cannot be configured in " + directory.path(), e);
        }
        Path etc = directory.path().resolve("etc");
        process = ServerProcess.start(
                "trino",
                List.of(
                        javaHome.resolve("bin").resolve("java").toString(),
                        "-Xmx" + heapMegabytesMax + "m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-Djdk.attach.allowAttachSelf=true",
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dconfig=" + etc.resolve("config.properties"),
                        "-Dnode.environment=tidemark",
                        "-Dnode.id=one",
                        "-Dnode.data-dir=" + directory.path(),
                        "-Dnode.bind-ip=127.0.0.1",
                        "-Dnode.internal-address=127.0.0.1",
                        "-cp",
                        distribution.resolve("lib") + "/*",
                        "io.trino.server.TrinoServer"),
                directory.path(),
                directory.path().resolve("trino.log"));
    }

    /**
     * Returns when it takes queries.
     *
     * @param distribution as its archive unpacks
     * @param javaHome of a Java that it runs on; 476 wants 24 or later
     */
    public static TrinoServer start(Path distribution, Path javaHome, S3Endpoint s3, int heapMegabytesMax) {
        TrinoServer server = new TrinoServer(distribution, javaHome, s3, heapMegabytesMax);
        try {
            server.awaitReady();
        } catch (RuntimeException | Error e) {
            server.close();
            throw e;
        }
        return server;
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    private void configure(Path distribution, S3Endpoint s3) throws IOException {
        Path etc = Files.createDirectories(directory.path().resolve("etc"));
        Path catalogs = Files.createDirectories(etc.resolve("catalog"));
        // One connector of sixty: to load them all takes minutes.
        Path plugins = Files.createDirectories(directory.path().resolve("plugin"));
        Files.createSymbolicLink(
                plugins.resolve("hive"),
                distribution.resolve("plugin").resolve("hive").toAbsolutePath());
        Path metastore = Files.createDirectories(directory.path().resolve("metastore"));
        Files.writeString(etc.resolve("config.properties"), """
                coordinator=true
                node-scheduler.include-coordinator=true
                http-server.http.port=%d
                discovery.uri=%s
                catalog.config-dir=%s
                plugin.dir=%s
                """.formatted(port, uri(), catalogs, plugins));
        Files.writeString(catalogs.resolve(CATALOG + ".properties"), """
                connector.name=hive
                hive.metastore=file
                hive.metastore.catalog.dir=local:///
                fs.native-local.enabled=true
                local.location=%s
                fs.native-s3.enabled=true
                s3.endpoint=%s
                s3.region=us-east-1
                s3.path-style-access=true
                s3.aws-access-key=%s
                s3.aws-secret-key=%s
                """.formatted(
                        metastore, s3.uri(), s3.accessKey(), s3.secretKey()));
    }

    private void awaitReady() {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest info = HttpRequest.newBuilder(uri().resolve("/v1/info"))
                .timeout(ANSWER_LIMIT)
                .build();
        Await.until(
                START_LIMIT,
                () -> {
                    if (!process.isAlive()) {
                        throw process.ended(port);
                    }
                    try {
                        return client.send(info, BodyHandlers.ofString()).body().contains("\"starting\":false");
                    } catch (IOException notYet) {
                        return false;
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new IllegalStateException("interrupted while Trino starts", e);
                    }
                },
                "Trino takes queries");
    }

    @Override
    public void close() {
        process.terminate(STOP_LIMIT);
        directory.discard();
    }
}
