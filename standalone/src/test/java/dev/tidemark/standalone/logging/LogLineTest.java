package dev.tidemark.standalone.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LogLineTest {
    private final LogLine layout = new LogLine();

    @Test
    void ourPairsStandAsTheyAre() {
        String line = line("dev.tidemark.capture.Capture", "event=doubt shard=3 reason=restart", null);

        assertThat(line)
                .isEqualTo("time=2026-11-20T14:03:00.007Z level=WARN logger=dev.tidemark.capture.Capture"
                        + " thread=main event=doubt shard=3 reason=restart\n");
    }

    @Test
    void aLibrarysWordsAreQuoted() {
        assertThat(line("org.apache.kafka.X", "a=\"b\" \\ c", null)).endsWith(" message=\"a=\\\"b\\\" \\\\ c\"\n");
    }

    @Test
    void nothingEndsTheLineBeforeItsEnd() {
        String line = line("dev.tidemark.X", "event=x name=a\nlevel=ERROR\u001b[2J", new IllegalStateException("b\nc"));

        assertThat(line.lines()).hasSize(1);
        assertThat(line)
                .contains("name=a\\nlevel=ERROR?[2J")
                .contains("error=\"java.lang.IllegalStateException: b\\nc");
    }

    private String line(String logger, String message, Throwable failure) {
        LoggerContext context = new LoggerContext();
        Logger source = context.getLogger(logger);
        LoggingEvent event = new LoggingEvent(logger, source, Level.WARN, message, failure, null);
        event.setThreadName("main");
        event.setInstant(Instant.parse("2026-11-20T14:03:00.007Z"));
        return layout.doLayout(event);
    }
}
