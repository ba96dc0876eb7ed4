package dev.tidemark.capture.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.ShardProof.Next;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The property of {@link ProvenClaimsPropertyTest} would hold of a simulation that claims nothing, too. */
class SimulatedCaptureTest {

    @Test
    void theSimulationMakesClaimsAfterSeveralResyncs() {
        int claims = 0;
        int runsWithTwoBases = 0;
        for (long seed = 0; seed < 300; seed++) {
            List<Next.Claim> made = new SimulatedCapture(seed).run(1_500).claims();
            claims += made.size();
            runsWithTwoBases += made.stream().map(Next.Claim::base).distinct().count() > 1 ? 1 : 0;
        }

        assertThat(claims).isGreaterThan(300);
        assertThat(runsWithTwoBases).isGreaterThan(20);
    }
}
