package dev.tidemark.restorer.look;

import dev.tidemark.restorer.plan.KeyName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What changed between two times.
 *
 * @param exactness of the less exact of the two
 * @param counts of all keys, for every kind
 * @param names of the first few of each kind, if they were asked for
 */
public record DiffReport(
        String source,
        Instant from,
        Instant to,
        Duration exactness,
        Map<KeyChange, Long> counts,
        Map<KeyChange, List<KeyName>> names) {
    public DiffReport {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        Objects.requireNonNull(exactness, "exactness");
        counts = Map.copyOf(counts);
        names = Map.copyOf(names);
    }
}
