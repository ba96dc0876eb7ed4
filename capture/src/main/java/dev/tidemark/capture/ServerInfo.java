package dev.tidemark.capture;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The answer of INFO: {@code name:value} lines. */
final class ServerInfo {
    private static final Pattern DATABASE = Pattern.compile("db\\d+");

    private final Map<String, String> values = new HashMap<>();

    ServerInfo add(byte[] section) {
        for (String line : new String(section, StandardCharsets.UTF_8).lines().toList()) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.charAt(0) != '#') {
                values.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        return this;
    }

    String text(String name) {
        return values.getOrDefault(name, "");
    }

    long number(String name) {
        String value = text(name);
        return value.isEmpty() ? 0 : Long.parseLong(value);
    }

    /** How often a command ran since the statistics were last reset. */
    long calls(String command) {
        String stats = text("cmdstat_" + command);
        if (!stats.startsWith("calls=")) {
            return 0;
        }
        return Long.parseLong(stats.substring("calls=".length(), stats.indexOf(',')));
    }

    /** How many keys a database has; of the section {@code keyspace}, which leaves out those that have none. */
    long keysIn(int db) {
        String stats = text("db" + db);
        return stats.startsWith("keys=") ? Long.parseLong(stats.substring("keys=".length(), stats.indexOf(','))) : 0;
    }

    /** Those that have keys, in order. */
    List<Integer> databases() {
        return values.keySet().stream()
                .filter(name -> DATABASE.matcher(name).matches())
                .map(name -> Integer.valueOf(name.substring(2)))
                .filter(db -> keysIn(db) > 0)
                .sorted()
                .toList();
    }

    /** The version as a number that compares: 7.0.15 is 70015. */
    int version() {
        String[] parts = text("redis_version").split("\\.", -1);
        int version = 0;
        for (int i = 0; i < 3; i++) {
            version = version * 100 + (i < parts.length ? Integer.parseInt(parts[i]) : 0);
        }
        return version;
    }
}
