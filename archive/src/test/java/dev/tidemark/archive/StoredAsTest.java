package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tidemark.schemas.settings.Checksums;
import dev.tidemark.schemas.settings.EncryptionSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is on the wire, whichever way an object is written: the store of the other tests knows neither keys nor classes. */
class StoredAsTest {
    private static final String KEY = "arn:aws:kms:eu-central-1:123456789012:key/abc";
    private static final String SHA256 = "x-amz-checksum-sha256";
    private static final String CRC32C = "x-amz-checksum-crc32c";

    private record Sent(String method, String query, Headers headers) {
        boolean makesAnObject() {
            return query.isEmpty() ? method.equals("PUT") : query.equals("uploads");
        }

        boolean isPart() {
            return query.contains("partNumber=");
        }

        /** In a header, or behind the body. */
        boolean carries(String checksum) {
            return headers.containsKey(checksum) || checksum.equals(headers.getFirst("x-amz-trailer"));
        }
    }

    private final List<Sent> sent = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            String query = Optional.ofNullable(exchange.getRequestURI().getQuery())
                    .orElse("")
                    .replaceFirst("=$", "");
            sent.add(new Sent(exchange.getRequestMethod(), query, exchange.getRequestHeaders()));
            String body = "";
            if (exchange.getRequestMethod().equals("POST")) {
                body = query.equals("uploads")
                        ? "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
                        : "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>";
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("ETag", "\"e\"");
            exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Test
    void everythingThatIsWrittenNamesTheKeyAndTheClassAndCarriesItsChecksum() {
        write(settings(Checksums.WHEN_SUPPORTED)
                .storing(new EncryptionSettings(Optional.of(KEY)), Optional.of("INTELLIGENT_TIERING")));

        List<Sent> making = sent.stream().filter(Sent::makesAnObject).toList();
        assertThat(making).hasSize(4);
        assertThat(making).allSatisfy(request -> {
            assertThat(request.headers().getFirst("x-amz-server-side-encryption"))
                    .isEqualTo("aws:kms");
            assertThat(request.headers().getFirst("x-amz-server-side-encryption-aws-kms-key-id"))
                    .isEqualTo(KEY);
            assertThat(request.headers().getFirst("x-amz-storage-class")).isEqualTo("INTELLIGENT_TIERING");
        });
        assertThat(sent.stream().filter(request -> request.method().equals("PUT")))
                .hasSize(4)
                .allMatch(request -> request.carries(request.isPart() ? CRC32C : SHA256));
    }

    @Test
    void withoutWishesNothingIsAskedOfTheStoreThatItMayNotKnow() {
        write(settings(Checksums.WHEN_REQUIRED));

        assertThat(sent).hasSize(6).allSatisfy(request -> {
            assertThat(request.headers().keySet())
                    .map(name -> name.toLowerCase(java.util.Locale.ROOT))
                    .noneMatch(name -> name.startsWith("x-amz-server-side")
                            || name.equals("x-amz-storage-class")
                            || name.startsWith("x-amz-checksum")
                            || name.equals("x-amz-trailer"));
        });
    }

    private S3Settings settings(Checksums checksums) {
        S3Settings plain = S3Settings.at(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()), "bucket", "key", Secret.of("hush"));
        return new S3Settings(
                plain.bucket(),
                plain.root(),
                plain.endpoint(),
                plain.region(),
                plain.pathStyle(),
                plain.accessKeyId(),
                plain.secretAccessKey(),
                plain.secretAccessKeyFile(),
                checksums,
                plain.deadline(),
                plain.attempts());
    }

    private static void write(S3Settings settings) {
        try (ObjectStore store = ObjectStore.open(settings)) {
            byte[] bytes = {1, 2, 3};
            store.put("overwritten", ObjectBody.of(bytes), Map.of());
            store.create("created", ObjectBody.of(bytes), Map.of());
            store.put(
                    "streamed",
                    new ObjectStore.Content(bytes.length, () -> new java.io.ByteArrayInputStream(bytes)),
                    ObjectBody.of(bytes).sha256Hex());
            try (PartsUpload parts = PartsUpload.begin(store, "in parts")) {
                parts.write(bytes, 0, bytes.length);
                parts.complete();
            }
        }
    }
}
