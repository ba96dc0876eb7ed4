package dev.tidemark.standalone.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What docs/metrics.md promises, and what a scrape holds, in one form: name, type and labels but the source, which all have. */
public final class MetricsTable {
    private static final Path DOCUMENT =
            Path.of("..", "docs", "metrics.md").toAbsolutePath().normalize();
    private static final Pattern ROW = Pattern.compile("\\| `(\\w+)` \\| (\\w+) \\| ([\\w, ]*?) *\\| .+ \\|");
    private static final Pattern TYPE = Pattern.compile("# TYPE (\\w+) (\\w+)");
    private static final Pattern SAMPLE = Pattern.compile("(\\w+?)(_sum|_count|_bucket|_max)?\\{(.*)} .*");

    private MetricsTable() {}

    /** Name to "type labels", for the names that begin so. */
    public static Map<String, String> documented(String prefix) {
        try {
            Map<String, String> rows = new TreeMap<>();
            for (String line : Files.readAllLines(DOCUMENT)) {
                Matcher row = ROW.matcher(line);
                if (row.matches() && row.group(1).startsWith(prefix)) {
                    rows.put(row.group(1), form(row.group(2), row.group(3).split(", ", -1)));
                }
            }
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same of a scrape. */
    public static Map<String, String> scraped(String scrape, String prefix) {
        Map<String, String> types = new TreeMap<>();
        Map<String, TreeSet<String>> labels = new TreeMap<>();
        for (String line : scrape.lines().toList()) {
            Matcher type = TYPE.matcher(line);
            if (type.matches() && type.group(1).startsWith(prefix)) {
                types.put(type.group(1), type.group(2));
            }
            Matcher sample = SAMPLE.matcher(line);
            if (sample.matches() && sample.group(1).startsWith(prefix)) {
                String whole = sample.group(1) + (sample.group(2) == null ? "" : sample.group(2));
                String name = types.containsKey(whole) ? whole : sample.group(1);
                Arrays.stream(sample.group(3).split(",", -1))
                        .map(pair -> pair.substring(0, pair.indexOf('=')))
                        .filter(label -> !label.equals("le") && !label.equals("source"))
                        .forEach(label -> labels.computeIfAbsent(name, absent -> new TreeSet<>())
                                .add(label));
            }
        }
        return types.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> form(
                                entry.getValue(),
                                labels.getOrDefault(entry.getKey(), new TreeSet<>())
                                        .toArray(String[]::new)),
                        (one, other) -> one,
                        TreeMap::new));
    }

    private static String form(String type, String[] labels) {
        return (type + " " + Arrays.stream(labels).sorted().collect(Collectors.joining(" "))).strip();
    }
}
