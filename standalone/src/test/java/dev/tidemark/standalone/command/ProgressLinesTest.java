package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.restorer.RestoreProgress;
import dev.tidemark.restorer.RestoreProgress.Phase;
import java.io.PrintWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ProgressLinesTest {
    @Test
    void whoIsToldToStopIsToldAgainThoughTheInterruptWasSwallowed() {
        AtomicBoolean isStopped = new AtomicBoolean();
        ProgressLines lines = new ProgressLines(new PrintWriter(Writer.nullWriter()), isStopped::get);
        RestoreProgress progress = new RestoreProgress(Phase.VALIDATING, 0, 1, 0, 1, 0, Duration.ZERO);

        lines.progress(progress);
        assertThat(Thread.interrupted()).isFalse();

        isStopped.set(true);
        lines.progress(progress);
        assertThat(Thread.interrupted()).isTrue();
    }
}
