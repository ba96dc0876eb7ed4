package dev.tidemark.schemas.settings;

import java.util.List;

/**
 * The streams in which writers name the keys they touch, where {@code source.kind} is {@code journal}.
 *
 * @param streams by name, in the first of {@code source.databases}
 * @param writers the users who write captured keys, all of them through the journal
 * @param acceptUnproven whether to go on where the server does not show that nobody else can write, or what it evicts
 */
public record JournalSettings(List<String> streams, List<String> writers, boolean acceptUnproven) {
    public JournalSettings {
        streams = List.copyOf(streams);
        writers = List.copyOf(writers);
    }

    public static JournalSettings none() {
        return new JournalSettings(List.of(), List.of(), false);
    }

    /** Where entries of the stream go that say nothing; it shares the stream's hash tag. */
    public static String asideOf(String stream) {
        return stream + ":set-aside";
    }

    void report(Problems problems, SourceKind kind) {
        problems.unless(
                kind == SourceKind.JOURNAL || streams.isEmpty(),
                "source.journal.streams is set, which is for source.kind: journal");
        problems.unless(
                kind == SourceKind.KEYS || !streams.isEmpty(),
                "source.journal.streams is empty; for example [chunks-journal]");
        problems.unless(
                streams.stream().distinct().count() == streams.size(),
                "source.journal.streams names a stream twice: " + streams);
        problems.unless(streams.stream().noneMatch(String::isEmpty), "source.journal.streams holds an empty name");
    }
}
