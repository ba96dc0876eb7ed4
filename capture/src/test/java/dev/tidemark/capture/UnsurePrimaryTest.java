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
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A primary answers every beat, and nobody confirms that it is one: nothing of that is claimed, so capture is not ready. */
class UnsurePrimaryTest {
    private static final Duration LONG = Duration.ofSeconds(61);

    private final LoopFixture loop = new LoopFixture(URI.create("redis://127.0.0.1:1"));
    private final CaptureHealth health = loop.tools.status().health();
    private final Watcher watcher = new Watcher("node", "w", loop.tools, loop.gauges(), new Watcher.Listener() {
        @Override
        public void touched(Watcher heard, int db, List<Bytes> keys, String event) {}

        @Override
        public void over(Watcher heard, Doubt doubt) {
            throw new AssertionError(doubt.reason());
        }
    });

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void barriersThatMayNotBeClaimedAreNoReadiness(boolean needsVouching) {
        health.grouped(true);
        health.watched("node", true);
        watcher.watching(new SilentLink("run"), new Coverage("node", LoopFixture.SHARDS, new Beats(), needsVouching));
        loop.passes(LONG);

        completeABarrier();

        assertThat(health.health().isReady()).isEqualTo(!needsVouching);
    }

    private void completeABarrier() {
        watcher.tick();
        long nowMicros = loop.tools.clock().millis() * 1_000;
        watcher.beatReplied(new BeatReply(nowMicros, Optional.empty(), "run", "repl", "master", 100, 0, 0, ""));
        Signal.OF_KEYS.forEach(watcher::canarySeen);
        Signal.OF_KEYS.forEach(watcher::ponged);
        loop.deliver();
    }
}
