package dev.tidemark.compactor.baseline;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceKeys;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a baseline when the last one is as old as was asked for. Every compactor of a source has a schedule; what lies on S3
 * tells them all when it is time, and the turn tells which of them does it.
 */
public final class BaselineSchedule implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BaselineSchedule.class);
    private static final Duration PACE_MAX = Duration.ofMinutes(1);
    private static final Duration PAUSE_AFTER_FAILURE_MAX = Duration.ofMinutes(15);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final Settings settings;
    private final Archive archive;
    private final SourceKeys keys;
    private final Duration interval;
    private final Clock clock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "baselines");
        thread.setDaemon(true);
        return thread;
    });
    private final Counter published;
    private final Counter failed;
    private volatile Instant last = Instant.EPOCH;
    private Instant notBefore = Instant.EPOCH;
    private BaselineKey foreign;

    private BaselineSchedule(Settings settings, Archive archive, Clock clock, MeterRegistry registry) {
        this.settings = settings;
        this.archive = archive;
        this.keys = new SourceKeys(settings.source());
        this.interval = settings.compactor().baselineInterval();
        this.clock = clock;
        this.published = registry.counter("tidemark.compactor.baselines", "outcome", "published");
        this.failed = registry.counter("tidemark.compactor.baselines", "outcome", "failed");
        Gauge.builder("tidemark.compactor.baseline.age", this, BaselineSchedule::ageSeconds)
                .baseUnit("seconds")
                .register(registry);
    }

    /** With an interval of zero it only tells the age of what is there. */
    public static BaselineSchedule of(Settings settings, Archive archive, Clock clock, MeterRegistry registry) {
        return new BaselineSchedule(settings, archive, clock, registry);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // It goes on until it is closed, and look() throws nothing.
    public void start() {
        Duration pace = interval.isZero() || interval.compareTo(PACE_MAX) > 0 ? PACE_MAX : interval.dividedBy(2);
        thread.scheduleWithFixedDelay(this::look, 0, pace.toMillis(), TimeUnit.MILLISECONDS);
    }

    private double ageSeconds() {
        Instant newest = last;
        return newest.equals(Instant.EPOCH)
                ? Double.NaN
                : Duration.between(newest, clock.instant()).toMillis() / 1e3;
    }

    private void look() {
        try {
            List<BaselineKey> manifests = archive.baselines().manifests();
            if (!manifests.isEmpty() && isOfOurKeys(manifests.get(0))) {
                last = RedisTime.instant(manifests.get(0).startedMicros());
            }
            Instant now = clock.instant();
            if (!interval.isZero() && !now.isBefore(last.plus(interval)) && !now.isBefore(notBefore)) {
                take();
            }
        } catch (RuntimeException | Error e) {
            // S3 may be away; the shards say so already, and this looks again in a minute. What is thrown from here
            // ends that.
            LOG.warn("event=baseline-failed source={} reason=\"{}\"", archive.source(), e.getMessage());
        }
    }

    /** One of other prefixes or databases serves nobody with these; whatever else may be wrong with it, it is there. */
    private boolean isOfOurKeys(BaselineKey manifest) {
        if (!manifest.equals(foreign)) {
            try {
                boolean isOurs = archive.baselines()
                        .read(manifest)
                        .map(baseline -> baseline.nodes().stream().allMatch(node -> keys.areOf(node.watch())))
                        .orElse(true);
                foreign = isOurs ? foreign : manifest;
                return isOurs;
            } catch (TidemarkError damaged) {
                return true;
            }
        }
        return false;
    }

    private void take() {
        long began = System.nanoTime();
        try (BaselineTaker taker = BaselineTaker.open(settings, clock)) {
            Baseline baseline = taker.fromReplication();
            published.increment();
            last = RedisTime.instant(baseline.manifest().startedMicros());
            LOG.info(
                    "event=baseline-published source={} nodes={} bytes={} begin={} fork={} took={}",
                    archive.source(),
                    baseline.nodes().size(),
                    baseline.bytes(),
                    RedisTime.instant(baseline.beginMicros()),
                    RedisTime.instant(baseline.forkMicros()),
                    Duration.ofNanos(System.nanoTime() - began));
        } catch (TurnTaken elsewhere) {
            LOG.debug("event=baseline-elsewhere source={} reason=\"{}\"", archive.source(), elsewhere.getMessage());
        } catch (RuntimeException | Error e) {
            failed.increment();
            Duration pause = interval.compareTo(PAUSE_AFTER_FAILURE_MAX) < 0 ? interval : PAUSE_AFTER_FAILURE_MAX;
            notBefore = clock.instant().plus(pause);
            LOG.warn("event=baseline-failed source={} reason=\"{}\"", archive.source(), e.getMessage());
        }
    }

    /** A baseline under way is given up: nothing of it was published. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(CLOSE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("event=baseline-still-ending source={}", archive.source());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
