package dev.tidemark.schemas.kafka;

import java.util.Objects;

/** The names of the topics that make one generation of a source's log. */
public record LogTopics(String source, int generation) {
    /** The generation that a source starts with. */
    public static final int FIRST_GENERATION = 1;

    public LogTopics {
        Objects.requireNonNull(source, "source");
    }

    public static LogTopics first(String source) {
        return new LogTopics(source, FIRST_GENERATION);
    }

    public String changes() {
        return "tidemark.%s.changes.g%03d".formatted(source, generation);
    }

    public String tidemarks() {
        return "tidemark.%s.tidemarks.g%03d".formatted(source, generation);
    }
}
