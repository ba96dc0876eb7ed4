package dev.tidemark.capture.proof;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class ProvenClaimsPropertyTest {

    /** I1, I2, I3 and I9 together: what is claimed can be restored from what is in the log, in every interleaving. */
    @Property(tries = 600)
    void everyClaimIsTrueInEveryInterleaving(@ForAll @LongRange(min = 0) long seed) {
        new SimulatedCapture(seed).run(1_500).checkEveryClaim();
    }
}
