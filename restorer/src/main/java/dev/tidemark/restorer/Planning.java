package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.RowTimes;
import dev.tidemark.archive.Rows;
import dev.tidemark.restorer.RestorePlan.PlannedShard;
import dev.tidemark.restorer.plan.Estimate;
import dev.tidemark.restorer.plan.Estimate.Measured;
import dev.tidemark.restorer.plan.Exactness;
import dev.tidemark.restorer.plan.Hole;
import dev.tidemark.restorer.plan.PlanOutcome;
import dev.tidemark.restorer.plan.PlanOutcome.Damaged;
import dev.tidemark.restorer.plan.PlanOutcome.NotRestorable;
import dev.tidemark.restorer.plan.PlanOutcome.Planned;
import dev.tidemark.restorer.plan.Planner;
import dev.tidemark.restorer.plan.RestorableTimes;
import dev.tidemark.restorer.plan.ShardPlan;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.Node;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/** Turns the wish for a time into a plan or into the words that refuse it. */
final class Planning {
    private static final int HOLES_NAMED_MAX = 5;

    private final Settings settings;
    private final Archive archive;
    private final Survey survey;
    private final Planner planner;

    private Planning(Settings settings, Archive archive, Survey survey) {
        this.settings = settings;
        this.archive = archive;
        this.survey = survey;
        this.planner = new Planner(survey.shards(), survey.baselines().whole());
    }

    /** @param excluded baselines that are known to be damaged */
    static RestorePlan plan(
            Settings settings, Archive archive, Optional<Instant> to, boolean withTail, Set<BaselineKey> excluded) {
        return plan(settings, archive, to, Survey.of(settings, archive, withTail, excluded));
    }

    /**
     * From the log alone if it reaches there; only if it does not are the baselines looked at.
     *
     * <p>A time of long ago was claimed soon after it, so what came later, and Kafka, are seldom asked.
     *
     * @param now by which a time is long ago
     */
    static RestorePlan planToLook(
            Settings settings, Archive archive, Optional<Instant> to, LogSurveys surveys, Instant now) {
        Optional<Hour> soonAfter = to.map(
                        at -> Hour.of(RedisTime.micros(at)).next().next())
                .filter(hour -> hour.compareTo(Hour.of(RedisTime.micros(now))) <= 0);
        if (soonAfter.isPresent()) {
            Survey past = surveys.before(soonAfter.get());
            if (reaches(past, to)) {
                return plan(settings, archive, to, past);
            }
        }
        Survey log = surveys.whole();
        return plan(
                settings,
                archive,
                to,
                reaches(log, to) ? log : log.with(BaselineFiles.of(archive, settings.source(), Set.of())));
    }

    private static boolean reaches(Survey log, Optional<Instant> to) {
        RestorableTimes times = new Planner(log.shards()).times();
        return to.map(at -> times.contains(RedisTime.micros(at)))
                .orElseGet(
                        () -> times.latestMicros().isPresent() && times.holes().isEmpty());
    }

    /** From the log alone; the refusal tells whether a restore gets further. */
    static RestorePlan planFromLog(
            Settings settings, Archive archive, Optional<Instant> to, LogSurveys surveys, Instant now) {
        RestorePlan plan = planToLook(settings, archive, to, surveys, now);
        if (plan.baseline().isEmpty()) {
            return plan;
        }
        throw new TidemarkError(
                ExitCode.NOT_RESTORABLE,
                "what differs from %s cannot be told from the log alone: what it held before the baseline of %s was given up or is missing. Nothing was changed anywhere. 'tidemark show KEY --at %s' tells of one key, and 'tidemark restore --to %s --prefix P' restores those that begin with P"
                        .formatted(
                                plan.to(),
                                RedisTime.instant(plan.baseline().get().forkMicros()),
                                plan.to(),
                                plan.to()));
    }

    static RestorePlan plan(Settings settings, Archive archive, Optional<Instant> to, Survey survey) {
        try {
            return new Planning(settings, archive, survey).plan(to);
        } catch (TailLost lost) {
            // What S3 alone can do must not fail because Kafka went away while it was asked.
            return new Planning(settings, archive, survey.withoutTail(lost.getMessage())).plan(to);
        }
    }

    /** Kafka held the tail a moment ago. */
    private static final class TailLost extends RuntimeException {
        private static final long serialVersionUID = 1;

        TailLost(TidemarkError cause) {
            super(cause.getMessage(), cause);
        }
    }

    private RestorePlan plan(Optional<Instant> to) {
        return plan(to.map(RedisTime::micros).orElseGet(this::latestMicros), to.isEmpty());
    }

    private long latestMicros() {
        OptionalLong latest = planner.times().latestMicros();
        if (latest.isPresent()) {
            return latest.getAsLong();
        }
        List<Hole> holes = planner.times().holes();
        throw new TidemarkError(
                holes.isEmpty() ? ExitCode.NOT_RESTORABLE : ExitCode.ARCHIVE_DAMAGED,
                "nothing of %s can be restored yet: %s. %s%sNothing was written to any target"
                        .formatted(settings.source().name(), shardsWithoutAny(), holesNamed(holes), tail()));
    }

    private RestorePlan plan(long micros, boolean latest) {
        PlanOutcome outcome = planner.upTo(micros);
        if (outcome instanceof NotRestorable refused) {
            throw notRestorable(micros, refused);
        }
        if (outcome instanceof Damaged damaged) {
            throw damaged(micros, damaged);
        }
        List<PlannedShard> shards = new ArrayList<>();
        Planned planned = (Planned) outcome;
        for (ShardPlan shard : planned.shards()) {
            shards.add(planned(shard, micros));
        }
        return planOf(micros, latest, shards, planned.baseline());
    }

    private RestorePlan planOf(long micros, boolean latest, List<PlannedShard> shards, Optional<Baseline> baseline) {
        long files = baseline.map(base -> base.nodes().size()).orElse(0);
        long bytes = baseline.map(Baseline::bytes).orElse(0L);
        long rows = baseline.map(
                        base -> base.nodes().stream().mapToLong(Node::keys).sum())
                .orElse(0L);
        long exactness = 0;
        for (PlannedShard shard : shards) {
            files += shard.plan().files();
            bytes += shard.plan().bytes();
            rows += shard.plan().rowsMax()
                    + shard.chunks().stream()
                            .mapToLong(RestorePlan.TailChunk::rows)
                            .sum();
            exactness = Math.max(exactness, shard.exactnessMicros());
        }
        Duration estimate = Estimate.of(bytes, rows, lastMeasured());
        return new RestorePlan(
                settings.source().name(),
                RedisTime.instant(micros),
                latest,
                baseline,
                baseline.map(this::tellingOfIndexes).orElse(List.of()),
                shards,
                files,
                bytes,
                rows,
                Restorer.micros(exactness),
                estimate,
                survey.tail(),
                planner.times().holes(),
                survey.baselines().unusable(),
                survey.damage(),
                survey.sourceRunIds());
    }

    /** Of the hour in which a baseline begins and the one before: capture names all indexes once in each. */
    private List<ArchivedRange> tellingOfIndexes(Baseline baseline) {
        Hour from = Hour.of(baseline.beginMicros()).previous();
        Hour to = Hour.of(baseline.forkMicros());
        return survey.shards().stream()
                .filter(shard -> shard.shard() == Definitions.SHARD)
                .flatMap(shard -> shard.parts().stream())
                .filter(part -> part.hasFile() && part.references() > 0)
                .filter(part -> part.hour().compareTo(from) >= 0 && part.hour().compareTo(to) <= 0)
                .toList();
    }

    /** The last drill was such a restore, on this machine or one like it. */
    private Optional<Measured> lastMeasured() {
        return archive.drills()
                .last(Instant.now())
                .filter(drill -> drill.rto().isPresent()
                        && drill.bytesRead().isPresent()
                        && drill.changesRead().isPresent())
                .map(drill -> new Measured(
                        drill.bytesRead().getAsLong(),
                        drill.changesRead().getAsLong(),
                        drill.rto().get()));
    }

    /** Reads the times of the rows that lie after T, seldom more than one file, and the tail, to know it bounded. */
    private PlannedShard planned(ShardPlan plan, long micros) {
        Exactness exactness = new Exactness(micros);
        PartReader parts = new PartReader(archive);
        for (ArchivedRange part : plan.parts()) {
            if (part.lastMicros() > micros) {
                parts.read(part, range -> added(exactness, plan, range));
            }
        }
        if (plan.tail().isEmpty()) {
            return new PlannedShard(plan, exactness.micros(), List.of());
        }
        try (TailLog log = new KafkaTail(settings).open(survey.tail())) {
            TailChunks chunks = TailChunks.read(log, plan.shard(), plan.tail().get(), exactness);
            return new PlannedShard(plan, exactness.micros(), chunks.chunks());
        } catch (TidemarkError e) {
            throw new TailLost(e);
        }
    }

    private ArchivedRange added(Exactness exactness, ShardPlan plan, ArchivedRange range) {
        try (Rows<RowTimes> rows = timesOf(range)) {
            while (rows.hasNext()) {
                RowTimes row = rows.next();
                if (plan.reads(row.offset()) && row.touchedAfterMicros().isPresent()) {
                    exactness.add(row.timeMicros(), row.touchedAfterMicros().getAsLong());
                }
            }
        }
        return range;
    }

    /** Of an hour the times alone are fetched; a segment is small, and is seen to be whole by the way. */
    private Rows<RowTimes> timesOf(ArchivedRange range) {
        return range instanceof Segment segment
                ? archive.times(segment)
                : archive.search().times(range);
    }

    private TidemarkError notRestorable(long micros, NotRestorable refused) {
        return new TidemarkError(
                ExitCode.NOT_RESTORABLE,
                "%s cannot be restored to %s: %sno claim covers that time in %s. %s %s%sNothing was written to any target. Run 'tidemark points' for every range"
                        .formatted(
                                settings.source().name(),
                                RedisTime.instant(micros),
                                givenUp(micros),
                                shards(refused.shardsWithoutClaim()),
                                nearest(refused.beforeMicros(), refused.afterMicros()),
                                holesNamed(planner.times().holes()),
                                tail()));
    }

    private String givenUp(long micros) {
        return survey.shards().stream()
                .flatMap(shard -> shard.keptFrom().stream())
                .filter(kept -> micros < kept.micros())
                .findFirst()
                .map(kept -> "'tidemark prune' gave up what is older than %s, and of what is kept "
                        .formatted(RedisTime.instant(kept.micros())))
                .orElse("");
    }

    private TidemarkError damaged(long micros, Damaged damaged) {
        return new TidemarkError(
                ExitCode.ARCHIVE_DAMAGED,
                "%s could be restored to %s, but a part of the archive is missing. %s%s %sNothing was written to any target. Put back the missing object from a copy or an earlier version, or restore to one of these times"
                        .formatted(
                                settings.source().name(),
                                RedisTime.instant(micros),
                                holesNamed(damaged.holes()),
                                nearest(damaged.beforeMicros(), damaged.afterMicros()),
                                tail()));
    }

    private static String nearest(OptionalLong before, OptionalLong after) {
        if (before.isEmpty() && after.isEmpty()) {
            return "No time can be restored.";
        }
        return "The nearest times that can be restored:"
                + (before.isPresent() ? " before it " + RedisTime.instant(before.getAsLong()) : " none before it")
                + (after.isPresent() ? ", after it " + RedisTime.instant(after.getAsLong()) + "." : ", none after it.");
    }

    private String tail() {
        return survey.tail().state() == TailUse.State.UNUSABLE
                ? "The tail of the log was not used: " + survey.tail().reason() + ". "
                : "";
    }

    private String holesNamed(List<Hole> holes) {
        if (holes.isEmpty()) {
            return "";
        }
        String named =
                holes.stream().limit(HOLES_NAMED_MAX).map(Planning::named).collect(Collectors.joining("; "));
        String more = holes.size() > HOLES_NAMED_MAX ? "; and %d more".formatted(holes.size() - HOLES_NAMED_MAX) : "";
        String faults = survey.damage().stream()
                .limit(HOLES_NAMED_MAX)
                .map(fault -> fault.endsWith(".") ? " " + fault : " " + fault + ".")
                .collect(Collectors.joining());
        return "Missing: " + named + more + "." + faults + " ";
    }

    private static String named(Hole hole) {
        return "shard %d, offsets [%d, %d), %s%s"
                .formatted(
                        hole.shard(),
                        hole.from(),
                        hole.to(),
                        switch (hole.kind()) {
                            case BEFORE_FIRST_SEGMENT -> "before its first segment";
                            case BETWEEN_SEGMENTS -> "between two segments";
                            case AFTER_LAST_SEGMENT -> "after its last segment";
                            case OVERLAP -> "which two segments hold";
                            case BEFORE_LOG -> "which Kafka deleted before they were on S3";
                            case AFTER_LOG -> "which Kafka had acknowledged and lost";
                        },
                        hole.bridged() ? " (Kafka still holds them)" : "");
    }

    private String shardsWithoutAny() {
        List<Integer> without = planner.times().shards().stream()
                .filter(shard -> shard.spans().isEmpty())
                .map(RestorableTimes.ShardTimes::shard)
                .toList();
        return without.isEmpty() ? "no time is claimed by all shards" : "no claim counts in " + shards(without);
    }

    private static String shards(List<Integer> shards) {
        return (shards.size() == 1 ? "shard " : "shards ")
                + shards.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }
}
