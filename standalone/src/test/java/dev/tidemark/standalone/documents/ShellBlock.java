package dev.tidemark.standalone.documents;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a reader is told to type.
 *
 * @param document from the top of the checkout
 * @param line where it begins
 * @param notRun why no test types it
 */
record ShellBlock(Path document, int line, String text, Optional<String> notRun) {
    String place() {
        return document + ":" + line;
    }
}
