package dev.tidemark.restorer;

import dev.tidemark.schemas.layout.Pruned;
import dev.tidemark.schemas.settings.RetentionSettings;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What of a source is given up, or was just now.
 *
 * @param latest that can be restored from S3
 * @param keptFrom every time from here on that can be restored stays so; empty when that is all of them
 * @param marked what was marked before, oldest first, and is still there
 * @param next what may be marked now
 * @param isMarked whether it was
 * @param deleted what was deleted just now
 */
public record PruneReport(
        String source,
        RetentionSettings retention,
        Optional<Instant> latest,
        Optional<Instant> keptFrom,
        List<Marked> marked,
        Optional<Marked> next,
        boolean isMarked,
        Optional<Deleted> deleted) {
    public PruneReport {
        Objects.requireNonNull(retention, "retention");
        Objects.requireNonNull(latest, "latest");
        Objects.requireNonNull(keptFrom, "keptFrom");
        marked = List.copyOf(marked);
        Objects.requireNonNull(next, "next");
        Objects.requireNonNull(deleted, "deleted");
    }

    /**
     * A mark.
     *
     * @param uri where it lies; whoever deletes it in time takes it back
     * @param keptFrom no earlier time can be restored any more
     * @param deletableAt when what it gives up may be deleted
     * @param objects that are there and that no earlier mark gives up
     */
    public record Marked(String uri, Pruned mark, Instant keptFrom, Instant deletableAt, Count objects) {
        public Marked {
            Objects.requireNonNull(mark, "mark");
            Objects.requireNonNull(objects, "objects");
        }
    }

    /** By kind, as their keys begin. */
    public record Count(Map<String, Long> objects, long bytes) {
        public Count {
            objects = new TreeMap<>(objects);
        }

        public long total() {
            return objects.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * What became of them.
     *
     * @param hidden of those: the bucket keeps versions, so their bytes stay until a rule of the bucket removes them
     * @param refused objects that the store did not let go, and why, some of them
     * @param isWhole whether all were tried
     */
    public record Deleted(Count objects, long hidden, long refused, List<String> reasons, boolean isWhole) {
        public Deleted {
            Objects.requireNonNull(objects, "objects");
            reasons = List.copyOf(reasons);
        }
    }
}
