package dev.tidemark.compactor.dating;

import java.util.Objects;

/**
 * A canary as a snapshot holds it.
 *
 * @param node that the watch was on
 * @param atMicros about when it was written, as far as the writer knew
 */
public record Canary(String watch, String node, String runId, long n, long atMicros) {
    public Canary {
        Objects.requireNonNull(watch, "watch");
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(runId, "runId");
    }
}
