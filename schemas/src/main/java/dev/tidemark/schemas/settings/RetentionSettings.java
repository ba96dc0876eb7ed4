package dev.tidemark.schemas.settings;

import java.time.Duration;
import java.util.Objects;

/**
 * How far back a source stays restorable; what is older is given up by {@code tidemark prune} and by nobody else. With both
 * set, whatever one of them keeps is kept.
 *
 * @param keep every restorable time of so long, back from the latest; zero does not go by age
 * @param baselines every time since the so-many-th newest baseline; zero does not go by number
 */
public record RetentionSettings(Duration keep, int baselines) {
    /** Shorter than a resync may take, a kept time could still be in need of what was given up. */
    public static final Duration KEPT_AT_LEAST = Duration.ofDays(1);

    public RetentionSettings {
        Objects.requireNonNull(keep, "keep");
    }

    public static RetentionSettings defaults() {
        return new RetentionSettings(Duration.ZERO, 0);
    }

    public boolean keepsAll() {
        return keep.isZero() && baselines == 0;
    }

    void report(Problems problems, Role role) {
        if (!keep.isZero()) {
            problems.unlessWithin("retention.keep", keep, KEPT_AT_LEAST, Duration.ofDays(36_500));
        }
        problems.unlessWithin("retention.baselines", baselines, 0, 100);
        problems.unless(
                role != Role.PRUNE || !keepsAll(),
                "retention.keep and retention.baselines are not set, so everything is kept and nothing can be pruned; for example 30d");
    }
}
