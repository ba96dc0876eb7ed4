package dev.tidemark.capture.proof;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class ProvenClaimsPropertyTest {

    /** I1 to I4 and I9 together: what is claimed can be restored from what is in the log, in every interleaving. */
    @Property(tries = 1_000)
    void everyClaimThatCountsIsTrueInEveryInterleaving(@ForAll @LongRange(min = 0) long seed) {
        new SimulatedWorld(seed).run(6_000).checkEveryClaim();
    }
}
