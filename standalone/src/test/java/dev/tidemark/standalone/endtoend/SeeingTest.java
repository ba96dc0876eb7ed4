package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.standalone.command.Terminal;
import dev.tidemark.standalone.http.MetricsTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A compactor in a process of its own, on a real Kafka and S3, seen from outside alone. */
class SeeingTest {
    private static final String SOURCE = "seen";
    private static final int RECORD_BYTES_MAX = 1 << 20;
    private static final Duration SOON = Duration.ofMinutes(2);

    private final HttpClient client = HttpClient.newHttpClient();
    private final int port = FreePort.next();

    @TempDir
    Path directory;

    @Test
    void aCompactorIsSeenThroughItsDoor() {
        try (KafkaBroker kafka = KafkaBroker.start();
                S3Endpoint s3 = S3Endpoint.start()) {
            KafkaSettings settings = KafkaSettings.singleBroker(kafka.bootstrap());
            new TopicSetup(settings, LogTopics.first(SOURCE), 2, RECORD_BYTES_MAX, SOON).ensure();
            Path config = write(kafka, s3);
            s3.down();
            try (ServiceProcess compactor = new ServiceProcess("compact", config, directory.resolve("compact.log"))) {
                checkThatItWaitsFor(s3);
                awaitStatus("/readyz", 200);
                Await.until(SOON, () -> body("/metrics").contains("archived_age_seconds{shard=\"1\""), "both shards");
                checkMetrics();
                checkThatASecondOneSaysWhatIsInItsWay(config);

                kafka.pause();
                try {
                    awaitStatus("/readyz", 503);
                    assertThat(body("/readyz")).contains("Kafka does not answer");
                    assertThat(status("/healthz")).isEqualTo(200);
                    assertThat(body("/metrics")).contains("tidemark_compactor_kafka_answers{source=\"seen\"} 0.0");
                } finally {
                    kafka.resume();
                }
                awaitStatus("/readyz", 200);
                assertThat(compactor.isAlive()).isTrue();
            }
        }
    }

    private void checkThatItWaitsFor(S3Endpoint s3) {
        Await.until(SOON, () -> bodyOrNothing("/readyz").contains("S3 does not answer"), "it says what it waits for");
        assertThat(status("/readyz")).isEqualTo(503);
        assertThat(status("/healthz")).isEqualTo(200);
        s3.up();
    }

    private void checkMetrics() {
        String scrape = body("/metrics");
        assertThat(MetricsTable.scraped(scrape, "tidemark_")).isEqualTo(MetricsTable.documented("tidemark_compactor_"));
        assertThat(MetricsTable.documented("")).containsAllEntriesOf(MetricsTable.scraped(scrape, ""));
    }

    private void checkThatASecondOneSaysWhatIsInItsWay(Path config) {
        Terminal terminal = Terminal.in(directory);

        assertThat(terminal.run("compact", "--config", config.toString())).isEqualTo(2);

        assertThat(terminal.err())
                .contains("cannot listen on 127.0.0.1:" + port)
                .contains("Set http.compactor-port to a free one");
    }

    private Path write(KafkaBroker kafka, S3Endpoint s3) {
        String yaml = """
                source: {name: %s, shards: 2}
                kafka: {bootstrap: "%s", single-copy: true}
                s3: {deadline: 2s, bucket: "%s", endpoint: "%s", path-style: true, access-key-id: "%s", secret-access-key: "%s"}
                compactor: {cut-age: 1s, state-dir: "%s"}
                http: {compactor-port: %d}
                """.formatted(
                        SOURCE,
                        kafka.bootstrap(),
                        s3.bucket(),
                        s3.uri(),
                        s3.accessKey(),
                        s3.secretKey(),
                        directory.resolve("streams"),
                        port);
        try {
            return Files.writeString(directory.resolve("tidemark.yml"), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitStatus(String path, int expected) {
        Await.until(SOON, () -> status(path) == expected, path + " answers " + expected);
    }

    /** 0 while nobody listens. */
    private int status(String path) {
        try {
            return get(path).statusCode();
        } catch (IOException notYet) {
            return 0;
        }
    }

    private String bodyOrNothing(String path) {
        return status(path) == 0 ? "" : body(path);
    }

    private String body(String path) {
        try {
            return get(path).body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpResponse<String> get(String path) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(10))
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
