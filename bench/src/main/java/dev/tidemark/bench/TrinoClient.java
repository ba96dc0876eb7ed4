package dev.tidemark.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.servers.TrinoServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Asks a Trino by its own protocol: a statement is posted, and answers are fetched page by page until there is no next. */
final class TrinoClient {
    private static final Duration ANSWER_LIMIT = Duration.ofMinutes(2);

    private final HttpClient client = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final URI statements;

    TrinoClient(TrinoServer server) {
        statements = server.uri().resolve("/v1/statement");
    }

    /** The rows of an answer, their values as JSON has them. */
    List<List<String>> ask(String sql) {
        List<List<String>> rows = new ArrayList<>();
        JsonNode page = send(HttpRequest.newBuilder(statements)
                .header("X-Trino-Catalog", TrinoServer.CATALOG)
                .header("X-Trino-Schema", TrinoServer.SCHEMA)
                .header("X-Trino-Time-Zone", "UTC")
                .POST(BodyPublishers.ofString(sql)));
        while (true) {
            if (page.has("error")) {
                throw new IllegalStateException("Trino refuses%n%s%n%s"
                        .formatted(sql, page.get("error").get("message").asText()));
            }
            page.path("data").forEach(row -> rows.add(values(row)));
            if (!page.has("nextUri")) {
                return rows;
            }
            page = send(HttpRequest.newBuilder(URI.create(page.get("nextUri").asText()))
                    .GET());
        }
    }

    private static List<String> values(JsonNode row) {
        List<String> values = new ArrayList<>();
        row.forEach(
                value -> values.add(value.isNull() ? null : value.isValueNode() ? value.asText() : value.toString()));
        return values;
    }

    private JsonNode send(HttpRequest.Builder request) {
        try {
            return json.readTree(client.send(
                            request.header("X-Trino-User", "bench")
                                    .timeout(ANSWER_LIMIT)
                                    .build(),
                            BodyHandlers.ofString())
                    .body());
        } catch (IOException e) {
            throw new UncheckedIOException("Trino does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Trino was asked", e);
        }
    }
}
