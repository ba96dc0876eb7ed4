package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.DrillSummary;
import dev.tidemark.restorer.Points.Reason;
import dev.tidemark.restorer.drill.DrillReport;
import dev.tidemark.restorer.look.DiffReport;
import dev.tidemark.restorer.look.KeyAt;
import dev.tidemark.restorer.look.KeyHistory;
import dev.tidemark.restorer.look.Protection;
import dev.tidemark.restorer.look.Protection.Baselines;
import dev.tidemark.restorer.look.Protection.Drilled;
import dev.tidemark.restorer.look.Protection.OpenGap;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.verify.VerifyReport;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Settings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Looks without harm: how the source stands, whether a live Redis is what the archive says, what a key was, what changed; and
 * practises in a server of its own. One thing at a time.
 */
public final class Lookout implements AutoCloseable {
    private final Settings settings;
    private final Restorer restorer;
    private final Clock clock;

    private Lookout(Settings settings, Clock clock) {
        this.settings = settings;
        this.restorer = Restorer.open(settings, clock);
        this.clock = clock;
    }

    /** Opens clients; nothing is asked of anyone yet. */
    public static Lookout open(Settings settings, Clock clock) {
        return new Lookout(settings, clock);
    }

    /** Whether the source is protected, from S3 and what Kafka adds within seconds. */
    public Status status(boolean withTail) {
        Points points = restorer.points(withTail);
        Instant now = clock.instant();
        Optional<DrillSummary> drill = lastDrill();
        Protection protection = new Protection(
                now,
                points.rpoNow(),
                settings.restorer().rpoTarget(),
                points.holes().size(),
                openGap(points, now),
                drill.map(last -> new Drilled(last.beganAt(), last.passed(), last.nextDue())),
                baselines(points),
                restorer.archive().rollingBehind(now));
        return new Status(points, settings.restorer().rpoTarget(), drill, protection.problems());
    }

    /** What the last drill found; from S3 alone. */
    public Optional<DrillSummary> lastDrill() {
        return restorer.archive().drills().last(clock.instant());
    }

    private Optional<OpenGap> openGap(Points points, Instant now) {
        if (points.ranges().isEmpty()) {
            return Optional.empty();
        }
        TimeRange newest = points.ranges().get(points.ranges().size() - 1);
        List<Reason> reasons = new GapReasons(restorer.archive()).after(newest, now);
        return reasons.stream()
                .findFirst()
                .map(first -> new OpenGap(newest.through(), "%s (%s)".formatted(first.reason(), first.node())));
    }

    /** If they are wanted at all; where there has been none, the oldest that can be restored tells how long. */
    private Optional<Baselines> baselines(Points points) {
        Duration interval = settings.compactor().baselineInterval();
        if (interval.isZero()) {
            return Optional.empty();
        }
        return points.newestBaseline()
                .or(() -> points.ranges().stream().map(TimeRange::from).findFirst())
                .map(since -> new Baselines(since, points.newestBaseline().isPresent(), interval));
    }

    /** What a comparison or a restore to the time reads. */
    public RestorePlan plan(Optional<Instant> at, boolean withTail) {
        return restorer.plan(at, withTail);
    }

    /**
     * Compares a live Redis, standalone or a Cluster, with what the source held at the plan's time. Nothing is written to it.
     *
     * @param namesMax of each kind of difference; none keeps no name of a key
     */
    public VerifyReport verify(RestorePlan plan, RestoreTarget live, int namesMax, RestoreListener listener) {
        return new Verification(settings, restorer, plan, live, namesMax, listener).run();
    }

    /**
     * The key as it was. The log alone is asked where it reaches, for there a key is found by its name and with the time at which
     * it became what it was; else what a restore reads, and the baseline only if the log does not tell of the key. Other shards
     * than the key's are not looked at.
     *
     * @param at empty for the latest that there is of the key's shard
     */
    public KeyAt show(KeyName name, Optional<Instant> at, boolean withTail) {
        int shard = new Shards(settings.source().shards()).of(name.key());
        LogSurveys surveys = new LogSurveys(settings, restorer.archive(), withTail, number -> number == shard);
        RestorePlan plan = Planning.planToLook(settings, restorer.archive(), at, surveys, clock.instant());
        return new KeySight(settings, restorer.archive()).at(plan, name);
    }

    /**
     * The life of the key.
     *
     * @param changesMax the newest so many
     */
    public KeyHistory history(KeyName name, int changesMax, boolean withTail) {
        return new KeySight(settings, restorer.archive()).history(name, changesMax, withTail, clock.instant());
    }

    /**
     * What changed between two times, from the log alone.
     *
     * @param from empty for the latest, as {@code to}
     * @param prefix of the keys that are looked at; the empty one is every key
     * @param namesMax of each kind of change; none keeps no name of a key
     * @throws TidemarkError if the first time is not the earlier one, and where only a restore reaches, since it starts from a
     *     baseline
     */
    public DiffReport diff(Optional<Instant> from, Optional<Instant> to, boolean withTail, Bytes prefix, int namesMax) {
        Archive archive = restorer.archive();
        LogSurveys surveys = new LogSurveys(settings, archive, withTail, every -> true);
        Instant now = clock.instant();
        RestorePlan earlier = Planning.planFromLog(settings, archive, from, surveys, now);
        RestorePlan later = Planning.planFromLog(settings, archive, to, surveys, now);
        if (earlier.to().isAfter(later.to())) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "--from is %s, which is later than --to, %s. Nothing was changed anywhere. Name the earlier time with --from"
                            .formatted(earlier.to(), later.to()));
        }
        return new StateDiff(settings, archive, earlier, later, prefix, namesMax).run();
    }

    /**
     * Restores into a server that nobody else uses, compares it with the archive, and searches in it.
     *
     * @param scratch empty, and emptied by nobody but the caller
     */
    public DrillReport drill(RestoreTarget scratch, DrillOptions options, Random random, RestoreListener listener) {
        return new Drill(settings, restorer, clock, random, options, listener).run(scratch);
    }

    /** Writes the report of a drill beside the archive, for machines and for people, and says where the page lies. */
    public String publish(DrillReport report, byte[] json, byte[] page) {
        restorer.archive().drills().publish(report.beganAt(), json, page);
        return restorer.archive().drills().pageUri(report.beganAt());
    }

    @Override
    public void close() {
        restorer.close();
    }
}
