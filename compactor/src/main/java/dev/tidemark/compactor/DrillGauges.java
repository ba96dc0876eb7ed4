package dev.tidemark.compactor;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.DrillSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the last drill found, for those who watch. Drills come and go, by whomever they are run, and leave a report on S3; the
 * compactor is there all the time.
 */
final class DrillGauges implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DrillGauges.class);
    private static final Duration PACE = Duration.ofMinutes(2);

    private final Archive archive;
    private final Clock clock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "drill-gauges");
        thread.setDaemon(true);
        return thread;
    });
    private volatile Optional<DrillSummary> last = Optional.empty();

    DrillGauges(Archive archive, Clock clock, MeterRegistry registry) {
        this.archive = archive;
        this.clock = clock;
        gauge(
                registry,
                "tidemark.compactor.drill.age",
                drill -> Optional.of(seconds(Duration.between(drill.beganAt(), clock.instant()))));
        gauge(registry, "tidemark.compactor.drill.rto", drill -> drill.rto().map(DrillGauges::seconds));
        Gauge.builder("tidemark.compactor.drill.passed", this, it -> it.last
                        .map(drill -> drill.passed() ? 1.0 : 0.0)
                        .orElse(Double.NaN))
                .register(registry);
    }

    private void gauge(MeterRegistry registry, String name, Function<DrillSummary, Optional<Double>> value) {
        Gauge.builder(name, this, it -> it.last.flatMap(value).orElse(Double.NaN))
                .baseUnit("seconds")
                .register(registry);
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // It goes on until it is closed, and look() throws nothing.
    void start() {
        thread.scheduleWithFixedDelay(this::look, 0, PACE.toMillis(), TimeUnit.MILLISECONDS);
    }

    void look() {
        try {
            last = archive.drills().last(clock.instant());
        } catch (RuntimeException | Error away) {
            // The shards say so already. What was known stays, and grows old; what is thrown from here would end the
            // looking.
            LOG.debug("event=drill-unknown source={} reason=\"{}\"", archive.source(), away.getMessage());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
