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
import java.util.concurrent.ConcurrentHashMap;

/** A store from before conditional writes: it takes If-None-Match for any other header, and the last writer wins. */
final class OldStore implements AutoCloseable {
    private static final byte[] NO_OBJECTS = """
            <?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>
            """.getBytes(StandardCharsets.UTF_8);

    private final HttpServer server;
    private final Map<String, List<String>> shaOf = new ConcurrentHashMap<>();

    OldStore() throws IOException {
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
            switch (exchange.getRequestMethod()) {
                case "PUT" -> {
                    shaOf.put(path, exchange.getRequestHeaders().getOrDefault("x-amz-meta-sha256", List.of("")));
                    exchange.sendResponseHeaders(200, -1);
                }
                case "DELETE" -> {
                    shaOf.remove(path);
                    exchange.sendResponseHeaders(204, -1);
                }
                case "GET" -> {
                    // Nobody asks it for more than its list.
                    exchange.sendResponseHeaders(200, NO_OBJECTS.length);
                    exchange.getResponseBody().write(NO_OBJECTS);
                }
                default -> exchange.sendResponseHeaders(shaOf.containsKey(path) ? 200 : 404, -1);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
