package dev.tidemark.compactor.baseline;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;

/**
 * A snapshot holds vector sets, and may be a replica's. Redis does not replicate a VADD that changes the vector of an element
 * that is there, so a replica keeps the old one, and nothing in the snapshot shows it.
 */
final class VectorSetsUnproven extends TidemarkError {
    private static final long serialVersionUID = 1;

    VectorSetsUnproven() {
        super(
                ExitCode.UNREACHABLE,
                "the snapshot holds vector sets, and nothing in it says that a primary made it: replicas lack the vectors that were changed, for Redis does not replicate those. Nothing was published; take the baseline with --mode replication or --mode file, which ask the primary, or rest on capture.resync-interval");
    }
}
