package dev.tidemark.standalone.documents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Everything under docs and what lies beside it, in the order in which somebody new would read it. */
final class Documents {
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final List<String> FIRST = List.of(
            "README.md",
            "docs/guide-sre.md",
            "docs/guide-analyst.md",
            "docs/guide-runbooks.md",
            "docs/restore-by-hand.md");
    private static final List<Path> LAST = List.of(Path.of("ARCHITECTURE.md"), Path.of("CONTRIBUTING.md"));
    private static final Pattern FENCE = Pattern.compile("^( *)```(.*)$");
    private static final String NOT_RUN = "not run: ";

    private Documents() {}

    /** Fenced text, with what stands behind its first fence. */
    record Fenced(Path document, int line, String info, String text) {
        private boolean isShell() {
            return info.equals("sh") || info.startsWith("sh ");
        }

        private ShellBlock shell() {
            String words = info.substring("sh".length()).strip();
            Optional<String> notRun = words.startsWith(NOT_RUN)
                    ? Optional.of(words.substring(NOT_RUN.length()).strip())
                    : Optional.empty();
            return new ShellBlock(document, line, text, notRun);
        }
    }

    static List<ShellBlock> shellBlocks() {
        return fenced().stream().filter(Fenced::isShell).map(Fenced::shell).toList();
    }

    static List<Fenced> fenced() {
        List<Path> all = new ArrayList<>(FIRST.stream().map(Path::of).toList());
        try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md"))
                    .map(ROOT::relativize)
                    .filter(file -> !all.contains(file))
                    .sorted()
                    .toList()
                    .forEach(all::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        all.addAll(LAST);
        return all.stream().flatMap(document -> fenced(document).stream()).toList();
    }

    private static List<Fenced> fenced(Path document) {
        List<Fenced> blocks = new ArrayList<>();
        List<String> lines = lines(ROOT.resolve(document));
        for (int i = 0; i < lines.size(); i++) {
            Matcher opening = FENCE.matcher(lines.get(i));
            if (!opening.matches()) {
                continue;
            }
            int first = i + 1;
            int indent = opening.group(1).length();
            StringBuilder text = new StringBuilder();
            for (i = first; i < lines.size() && !FENCE.matcher(lines.get(i)).matches(); i++) {
                String line = lines.get(i);
                text.append(line.substring(Math.min(indent, line.length()))).append('\n');
            }
            blocks.add(new Fenced(document, first, opening.group(2).strip(), text.toString()));
        }
        return blocks;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
