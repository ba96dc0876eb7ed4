package dev.tidemark.schemas.kafka;

import java.util.Locale;

/** The names of the topics that make one generation of a source's log; worked out once, since every row needs one. */
public record LogTopics(String source, int generation, String changes, String tidemarks) {
    /** The generation that a source starts with. */
    public static final int FIRST_GENERATION = 1;

    public static LogTopics of(String source, int generation) {
        return new LogTopics(
                source,
                generation,
                String.format(Locale.ROOT, "tidemark.%s.changes.g%03d", source, generation),
                String.format(Locale.ROOT, "tidemark.%s.tidemarks.g%03d", source, generation));
    }

    public static LogTopics first(String source) {
        return of(source, FIRST_GENERATION);
    }

    /** The consumer group that hands out the source's shards to captures. */
    public String captureGroup() {
        return "tidemark-capture-" + source;
    }
}
