package dev.tidemark.archive;

import java.util.Map;

/** What HEAD tells of an object: its own metadata, names in lower case, and its size. */
record ObjectHead(Map<String, String> metadata, long sizeBytes) {
    ObjectHead {
        metadata = Map.copyOf(metadata);
    }
}
