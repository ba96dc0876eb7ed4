package dev.tidemark.standalone.command;

import dev.tidemark.restorer.DrillOptions;
import dev.tidemark.restorer.Lookout;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.drill.DrillReport;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.ServerFailure;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Drills, each in a redis-server of its own, whose reports are published. */
final class DrillRounds {
    static final String RANDOM = "random";

    private static final Logger LOG = LoggerFactory.getLogger(DrillRounds.class);
    private static final Duration LOOK_AGAIN_AFTER_MAX = Duration.ofSeconds(30);

    private final TidemarkCommand tidemark;
    private final Settings settings;
    private final Wish wish;
    private final PrintWriter log;

    /**
     * What is practised.
     *
     * @param at as a user says a time, or {@link #RANDOM}
     * @param server which the time is restored into
     */
    record Wish(String at, RedisServer.Options server, String embeddingField, boolean withTail) {}

    DrillRounds(TidemarkCommand tidemark, Settings settings, Wish wish, PrintWriter log) {
        this.tidemark = tidemark;
        this.settings = settings;
        this.wish = wish;
        this.log = log;
    }

    /** Never ends by itself: what stops one drill is told, and the next one may get further. */
    void repeat(Duration interval) throws InterruptedException {
        while (true) {
            Instant beganAt = Instant.now();
            Duration next = interval;
            try {
                next = round(interval);
            } catch (RuntimeException | Error unforeseen) {
                LOG.error("event=drill-broke", unforeseen);
            }
            Duration left = Duration.between(Instant.now(), beganAt.plus(next));
            Thread.sleep(Math.max(0, left.toMillis()));
        }
    }

    /** Returns how long after it the next one may begin. */
    private Duration round(Duration interval) throws InterruptedException {
        try {
            if (hasBegun()) {
                once(Optional.of(interval));
                return interval;
            }
            log.println("nothing can be restored yet; the first drill waits for that");
            return interval.compareTo(LOOK_AGAIN_AFTER_MAX) < 0 ? interval : LOOK_AGAIN_AFTER_MAX;
        } catch (TidemarkError | ServerFailure stopped) {
            // One that is missing shows in 'tidemark status'.
            log.println(stopped.getMessage());
            return interval;
        }
    }

    /** A source that is new has nothing to practise on yet, which is no failure; one that was practised on before has. */
    private boolean hasBegun() {
        try (Lookout lookout = Lookout.open(settings, Clock.systemUTC())) {
            return lookout.lastDrill().isPresent()
                    || !lookout.status(wish.withTail()).points().ranges().isEmpty();
        }
    }

    /**
     * One drill.
     *
     * @param interval when the next one is due after it, for whoever reads the report
     */
    ExitCode once(Optional<Duration> interval) throws InterruptedException {
        try (RedisServer scratch = RedisServer.start(wish.server());
                Lookout lookout = Lookout.open(settings, Clock.systemUTC())) {
            log.printf("restoring into a redis-server %s of this drill's own%n", scratch.version());
            Optional<Instant> time = wish.at().equals(RANDOM) ? Optional.empty() : Optional.of(instant(lookout));
            DrillReport report = lookout.drill(
                    RestoreTarget.at(scratch.uri()),
                    new DrillOptions(time, wish.embeddingField(), wish.withTail()),
                    new Random(),
                    new ProgressLines(log));
            if (Thread.currentThread().isInterrupted()) {
                // A drill that was told to stop has found nothing, so it leaves no report.
                throw new InterruptedException();
            }
            String json = tidemark.json(DrillWords.json(report, interval));
            String page = lookout.publish(
                    report,
                    json.getBytes(StandardCharsets.UTF_8),
                    DrillWords.page(report).getBytes(StandardCharsets.UTF_8));
            tidemark.answer(DrillWords.text(report) + "\npublished  " + page, DrillWords.json(report, interval));
            return report.exitCode();
        }
    }

    private Instant instant(Lookout lookout) {
        return tidemark.time(wish.at()).at().orElseGet(() -> lookout.plan(Optional.empty(), wish.withTail())
                .to());
    }
}
