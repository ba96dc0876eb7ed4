package dev.tidemark.standalone.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.capture.EveryCaptureMeter;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.health.Health;
import dev.tidemark.servers.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StatusServerTest {
    private static final String SOURCE = "rag";

    private final HttpClient client = HttpClient.newHttpClient();
    private final int port = FreePort.next();
    private final StatusServer server = StatusServer.open(SOURCE, "127.0.0.1", "http.capture-port", port);

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aServiceThatStartsIsAliveAndNotReadyYet() throws Exception {
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        HttpResponse<String> ready = get("/readyz");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).isEqualTo("{\"status\":\"not-ready\",\"reasons\":[\"it is starting\"]}\n");
    }

    @Test
    void whatTheServiceSaysIsShownAtOnce() throws Exception {
        AtomicReference<Health> health = new AtomicReference<>(new Health(List.of(), List.of()));
        server.tell(health::get);

        assertThat(get("/readyz").body()).isEqualTo("{\"status\":\"ready\",\"reasons\":[]}\n");
        health.set(new Health(List.of(), List.of("shard 3 is \"stopped\"", "x".repeat(2_000))));
        assertThat(get("/readyz").body()).contains("shard 3 is \\\"stopped\\\"").hasSizeLessThan(700);
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        health.set(new Health(List.of("the loop has ended"), List.of()));
        assertThat(get("/healthz").statusCode()).isEqualTo(503);
        assertThat(get("/healthz").body()).contains("dead", "the loop has ended");
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
    }

    @Test
    void aServiceThatCannotEvenSayHowItIsShowsNoTrace() throws Exception {
        server.tell(() -> {
            throw new IllegalStateException("a-value-of-a-user");
        });

        HttpResponse<String> broken = get("/healthz");

        assertThat(broken.statusCode()).isEqualTo(500);
        assertThat(broken.body()).doesNotContain("a-value-of-a-user");
    }

    @Test
    void nothingElseIsThere() throws Exception {
        assertThat(get("/").statusCode()).isEqualTo(404);
        assertThat(get("/metrics/x").statusCode()).isEqualTo(404);
        HttpRequest post = HttpRequest.newBuilder(uri("/metrics"))
                .POST(HttpRequest.BodyPublishers.ofString("x"))
                .build();
        assertThat(client.send(post, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(405);
        HttpRequest head = HttpRequest.newBuilder(uri("/metrics"))
                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                .build();
        assertThat(client.send(head, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void aPortInUseIsSaidWithTheWayOut() {
        assertThatThrownBy(() -> StatusServer.open(SOURCE, "127.0.0.1", "http.capture-port", port))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("cannot listen on 127.0.0.1:" + port)
                .hasMessageContaining("Set http.capture-port to a free one, or to 0")
                .extracting(e -> ((TidemarkError) e).code())
                .isEqualTo(ExitCode.USAGE);
        assertThatThrownBy(() -> StatusServer.open(SOURCE, "no.such.machine.invalid", "http.capture-port", port))
                .hasMessageContaining("http.bind");
    }

    @Test
    void portZeroListensNowhereAndCountsAllTheSame() {
        try (StatusServer unseen = StatusServer.open(SOURCE, "127.0.0.1", "http.capture-port", 0)) {
            unseen.registry().counter("counted").increment();

            assertThat(unseen.registry().get("counted").counter().count()).isEqualTo(1);
        }
    }

    /** More of them than there are threads; each holds one for five seconds or so. */
    @Test
    void clientsThatSendHalfARequestDoNotKeepOthersOutForLong() throws Exception {
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.getOutputStream().write("GET /metrics HT".getBytes(StandardCharsets.US_ASCII));
            slow.add(socket);
        }

        HttpRequest patient = HttpRequest.newBuilder(uri("/healthz"))
                .timeout(Duration.ofSeconds(40))
                .build();
        assertThat(client.send(patient, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);

        for (Socket socket : slow) {
            socket.close();
        }
    }

    @Test
    void everyMeterOfCaptureStandsInTheTable() throws Exception {
        EveryCaptureMeter.bindTo(server.registry());

        String scrape = get("/metrics").body();

        assertThat(MetricsTable.scraped(scrape, "tidemark_")).isEqualTo(MetricsTable.documented("tidemark_capture_"));
    }

    /** A scraper knows pods and ports; which Redis they are for, only the service can tell. */
    @Test
    void everySeriesSaysWhichSourceItIsOf() throws Exception {
        EveryCaptureMeter.bindTo(server.registry());

        List<String> series = get("/metrics")
                .body()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();

        assertThat(series).hasSizeGreaterThan(40).allMatch(line -> line.contains("source=\"rag\""));
    }

    @Test
    void heapAndDirectMemoryAreShown() throws Exception {
        String scrape = get("/metrics").body();

        assertThat(scrape)
                .containsPattern("jvm_memory_used_bytes\\{area=\"heap\"")
                .containsPattern("jvm_buffer_memory_used_bytes\\{id=\"direct\",");
        Map<String, String> documented = MetricsTable.documented("");
        assertThat(documented).containsAllEntriesOf(MetricsTable.scraped(scrape, ""));
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }
}
