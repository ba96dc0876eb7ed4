package dev.tidemark.restorer;

/**
 * What a restore may do to its target.
 *
 * @param replace deletes every key of every database there, once everything else has been validated
 * @param inPlace the target may be the captured source itself
 */
public record RestoreOptions(boolean replace, boolean inPlace) {
    /** Into an empty server that nobody captures. */
    public static RestoreOptions careful() {
        return new RestoreOptions(false, false);
    }

    public RestoreOptions replacing() {
        return new RestoreOptions(true, inPlace);
    }

    public RestoreOptions intoTheSource() {
        return new RestoreOptions(replace, true);
    }
}
