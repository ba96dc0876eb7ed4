package dev.tidemark.restorer;

import dev.tidemark.restorer.plan.Selection;
import dev.tidemark.restorer.plan.TtlRule;
import java.util.Objects;

/**
 * What a restore writes, and what it may do to its target.
 *
 * @param existing what becomes of what is there
 * @param inPlace the target may be the captured source itself
 * @param part of the restore that this process does
 * @param selection which keys are restored
 * @param ttl what becomes of their expiries
 */
public record RestoreOptions(Existing existing, boolean inPlace, RestorePart part, Selection selection, TtlRule ttl) {
    public RestoreOptions {
        Objects.requireNonNull(existing, "existing");
        Objects.requireNonNull(part, "part");
        Objects.requireNonNull(selection, "selection");
        Objects.requireNonNull(ttl, "ttl");
    }

    /** What becomes of the keys that a target holds. */
    public enum Existing {
        /** There must be none. */
        REFUSE,
        /** They are all deleted, in every database, once everything else has been validated; a file is overwritten. */
        REPLACE,
        /** Those of the restore are written over, whole; all others stay. */
        MERGE
    }

    /** Everything as it was, into an empty server that nobody captures. */
    public static RestoreOptions careful() {
        return new RestoreOptions(Existing.REFUSE, false, RestorePart.WHOLE, Selection.everything(), TtlRule.KEEP);
    }

    public boolean replace() {
        return existing == Existing.REPLACE;
    }

    public boolean merge() {
        return existing == Existing.MERGE;
    }

    public RestoreOptions replacing() {
        return new RestoreOptions(Existing.REPLACE, inPlace, part, selection, ttl);
    }

    public RestoreOptions merging() {
        return new RestoreOptions(Existing.MERGE, inPlace, part, selection, ttl);
    }

    public RestoreOptions intoTheSource() {
        return new RestoreOptions(existing, true, part, selection, ttl);
    }

    public RestoreOptions doing(RestorePart itsPart) {
        return new RestoreOptions(existing, inPlace, itsPart, selection, ttl);
    }

    public RestoreOptions only(Selection chosen) {
        return new RestoreOptions(existing, inPlace, part, chosen, ttl);
    }

    public RestoreOptions withTtl(TtlRule rule) {
        return new RestoreOptions(existing, inPlace, part, selection, rule);
    }
}
