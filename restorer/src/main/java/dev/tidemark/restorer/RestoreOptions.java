package dev.tidemark.restorer;

import dev.tidemark.restorer.plan.Selection;
import dev.tidemark.restorer.plan.TtlRule;
import java.util.Objects;

/**
 * What a restore writes, and what it may do to its target.
 *
 * @param replace deletes every key of every database there, once everything else has been validated; a file is overwritten
 * @param inPlace the target may be the captured source itself
 * @param selection which keys are restored
 * @param ttl what becomes of their expiries
 */
public record RestoreOptions(boolean replace, boolean inPlace, Selection selection, TtlRule ttl) {
    public RestoreOptions {
        Objects.requireNonNull(selection, "selection");
        Objects.requireNonNull(ttl, "ttl");
    }

    /** Everything as it was, into an empty server that nobody captures. */
    public static RestoreOptions careful() {
        return new RestoreOptions(false, false, Selection.everything(), TtlRule.KEEP);
    }

    public RestoreOptions replacing() {
        return new RestoreOptions(true, inPlace, selection, ttl);
    }

    public RestoreOptions intoTheSource() {
        return new RestoreOptions(replace, true, selection, ttl);
    }

    public RestoreOptions only(Selection chosen) {
        return new RestoreOptions(replace, inPlace, chosen, ttl);
    }

    public RestoreOptions withTtl(TtlRule rule) {
        return new RestoreOptions(replace, inPlace, selection, rule);
    }
}
