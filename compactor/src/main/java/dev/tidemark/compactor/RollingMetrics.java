package dev.tidemark.compactor;

import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.RollUp;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What is counted of the rolling of hours; docs/metrics.md explains each. */
final class RollingMetrics {
    private final Clock clock;
    private final Counter hours;
    private final Counter rows;
    private final Counter bytes;
    private volatile Optional<Hour> nextHour = Optional.empty();

    RollingMetrics(MeterRegistry registry, Clock clock) {
        this.clock = clock;
        this.hours = registry.counter("tidemark.compactor.rolled.hours");
        this.rows = registry.counter("tidemark.compactor.rolled.rows");
        this.bytes = registry.counter("tidemark.compactor.rolled.bytes");
        Gauge.builder("tidemark.compactor.rolling.behind", this, RollingMetrics::behindSeconds)
                .baseUnit("seconds")
                .register(registry);
    }

    void rolled(List<RollUp> rollUps) {
        hours.increment();
        rows.increment((double) rollUps.stream().mapToLong(RollUp::rows).sum());
        bytes.increment((double) rollUps.stream().mapToLong(RollUp::sizeBytes).sum());
    }

    /** The one that is to be rolled up next; none while the archive is empty. */
    void nextHour(Optional<Hour> hour) {
        nextHour = hour;
    }

    private double behindSeconds() {
        return nextHour.map(hour -> Math.max(
                        0, Duration.between(hour.end(), clock.instant()).toMillis() / 1e3))
                .orElse(0.0);
    }
}
