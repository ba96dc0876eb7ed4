package dev.tidemark.capture;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What the captures of this JVM log; those of other tests too, which run beside. */
final class SaidByCapture implements AutoCloseable {
    private final Logger log = (Logger) LoggerFactory.getLogger("dev.tidemark");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    SaidByCapture() {
        lines.start();
        log.addAppender(lines);
    }

    /** Whether one line has all these words. */
    boolean has(String... words) {
        return List.copyOf(lines.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .anyMatch(line -> List.of(words).stream().allMatch(line::contains));
    }

    /** How many lines have all these words. */
    long count(String... words) {
        return List.copyOf(lines.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> List.of(words).stream().allMatch(line::contains))
                .count();
    }

    @Override
    public void close() {
        log.detachAppender(lines);
    }
}
