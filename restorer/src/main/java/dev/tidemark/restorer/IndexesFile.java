package dev.tidemark.restorer;

import dev.tidemark.restorer.plan.IndexDefinition;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The file that {@code index.definitions} names. */
final class IndexesFile {
    private static final String REMARK = "#";

    private IndexesFile() {}

    /** Every mistake in it at once. */
    static List<IndexDefinition> read(Path file) {
        List<IndexDefinition> found = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        List<String> lines = lines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith(REMARK)) {
                try {
                    found.add(IndexDefinition.of(line));
                } catch (IllegalArgumentException e) {
                    problems.add("line %d: %s".formatted(i + 1, e.getMessage()));
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "%s, which index.definitions names, is to hold one FT.CREATE a line. Nothing was done. %s"
                            .formatted(file, String.join("; ", problems)));
        }
        return found;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "%s, which index.definitions names, cannot be read: %s. Nothing was done".formatted(file, e),
                    e);
        }
    }
}
