package dev.tidemark.compactor.baseline;

import dev.tidemark.schemas.redis.HostPort;
import dev.tidemark.schemas.redis.RedisSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a server says of itself in INFO. */
record NodeInfo(Map<String, String> fields) {
    NodeInfo {
        fields = Map.copyOf(fields);
    }

    static NodeInfo of(RedisSocket redis, String... sections) throws IOException {
        Map<String, String> fields = new HashMap<>();
        for (String section : sections) {
            redis.send("INFO".getBytes(StandardCharsets.US_ASCII), section.getBytes(StandardCharsets.US_ASCII));
            redis.text().lines().forEach(line -> {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    fields.put(line.substring(0, colon), line.substring(colon + 1));
                }
            });
        }
        return new NodeInfo(fields);
    }

    String text(String field) throws IOException {
        String value = fields.get(field);
        if (value == null) {
            throw new IOException("the server does not tell its " + field);
        }
        return value;
    }

    boolean is(String field, String value) {
        return value.equals(fields.get(field));
    }

    /** The replicas that follow without a hitch, as their primary sees them. */
    List<HostPort> onlineReplicas() {
        List<HostPort> replicas = new ArrayList<>();
        for (int i = 0; fields.containsKey("slave" + i); i++) {
            Map<String, String> replica = new HashMap<>();
            for (String pair : fields.get("slave" + i).split(",", -1)) {
                String[] parts = pair.split("=", 2);
                replica.put(parts[0], parts.length > 1 ? parts[1] : "");
            }
            // One without a port is no server, but somebody who reads the stream, as we do.
            if ("online".equals(replica.get("state"))
                    && replica.getOrDefault("port", "0").matches("[1-9]\\d{0,4}")) {
                replicas.add(new HostPort(replica.get("ip"), Integer.parseInt(replica.get("port"))));
            }
        }
        return replicas;
    }
}
