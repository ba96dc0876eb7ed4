package dev.tidemark.standalone.documents;

import dev.tidemark.restorer.Points;
import dev.tidemark.restorer.TimeRange;
import dev.tidemark.schemas.settings.HttpSettings;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisServer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A block as it is typed on this machine: the addresses and times of its servers in place of those in the document. */
final class TypedLine {
    private final Map<String, String> here = new LinkedHashMap<>();

    TypedLine(RedisServer source, RedisServer scratch, Path directory) {
        here.put("redis://127\\.0\\.0\\.1:6379", source.uri().toString());
        here.put("redis://10\\.0\\.0\\.9:6379", scratch.uri().toString());
        here.put("<redis>", source.uri().toString());
        here.put("<scratch>", scratch.uri().toString());
        here.put("<config>", directory.resolve("tidemark.yml").toString());
        here.put("<source>", "redis");
        here.put("<bucket>", "tidemark");
        here.put(
                "/etc/tidemark/tidemark\\.yml",
                directory.resolve("tidemark.yml").toString());
        here.put("/var/lib/redis/", directory + "/");
        here.put("\\b7000\\b", Integer.toString(FreePort.next()));
    }

    /** Where the services of {@code up} are seen; not at the usual ports if somebody else has those. */
    void seenAt(HttpSettings http) {
        here.put("127\\.0\\.0\\.1:9464", "127.0.0.1:" + http.capturePort());
        here.put("127\\.0\\.0\\.1:9465", "127.0.0.1:" + http.compactorPort());
    }

    /** From now on there are times that can be restored: the end of the last range is each of those that a document names. */
    void restorableFrom(Points points) {
        TimeRange last = points.ranges().get(points.ranges().size() - 1);
        here.put(
                "(?<=--(to|at|from) )(14:0[0-9]|-[0-9]+[smhd])(?= |$)",
                last.through().toString());
        here.put("\\b14:10\\b", "latest");
    }

    String typed(ShellBlock block) {
        String text = block.text();
        for (Map.Entry<String, String> each : here.entrySet()) {
            text = text.replaceAll("(?m)" + each.getKey(), each.getValue());
        }
        return text;
    }
}
