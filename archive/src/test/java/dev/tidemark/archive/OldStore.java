package dev.tidemark.archive;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A store from before conditional writes: it takes If-None-Match for any other header, and the last writer wins. So does Ceph
 * 16 in a bucket that keeps versions, and in any bucket when an upload in parts is completed.
 */
final class OldStore implements AutoCloseable {
    private static final byte[] NO_OBJECTS = """
            <?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>
            """.getBytes(StandardCharsets.UTF_8);

    private static final byte[] UPLOAD_BEGUN = """
            <?xml version="1.0" encoding="UTF-8"?>
            <InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>
            """.getBytes(StandardCharsets.UTF_8);
    private static final byte[] UPLOAD_COMPLETED = """
            <?xml version="1.0" encoding="UTF-8"?>
            <CompleteMultipartUploadResult><ETag>"1"</ETag></CompleteMultipartUploadResult>
            """.getBytes(StandardCharsets.UTF_8);

    private final HttpServer server;
    private final boolean keepsVersions;
    private final Map<String, List<String>> shaOf = new ConcurrentHashMap<>();
    private final AtomicInteger completed = new AtomicInteger();

    OldStore() throws IOException {
        this(false);
    }

    OldStore(boolean keepsVersions) throws IOException {
        this.keepsVersions = keepsVersions;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.createContext("/", this::answer);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath();
            String query = Objects.requireNonNullElse(exchange.getRequestURI().getQuery(), "");
            boolean isOfUpload = query.contains("uploadId=");
            switch (exchange.getRequestMethod()) {
                case "PUT" -> {
                    if (!isOfUpload) {
                        shaOf.put(path, exchange.getRequestHeaders().getOrDefault("x-amz-meta-sha256", List.of("")));
                    }
                    exchange.getResponseHeaders().set("ETag", "\"1\"");
                    if (keepsVersions) {
                        exchange.getResponseHeaders()
                                .set("x-amz-version-id", UUID.randomUUID().toString());
                    }
                    exchange.sendResponseHeaders(200, -1);
                }
                case "POST" -> {
                    if (isOfUpload) {
                        shaOf.put(path, List.of(""));
                        completed.incrementAndGet();
                    }
                    send(exchange, isOfUpload ? UPLOAD_COMPLETED : UPLOAD_BEGUN);
                }
                case "DELETE" -> {
                    if (!isOfUpload) {
                        shaOf.remove(path);
                    }
                    exchange.sendResponseHeaders(204, -1);
                }
                case "GET" -> {
                    // Nobody asks it for more than its list.
                    send(exchange, NO_OBJECTS);
                }
                default -> {
                    exchange.getResponseHeaders().set("Content-Length", "0");
                    exchange.sendResponseHeaders(shaOf.containsKey(path) ? 200 : 404, -1);
                }
            }
        }
    }

    private static void send(HttpExchange exchange, byte[] body) throws IOException {
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    /** How many uploads in parts were completed, over whatever was there. */
    int completed() {
        return completed.get();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
