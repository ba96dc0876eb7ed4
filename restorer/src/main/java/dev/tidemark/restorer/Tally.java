package dev.tidemark.restorer;

import dev.tidemark.archive.Pruning.GivenUp;
import dev.tidemark.archive.Pruning.Outcome;
import dev.tidemark.restorer.PruneReport.Count;
import dev.tidemark.restorer.PruneReport.Deleted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts objects as they pass, however many they are. */
final class Tally {
    private static final int REASONS_MAX = 20;

    private final Map<String, Long> objects = new TreeMap<>();
    private final List<String> reasons = new ArrayList<>();
    private long bytes;
    private long hidden;
    private long refused;

    void add(GivenUp object) {
        String path = object.key().path();
        objects.merge(path.substring(0, path.indexOf('/')), 1L, Long::sum);
        bytes += object.sizeBytes();
    }

    void add(Outcome outcome) {
        if (outcome instanceof Outcome.Refused stays) {
            refused++;
            if (reasons.size() < REASONS_MAX) {
                reasons.add("%s: %s".formatted(stays.object().key().path(), stays.reason()));
            }
            return;
        }
        hidden += outcome instanceof Outcome.Hidden ? 1 : 0;
        add(outcome.object());
    }

    Count count() {
        return new Count(objects, bytes);
    }

    Deleted deleted(boolean isWhole) {
        return new Deleted(count(), hidden, refused, reasons, isWhole);
    }
}
