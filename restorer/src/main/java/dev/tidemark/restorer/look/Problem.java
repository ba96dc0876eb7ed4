package dev.tidemark.restorer.look;

import java.util.Objects;

/** Why a source does not count as protected. */
public record Problem(Kind kind, String text) {
    public Problem {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(text, "text");
    }

    /** In the order in which they are told: the worst first. */
    public enum Kind {
        NOTHING_RESTORABLE,
        ARCHIVE_DAMAGED,
        OPEN_GAP,
        RPO_OVER_TARGET,
        DRILL_FAILED,
        DRILL_OVERDUE,
        BASELINE_STALE,
        ROLLING_BEHIND
    }
}
