package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.BeatReply;
import dev.tidemark.capture.proof.Beats;
import dev.tidemark.capture.proof.Coverage;
import dev.tidemark.capture.proof.Doubt;
import dev.tidemark.capture.proof.Signal;
import dev.tidemark.schemas.Bytes;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    @Test
    void aNodeOfAClusterThatAnswersLateIsAskedAgainAfterAPause() {
        mend();
        watcher.tick();
        loop.passes(Duration.ofMillis(2_100));

        answer("7 0-16383");
        watcher.tick();

        assertThat(doubts).isEmpty();
        assertThat(line.beats).as("beats before the pause is over").isEqualTo(1);
        loop.passes(Duration.ofMillis(1_100));
        watcher.tick();
        assertThat(line.beats).isEqualTo(2);
    }

    /** Nobody replaces it. */
    @Test
    void aNodeAloneThatAnswersLateIsBelieved() {
        mend();
        watcher.tick();
        loop.passes(Duration.ofMillis(2_100));

        answer("");
        watcher.tick();

        assertThat(line.beats).isEqualTo(2);
    }

    private void answer(String slots) {
        watcher.canarySeen(Signal.TRACKING);
        watcher.canarySeen(Signal.NOTIFICATIONS);
        watcher.beatReplied(new BeatReply(1, Optional.empty(), "run", "repl", "master", 1, 0, 0, slots));
        watcher.ponged(Signal.TRACKING);
        watcher.ponged(Signal.NOTIFICATIONS);
        loop.deliver();
    }

    private void mend() {
        loop.blocking.remove().run();
        loop.deliver();
    }
}
