package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.layout.ClaimInterval;
import java.util.Comparator;
import java.util.Objects;

/**
 * One way to restore a shard to any time of a span: the rows from an offset to the claim's.
 *
 * @param from all that is older is in the base
 */
record Route(ClaimInterval claim, long from, TimeSpan span) {
    /** The one that ends first reads least; a later beginning reads less. */
    static final Comparator<Route> BEST_FIRST = Comparator.comparingLong((Route route) -> route.claim.offset())
            .thenComparing(Comparator.comparingLong(Route::from).reversed());

    Route {
        Objects.requireNonNull(claim, "claim");
        Objects.requireNonNull(span, "span");
    }

    /** The base alone is what there was. */
    boolean readsNothing() {
        return from >= claim.offset();
    }
}
