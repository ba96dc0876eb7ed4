package dev.tidemark.standalone.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/logs.md against the sources: whoever logs a new event, or a new key, documents it. */
class LogVocabularyTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern LOGGED =
            Pattern.compile("LOG\\s*\\.(?:trace|debug|info|warn|error)\\(\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern CALL = Pattern.compile("LOG\\s*\\.(?:trace|debug|info|warn|error)\\(");
    private static final Pattern EVENT = Pattern.compile("event=(\\S+).*");
    private static final Pattern KEY = Pattern.compile("(?:^| )(\\w+)=");
    private static final Pattern ROW = Pattern.compile("\\| `([a-z][a-z_-]*)` \\|.*");

    @Test
    void everyEventIsDocumentedAndSpeltTheSameWay() throws IOException {
        Set<String> events = new TreeSet<>();
        for (String message : messages()) {
            Matcher event = EVENT.matcher(message);
            assertThat(event.matches()).as(message).isTrue();
            assertThat(event.group(1)).matches("[a-z]+(-[a-z]+)*");
            events.add(event.group(1));
        }

        assertThat(events).isEqualTo(documented("## Events", "## Keys"));
    }

    @Test
    void everyKeyIsDocumented() throws IOException {
        Set<String> keys = new TreeSet<>();
        for (String message : messages()) {
            Matcher key = KEY.matcher(message);
            while (key.find()) {
                keys.add(key.group(1));
            }
        }

        assertThat(keys).isEqualTo(documented("## Keys", "\n\n\n"));
    }

    /** A message that is no literal could not be checked, so there is none. */
    @Test
    void everyMessageIsALiteral() throws IOException {
        for (String source : sources()) {
            assertThat(CALL.matcher(source).results().count())
                    .isEqualTo(LOGGED.matcher(source).results().count());
        }
    }

    private static List<String> messages() throws IOException {
        List<String> messages = new ArrayList<>();
        for (String source : sources()) {
            LOGGED.matcher(source).results().forEach(found -> messages.add(found.group(1)));
        }
        assertThat(messages).hasSizeGreaterThan(20);
        return messages;
    }

    private static List<String> sources() throws IOException {
        List<String> sources = new ArrayList<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path module : modules.map(each -> each.resolve("src/main/java"))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> files = Files.walk(module)) {
                    for (Path file : files.filter(each -> each.toString().endsWith(".java"))
                            .toList()) {
                        sources.add(Files.readString(file));
                    }
                }
            }
        }
        return sources;
    }

    private static Set<String> documented(String from, String to) throws IOException {
        String text = Files.readString(ROOT.resolve("docs/logs.md"));
        String part = text.substring(text.indexOf(from));
        int end = part.indexOf(to);
        Set<String> names = new TreeSet<>();
        for (String line : (end < 0 ? part : part.substring(0, end)).lines().toList()) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                names.add(row.group(1));
            }
        }
        return names;
    }
}
