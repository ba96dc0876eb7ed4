package dev.tidemark.standalone.configuration;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that holds one secret and nothing else, as mounted by an orchestrator. */
final class SecretFile {
    private static final int BYTES_MAX = 64 << 10;

    private SecretFile() {}

    /** The secret, without the line end that editors and {@code echo} leave behind it. */
    static String read(Path file) throws BadValue {
        byte[] content;
        try (InputStream stream = Files.newInputStream(file)) {
            content = stream.readNBytes(BYTES_MAX + 1);
        } catch (IOException unreadable) {
            throw new BadValue("names " + file + ", which cannot be read");
        }
        if (content.length > BYTES_MAX) {
            throw new BadValue("names " + file + ", which is larger than " + BYTES_MAX + " bytes: no secret is");
        }
        String secret = new String(content, StandardCharsets.UTF_8).replaceFirst("\\R\\z", "");
        if (secret.isEmpty()) {
            throw new BadValue("names " + file + ", which is empty");
        }
        return secret;
    }
}
