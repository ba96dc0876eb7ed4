package dev.tidemark.standalone.up;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.FreePort;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/** The ports of loopback that a directory's servers have, the same at every start. Settings that name one ask for its server. */
record EmbeddedAddresses(int kafkaPort, int s3Port) {
    private static final String FILE = "embedded.properties";

    static EmbeddedAddresses free() {
        return new EmbeddedAddresses(FreePort.next(), FreePort.next());
    }

    static EmbeddedAddresses read(Path directory) {
        Path file = directory.resolve(FILE);
        try (Reader reader = Files.newBufferedReader(file)) {
            Properties ports = new Properties();
            ports.load(reader);
            return new EmbeddedAddresses(
                    Integer.parseInt(ports.getProperty("kafka-port")), Integer.parseInt(ports.getProperty("s3-port")));
        } catch (IOException | NumberFormatException unreadable) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "%s is missing or damaged (%s); nothing was started. It holds two lines, kafka-port=N and s3-port=N, with the ports of kafka.bootstrap and s3.endpoint in tidemark.yml beside it"
                            .formatted(file, unreadable.getMessage()),
                    unreadable);
        }
    }

    void write(Path directory) throws IOException {
        Properties ports = new Properties();
        ports.setProperty("kafka-port", Integer.toString(kafkaPort));
        ports.setProperty("s3-port", Integer.toString(s3Port));
        try (OutputStream out = Files.newOutputStream(directory.resolve(FILE))) {
            ports.store(out, "The ports that 'tidemark up' gives its own Kafka and S3");
        }
    }

    static void forget(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(FILE));
    }

    String bootstrap() {
        return "127.0.0.1:" + kafkaPort;
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + s3Port);
    }

    boolean serveLogOf(Settings settings) {
        return settings.kafka().bootstrap().equals(bootstrap());
    }

    boolean serveBucketOf(Settings settings) {
        return settings.s3().endpoint().equals(Optional.of(endpoint()));
    }
}
