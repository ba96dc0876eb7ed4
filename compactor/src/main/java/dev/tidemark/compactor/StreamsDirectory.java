package dev.tidemark.compactor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Streams insists on a directory that no other instance uses, and ours keeps nothing there: so each start gets a fresh
 * one, and two compactors on one machine never meet.
 */
record StreamsDirectory(Path path) implements AutoCloseable {

    static StreamsDirectory in(Path stateDir) {
        try {
            Files.createDirectories(stateDir);
            return new StreamsDirectory(Files.createTempDirectory(stateDir, "streams-"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create a directory in compactor.state-dir " + stateDir, e);
        }
    }

    @Override
    public void close() {
        try (Stream<Path> found = Files.walk(path)) {
            List<Path> deepestFirst = found.sorted(Comparator.reverseOrder()).toList();
            for (Path each : deepestFirst) {
                Files.deleteIfExists(each);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + path, e);
        }
    }
}
