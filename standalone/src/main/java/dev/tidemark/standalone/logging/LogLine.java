package dev.tidemark.standalone.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;
import org.slf4j.event.KeyValuePair;

/**
 * One event, one line: {@code time=... level=... logger=... thread=...} and then the message, which in Tidemark is
 * made of key=value pairs itself; a library's is put in quotes as {@code message="..."}. Whatever a message holds, it
 * does not end the line.
 */
public final class LogLine extends LayoutBase<ILoggingEvent> {
    private static final Pattern PAIRS = Pattern.compile("[a-z][a-zA-Z0-9_]*=.*", Pattern.DOTALL);
    private static final String OURS = "dev.tidemark.";

    @Override
    public String doLayout(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(200);
        line.append("time=").append(Instant.ofEpochMilli(event.getTimeStamp()).truncatedTo(ChronoUnit.MILLIS));
        line.append(" level=").append(event.getLevel());
        line.append(" logger=").append(event.getLoggerName());
        line.append(" thread=").append(quotedIfNeeded(event.getThreadName()));
        String message = event.getFormattedMessage();
        boolean isPairs =
                event.getLoggerName().startsWith(OURS) && PAIRS.matcher(message).matches();
        line.append(' ').append(isPairs ? escaped(message) : "message=" + quoted(message));
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                line.append(' ').append(pair.key).append('=').append(quotedIfNeeded(String.valueOf(pair.value)));
            }
        }
        IThrowableProxy failure = event.getThrowableProxy();
        if (failure != null) {
            line.append(" error=").append(quoted(ThrowableProxyUtil.asString(failure)));
        }
        return line.append('\n').toString();
    }

    private static String quotedIfNeeded(String text) {
        return text.matches("[\\w.:/@+-]+") ? text : quoted(text);
    }

    private static String quoted(String text) {
        return '"' + escaped(text.replace("\\", "\\\\").replace("\"", "\\\"")) + '"';
    }

    /** Line ends and other control characters would let one event look like two. */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (each == '\n') {
                escaped.append("\\n");
            } else if (each == '\t') {
                escaped.append("\\t");
            } else if (each != '\r') {
                escaped.append(Character.isISOControl(each) ? '?' : each);
            }
        }
        return escaped.toString();
    }
}
