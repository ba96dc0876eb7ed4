package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When a capture may ask for shards. */
class JoiningTest {
    private final Joining joining = new Joining(2, Duration.ofSeconds(1));

    @Test
    void whoDoesNotWatchWaits() {
        assertThat(joining.mayJoin(false, 0)).isFalse();
        assertThat(joining.mayJoin(false, seconds(100))).isFalse();
    }

    /** Its shards are about to go to whoever stands by. */
    @Test
    void whileOneShardOfTwoIsClaimedTheOthersOwnerMayHaveDied() {
        joining.mayJoin(true, 0);
        joining.covers(0);

        assertThat(joining.mayJoin(true, seconds(20))).isFalse();
        joining.covers(1);
        assertThat(joining.mayJoin(true, seconds(21))).isTrue();
    }

    @Test
    void whereNobodyClaimsNobodyIsWaitedFor() {
        assertThat(joining.mayJoin(true, 0)).isFalse();
        assertThat(joining.mayJoin(true, seconds(3))).isTrue();
    }

    @Test
    void nobodyWaitsForEver() {
        joining.mayJoin(true, 0);
        joining.covers(0);

        assertThat(joining.mayJoin(true, seconds(31))).isTrue();
    }

    private static long seconds(long seconds) {
        return Duration.ofSeconds(seconds).toNanos();
    }
}
