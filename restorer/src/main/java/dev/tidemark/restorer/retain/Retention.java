package dev.tidemark.restorer.retain;

import dev.tidemark.restorer.plan.PlanOutcome;
import dev.tidemark.restorer.plan.PlanOutcome.Planned;
import dev.tidemark.restorer.plan.Planner;
import dev.tidemark.restorer.plan.ShardArchive;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Hour;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;

/**
 * What may be given up of one archive without a kept time losing anything. Kafka is left out: what is kept is kept on S3.
 */
public final class Retention {
    private final List<ShardArchive> shards;
    private final List<Baseline> baselines;
    private final long keptFromMicros;
    private final Planner planner;
    /** What is planned for each time at which that may change; between two of them a later time needs nothing more. */
    private final TreeMap<Long, PlanOutcome> planned = new TreeMap<>();

    /**
     * What is kept.
     *
     * @param hour the first that is
     * @param offsets by shard, of the first row that is
     * @param baselinesFromMicros when the first baseline that is was begun, at the earliest
     */
    public record Kept(long fromMicros, Hour hour, List<Long> offsets, long baselinesFromMicros) {
        public Kept {
            Objects.requireNonNull(hour, "hour");
            offsets = List.copyOf(offsets);
        }
    }

    /**
     * Plans as restores would.
     *
     * @param keptFromMicros every time from here on that can be restored stays so
     */
    public Retention(List<ShardArchive> shards, List<Baseline> baselines, long keptFromMicros) {
        this.shards = shards.stream().map(ShardArchive::withoutTail).toList();
        this.baselines = List.copyOf(baselines);
        this.keptFromMicros = keptFromMicros;
        this.planner = new Planner(this.shards, baselines);
        turnsOf(planner).forEach(micros -> planned.put(micros, planner.upTo(micros)));
    }

    private NavigableSet<Long> turnsOf(Planner any) {
        NavigableSet<Long> turns = any.turns();
        turns.add(keptFromMicros);
        return turns.tailSet(keptFromMicros, true);
    }

    /**
     * As little as possible.
     *
     * @param rolledUp the last hour that is: a later one is still read for its roll-up, and the next hour's begins where it
     *     ends
     * @return empty when nothing can be given up
     */
    public Optional<Kept> least(Hour rolledUp) {
        Optional<List<Hour>> candidates = candidates(rolledUp);
        if (candidates.isEmpty() || !isAnyRestorable()) {
            // Where no kept time can be restored today, what would make one restorable again may be what is old.
            return Optional.empty();
        }
        List<Hour> hours = candidates.get();
        long baselinesFrom = baselinesFromMicros();
        // In a sound archive the hours that can be the first ones come before those that cannot. Where one contradicts
        // itself they may not, and then more is kept than need be.
        int kept = 0;
        int tooFar = hours.size();
        while (tooFar - kept > 1) {
            int middle = (kept + tooFar) >>> 1;
            if (isEnough(hours.get(middle), baselinesFrom, Object::equals)) {
                kept = middle;
            } else {
                tooFar = middle;
            }
        }
        boolean givesUpBaselines =
                baselines.stream().anyMatch(each -> each.manifest().startedMicros() < baselinesFrom);
        if ((kept == 0 && !givesUpBaselines) || !isEnough(hours.get(kept), baselinesFrom, Object::equals)) {
            return Optional.empty();
        }
        return Optional.of(new Kept(keptFromMicros, hours.get(kept), offsets(hours.get(kept)), baselinesFrom));
    }

    private boolean isAnyRestorable() {
        return planned.values().stream().anyMatch(Planned.class::isInstance);
    }

    /** Whether whoever kept this alone could still restore every time that can be restored now. */
    public boolean isEnough(Hour hour, long baselinesFromMicros) {
        // Where none can be, what would make one restorable again may be what is given up.
        return isAnyRestorable()
                && isEnough(
                        hour,
                        baselinesFromMicros,
                        (before, after) -> !(before instanceof Planned) || after instanceof Planned);
    }

    private boolean isEnough(Hour hour, long baselinesFromMicros, BiPredicate<PlanOutcome, PlanOutcome> isSame) {
        Planner rest = new Planner(
                shards.stream().map(shard -> shard.since(hour, keptFromMicros)).toList(),
                baselines.stream()
                        .filter(each -> each.manifest().startedMicros() >= baselinesFromMicros)
                        .toList());
        return planned.entrySet().stream()
                        .filter(each -> each.getValue() instanceof Planned)
                        .allMatch(each -> isSame.test(each.getValue(), rest.upTo(each.getKey())))
                && !hidesAContradiction(rest);
    }

    /** Without one of two objects that contradict each other, the other would be believed. */
    private boolean hidesAContradiction(Planner rest) {
        return turnsOf(rest).stream()
                .anyMatch(micros -> rest.upTo(micros) instanceof Planned && !(planner.upTo(micros) instanceof Planned));
    }

    /** In their order, from the first that there is; none is later than the last that must stay. */
    private Optional<List<Hour>> candidates(Hour rolledUp) {
        TreeSet<Hour> hours = new TreeSet<>();
        Hour last = rolledUp;
        for (ShardArchive shard : shards) {
            NavigableSet<Hour> own = shard.hours();
            if (own.isEmpty()) {
                return Optional.empty();
            }
            hours.addAll(own);
            // Where a shard's newest segment ends, its writer goes on.
            last = own.last().compareTo(last) < 0 ? own.last() : last;
        }
        List<Hour> found = new ArrayList<>(hours.headSet(last, true));
        return found.isEmpty() ? Optional.empty() : Optional.of(found);
    }

    private List<Long> offsets(Hour hour) {
        return shards.stream()
                .map(shard -> shard.since(hour, keptFromMicros)
                        .keptFrom()
                        .orElseThrow()
                        .offset())
                .toList();
    }

    /** No earlier one is used for a kept time; those that may be used later were begun within the window. */
    private long baselinesFromMicros() {
        long from = keptFromMicros;
        for (PlanOutcome outcome : planned.values()) {
            if (outcome instanceof Planned plan && plan.baseline().isPresent()) {
                from = Math.min(from, plan.baseline().get().manifest().startedMicros());
            }
        }
        return from;
    }
}
