package dev.tidemark.schemas.health;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that does not answer and is asked again, a few times a second: when there is something to say of it. Belongs to
 * the thread that asks.
 */
public final class Outage {
    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);

    /** An hour of silence is then 120 lines, and whoever comes to look waits half a minute for what is wrong. */
    private static final Duration SAY_AGAIN = Duration.ofSeconds(30);

    private final String what;
    private int failures;
    private long sinceNanos;
    private long saidNanos;

    /** @param what is asked, and where: {@code reads of host:port} */
    public Outage(String what) {
        this.what = Objects.requireNonNull(what, "what");
    }

    /**
     * How it stands.
     *
     * @param failures in a row
     * @param lasted since the first of them
     */
    public record Spell(String what, int failures, Duration lasted) {
        public Spell {
            Objects.requireNonNull(what, "what");
            Objects.requireNonNull(lasted, "lasted");
        }

        /** In the log, while it lasts. */
        public void sayUnreachable(String reason) {
            LOG.warn(
                    "event=unreachable what=\"{}\" failures={} waited={} reason=\"{}\"",
                    what,
                    failures,
                    lasted,
                    reason);
        }

        /** In the log, when it is over. */
        public void sayReachable() {
            LOG.info("event=reachable what=\"{}\" failures={} waited={}", what, failures, lasted);
        }
    }

    /** It was asked in vain; empty if that was said a short while ago. */
    public Optional<Spell> failed(long nowNanos) {
        failures++;
        if (failures == 1) {
            sinceNanos = nowNanos;
        } else if (nowNanos - saidNanos < SAY_AGAIN.toNanos()) {
            return Optional.empty();
        }
        saidNanos = nowNanos;
        return Optional.of(spell(nowNanos));
    }

    /** It answered; empty if it had not been away. */
    public Optional<Spell> answered(long nowNanos) {
        if (failures == 0) {
            return Optional.empty();
        }
        Spell over = spell(nowNanos);
        failures = 0;
        return Optional.of(over);
    }

    private Spell spell(long nowNanos) {
        return new Spell(what, failures, Duration.ofNanos(nowNanos - sinceNanos));
    }
}
