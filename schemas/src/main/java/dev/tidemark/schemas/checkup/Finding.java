package dev.tidemark.schemas.checkup;

import java.util.Objects;
import java.util.Optional;

/**
 * The outcome of one check.
 *
 * @param subject {@code redis}, {@code kafka} or {@code s3}
 * @param at the node, brokers or bucket that was asked
 * @param check what was checked, in the same words at every run
 * @param found what was found; never a value or a secret
 */
public record Finding(String subject, String at, String check, State state, String found, Optional<Mend> mend) {
    public Finding {
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(check, "check");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(found, "found");
        Objects.requireNonNull(mend, "mend");
        if (mend.isPresent() != (state == State.WARNING || state == State.MISSING)) {
            throw new IllegalArgumentException("what is not right has a mend, and nothing else has: " + check);
        }
    }

    /** From good to bad. */
    public enum State {
        OK,
        /** Could not be judged, and why is said. */
        SKIPPED,
        /** It works, less well than it could. */
        WARNING,
        /** Without it there is no protection. */
        MISSING
    }
}
