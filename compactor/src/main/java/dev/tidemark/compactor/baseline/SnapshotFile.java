package dev.tidemark.compactor.baseline;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A snapshot on a disk of this machine. Of a file that cannot be opened Java tells mostly its path alone. */
final class SnapshotFile {
    private SnapshotFile() {}

    static InputStream open(String path) throws IOException {
        try {
            return Files.newInputStream(Path.of(path));
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file %s here".formatted(path), e);
        } catch (AccessDeniedException e) {
            throw new IOException("the user of this process may not read %s".formatted(path), e);
        }
    }
}
