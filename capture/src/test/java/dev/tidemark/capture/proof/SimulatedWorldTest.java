package dev.tidemark.capture.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.log.Tidemark;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The property of {@link ProvenClaimsPropertyTest} would hold of a simulation that claims nothing, too. */
class SimulatedWorldTest {

    @Test
    void theSimulationMakesClaimsAfterResyncsAndAfterTakeoversWithoutAGap() {
        int claims = 0;
        int resynced = 0;
        int takenOver = 0;
        for (long seed = 0; seed < 300; seed++) {
            List<Tidemark> made = new SimulatedWorld(seed).run(6_000).claims();
            claims += made.size();
            for (int i = 1; i < made.size(); i++) {
                boolean sameBase = made.get(i).base().equals(made.get(i - 1).base());
                boolean sameEpoch = made.get(i).epoch() == made.get(i - 1).epoch();
                resynced += sameBase ? 0 : 1;
                takenOver += sameBase && !sameEpoch ? 1 : 0;
            }
        }

        assertThat(claims).isGreaterThan(1_000);
        assertThat(resynced).isGreaterThan(30);
        assertThat(takenOver).isGreaterThan(100);
    }
}
