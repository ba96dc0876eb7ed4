package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.Points.ShardPoints;
import dev.tidemark.restorer.plan.Planner;
import dev.tidemark.restorer.plan.RestorableTimes;
import dev.tidemark.restorer.plan.ShardArchive;
import dev.tidemark.restorer.plan.TimeSpan;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.settings.Settings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Tells what can be restored, plans a restore, and does it. One thing at a time. */
public final class Restorer implements AutoCloseable {
    /** Of disk; a larger restore finds out about damaged files as it comes to them. */
    private static final long FETCHED_AHEAD_BYTES_MAX = 1L << 30;

    private final Settings settings;
    private final Archive archive;
    private final Clock clock;

    private Restorer(Settings settings, Archive archive, Clock clock) {
        this.settings = settings;
        this.archive = archive;
        this.clock = clock;
    }

    /** Opens clients; nothing is asked of anyone yet. */
    public static Restorer open(Settings settings) {
        return open(settings, Clock.systemUTC());
    }

    /**
     * The same by another clock.
     *
     * @param clock for the age of what can be restored
     */
    public static Restorer open(Settings settings, Clock clock) {
        return new Restorer(
                settings, Archive.open(settings.s3(), settings.source().name()), clock);
    }

    /**
     * What can be restored now.
     *
     * @param withTail whether to ask Kafka for what is not on S3 yet, for a few seconds at most
     */
    public Points points(boolean withTail) {
        return points(survey(withTail));
    }

    /** For whoever asks more than one thing of it: Kafka and S3 are asked once. */
    Survey survey(boolean withTail) {
        return Survey.of(settings, archive, withTail, Set.of());
    }

    Points points(Survey survey) {
        RestorableTimes times = new Planner(survey.shards(), survey.baselines().whole()).times();
        RestorableTimes archived = new Planner(
                        survey.shards().stream().map(ShardArchive::withoutTail).toList(),
                        survey.baselines().whole())
                .times();
        List<TimeRange> ranges = ranges(times.spans());
        Instant now = clock.instant();
        return new Points(
                settings.source().name(),
                now,
                ranges,
                new GapReasons(archive).between(ranges),
                micros(times.exactnessMicros()),
                age(archived, now),
                age(times, now),
                survey.tail(),
                survey.baselines().newest(),
                times.holes(),
                times.shards().stream()
                        .map(shard ->
                                new ShardPoints(shard.shard(), ranges(shard.spans()), shard.segments(), shard.end()))
                        .toList());
    }

    /**
     * What a restore would read; nothing is written anywhere.
     *
     * @param to empty for the latest that there is
     * @throws dev.tidemark.schemas.errors.TidemarkError not restorable, with the nearest times that are; or damaged
     */
    public RestorePlan plan(Optional<Instant> to, boolean withTail) {
        return plan(to, survey(withTail));
    }

    RestorePlan plan(Optional<Instant> to, Survey survey) {
        return Planning.plan(settings, archive, to, survey);
    }

    /**
     * Fills the target. Until everything is validated nothing is written to it.
     *
     * @throws dev.tidemark.schemas.errors.TidemarkError that says what the target holds
     */
    public RestoreReport restore(
            RestorePlan plan, RestoreTarget target, RestoreOptions options, RestoreListener listener) {
        return new Restoration(run(plan, options, listener), target).run();
    }

    /**
     * Writes a snapshot that any redis-server loads when it starts. The file is there whole and proven, or not at all.
     *
     * @throws dev.tidemark.schemas.errors.TidemarkError when it is not
     */
    public RestoreReport restore(RestorePlan plan, RestoreFile file, RestoreOptions options, RestoreListener listener) {
        return new RdbRestoration(run(plan, options, listener), file).run();
    }

    /**
     * The same as an object in S3. It is there whole and proven, or not at all.
     *
     * @throws dev.tidemark.schemas.errors.TidemarkError when it is not
     */
    public RestoreReport restore(
            RestorePlan plan, RestoreObject object, RestoreOptions options, RestoreListener listener) {
        return new ObjectRestoration(run(plan, options, listener), object).run();
    }

    /**
     * Acts as the primary of one replica, which loads the restore as its first synchronisation.
     *
     * @throws dev.tidemark.schemas.errors.TidemarkError that says what the target holds
     */
    public RestoreReport restore(
            RestorePlan plan, ReplicationPort port, RestoreOptions options, RestoreListener listener) {
        return new ReplicaRestoration(run(plan, options, listener), port).run();
    }

    /** What a restore to the plan's time reads, for whoever reads it for something else. */
    RestoreRun run(RestorePlan plan, RestoreOptions options, RestoreListener listener) {
        VerifiedSegments segments = VerifiedSegments.whole(archive, FETCHED_AHEAD_BYTES_MAX);
        return new RestoreRun(settings, archive, segments, plan, options, listener);
    }

    /** For what looks at the same archive; it stays ours. */
    Archive archive() {
        return archive;
    }

    @Override
    public void close() {
        archive.close();
    }

    private static Optional<Duration> age(RestorableTimes times, Instant now) {
        return times.latestMicros().isEmpty()
                ? Optional.empty()
                : Optional.of(
                        Duration.between(RedisTime.instant(times.latestMicros().getAsLong()), now));
    }

    private static List<TimeRange> ranges(List<TimeSpan> spans) {
        return spans.stream()
                .map(span ->
                        new TimeRange(RedisTime.instant(span.fromMicros()), RedisTime.instant(span.throughMicros())))
                .toList();
    }

    static Duration micros(long micros) {
        return Duration.ofNanos(micros * 1_000);
    }
}
