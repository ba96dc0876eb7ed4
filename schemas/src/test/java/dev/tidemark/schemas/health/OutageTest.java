package dev.tidemark.schemas.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.health.Outage.Spell;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutageTest {
    private static final String WHAT = "watch of redis:6379";

    private final Outage outage = new Outage(WHAT);
    /** A clock of this kind begins anywhere, and may pass its largest number. */
    private long nowNanos = Long.MAX_VALUE - Duration.ofSeconds(40).toNanos();

    @Test
    void whatIsAskedTwiceASecondIsSaidAtOnceAndEachHalfMinute() {
        List<Spell> said = new ArrayList<>();

        for (int ask = 0; ask < 180; ask++) {
            outage.failed(nowNanos).ifPresent(said::add);
            pass(Duration.ofMillis(500));
        }

        assertThat(said)
                .containsExactly(
                        new Spell(WHAT, 1, Duration.ZERO),
                        new Spell(WHAT, 61, Duration.ofSeconds(30)),
                        new Spell(WHAT, 121, Duration.ofSeconds(60)));
    }

    @Test
    void whatIsAskedSeldomIsSaidEachTime() {
        outage.failed(nowNanos);
        pass(Duration.ofMinutes(2));

        assertThat(outage.failed(nowNanos)).contains(new Spell(WHAT, 2, Duration.ofMinutes(2)));
    }

    @Test
    void theEndIsSaidOnceAndOnlyOfWhatHasBegun() {
        assertThat(outage.answered(nowNanos)).isEmpty();

        outage.failed(nowNanos);
        pass(Duration.ofSeconds(1));
        outage.failed(nowNanos);
        pass(Duration.ofSeconds(1));

        assertThat(outage.answered(nowNanos)).contains(new Spell(WHAT, 2, Duration.ofSeconds(2)));
        assertThat(outage.answered(nowNanos)).isEmpty();
    }

    @Test
    void theNextOneIsSaidAtOnceAndCountedAnew() {
        outage.failed(nowNanos);
        outage.answered(nowNanos);
        pass(Duration.ofSeconds(1));

        assertThat(outage.failed(nowNanos)).contains(new Spell(WHAT, 1, Duration.ZERO));
    }

    private void pass(Duration time) {
        nowNanos += time.toNanos();
    }
}
