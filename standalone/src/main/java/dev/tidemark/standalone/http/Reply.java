package dev.tidemark.standalone.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.schemas.health.Health;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What is sent back. The members of the JSON are a promise to scripts: {@code status} and {@code reasons}. */
record Reply(int status, String contentType, String body) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    /** A reason is for a person: what is longer stands in the log. */
    private static final int REASON_CHARACTERS_MAX = 500;

    Reply {
        Objects.requireNonNull(contentType, "contentType");
        Objects.requireNonNull(body, "body");
    }

    static Reply text(int status, String text) {
        return new Reply(status, "text/plain; charset=utf-8", text);
    }

    static Reply alive(Health health) {
        return health.isAlive() ? json(OK, "alive", List.of()) : json(UNAVAILABLE, "dead", health.dead());
    }

    static Reply ready(Health health) {
        if (health.isReady()) {
            return json(OK, "ready", List.of());
        }
        return json(UNAVAILABLE, "not-ready", health.isAlive() ? health.unready() : health.dead());
    }

    private static Reply json(int status, String word, List<String> reasons) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("status", word);
        members.put("reasons", reasons.stream().map(Reply::shortened).toList());
        try {
            return new Reply(status, "application/json", JSON.writeValueAsString(members) + "\n");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text always becomes JSON", e);
        }
    }

    private static String shortened(String reason) {
        return reason.length() <= REASON_CHARACTERS_MAX ? reason : reason.substring(0, REASON_CHARACTERS_MAX) + " ...";
    }
}
