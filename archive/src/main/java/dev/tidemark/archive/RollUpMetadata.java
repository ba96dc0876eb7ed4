package dev.tidemark.archive;

import dev.tidemark.schemas.layout.RollUp;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a roll-up says of itself, as metadata of its object and in its footer: enough to know whether it is the one meant. */
final class RollUpMetadata {
    private static final String LAYOUT = "layout";
    private static final String FOOTER_PREFIX = "tidemark.";

    private RollUpMetadata() {}

    static Map<String, String> of(RollUp rollUp) {
        Map<String, String> metadata = ofRows(rollUp);
        metadata.put(LAYOUT, Integer.toString(rollUp.layout()));
        return metadata;
    }

    /** Which rows it has, however they are laid out. */
    static Map<String, String> ofRows(RollUp rollUp) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("generation", Integer.toString(rollUp.generation()));
        metadata.put("from", Long.toString(rollUp.from()));
        metadata.put("to", Long.toString(rollUp.to()));
        metadata.put("rows", Long.toString(rollUp.rows()));
        return metadata;
    }

    /** Of an object that may have been written by another build; 0, which nobody reads, if it does not say. */
    static int layout(Map<String, String> metadata) {
        String layout = metadata.getOrDefault(LAYOUT, "");
        return layout.matches("[1-9][0-9]{0,5}") ? Integer.parseInt(layout) : 0;
    }

    static Map<String, String> footer(RollUp rollUp) {
        Map<String, String> footer = new LinkedHashMap<>();
        footer.put(FOOTER_PREFIX + "roll-up", rollUp.key().path());
        of(rollUp).forEach((name, value) -> footer.put(FOOTER_PREFIX + name, value));
        return footer;
    }
}
