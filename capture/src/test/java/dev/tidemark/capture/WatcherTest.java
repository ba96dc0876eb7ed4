package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.Beats;
import dev.tidemark.capture.proof.Coverage;
import dev.tidemark.capture.proof.Doubt;
import dev.tidemark.schemas.Bytes;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Notifications break off and are mended, as a watch hears of it. */
class WatcherTest {
    private static final Duration LONGER_THAN_PATIENCE = Duration.ofSeconds(31);

    private final LoopFixture loop = new LoopFixture(URI.create("redis://127.0.0.1:1"));
    private final List<Doubt> doubts = new ArrayList<>();
    private final SilentLink line = new SilentLink("run");
    private final Watcher watcher = new Watcher("node", "w", loop.tools, loop.gauges(), new Watcher.Listener() {
        @Override
        public void touched(Watcher heard, int db, List<Bytes> keys, String event) {}

        @Override
        public void over(Watcher heard, Doubt doubt) {
            doubts.add(doubt);
        }
    });

    @BeforeEach
    void notificationsAreLost() {
        watcher.watching(line, new Coverage("node", LoopFixture.SHARDS, new Beats()));
        watcher.notificationsLost();
        loop.deliver();
        watcher.tick();
    }

    @Test
    void aWatchBeatsAgainWhenItsNotificationsAreMended() {
        mend();
        watcher.tick();

        assertThat(line.beats).isEqualTo(1);
    }

    @Test
    void notificationsThatBreakAgainWhileTheyAreMendedAreMendedAgain() {
        line.open = false;
        watcher.notificationsLost();
        mend();
        watcher.tick();

        assertThat(line.beats).as("beats of a watch that is deaf").isZero();

        loop.passes(Duration.ofMillis(600));
        watcher.tick();
        line.open = true;
        mend();
        watcher.tick();

        assertThat(line.beats).isEqualTo(1);
        assertThat(line.mended).isEqualTo(2);
    }

    /** Another watch of the node may hear everything, and is waited for in vain while this one is not over. */
    @Test
    void aWatchThatStaysDeafIsGivenUp() {
        line.open = false;
        mend();
        watcher.tick();

        assertThat(doubts).isEmpty();

        loop.passes(LONGER_THAN_PATIENCE);
        watcher.tick();
        mend();
        watcher.tick();

        assertThat(doubts).singleElement().satisfies(doubt -> assertThat(doubt.reason())
                .isEqualTo("notifications could not be mended for 30 s"));
    }

    /** Looking for streams takes as long as there are keys, and that is no silence. */
    @Test
    void aWatchIsNotGivenUpWhileItIsMended() {
        loop.passes(LONGER_THAN_PATIENCE);
        watcher.tick();

        assertThat(doubts).isEmpty();
        assertThat(loop.blocking).hasSize(1);
    }

    private void mend() {
        loop.blocking.remove().run();
        loop.deliver();
    }
}
