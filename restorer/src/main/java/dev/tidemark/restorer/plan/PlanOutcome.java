package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.layout.Baseline;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** What became of the wish to restore a time. */
public sealed interface PlanOutcome {

    /**
     * It can be done, with these.
     *
     * @param baseline what to start from; without one, from the resyncs in the log
     */
    record Planned(List<ShardPlan> shards, Optional<Baseline> baseline) implements PlanOutcome {
        public Planned {
            shards = List.copyOf(shards);
            Objects.requireNonNull(baseline, "baseline");
        }
    }

    /** Nobody ever claimed that time for all shards. */
    record NotRestorable(List<Integer> shardsWithoutClaim, OptionalLong beforeMicros, OptionalLong afterMicros)
            implements PlanOutcome {
        public NotRestorable {
            shardsWithoutClaim = List.copyOf(shardsWithoutClaim);
        }
    }

    /** It could be done but for what is missing. */
    record Damaged(List<Hole> holes, OptionalLong beforeMicros, OptionalLong afterMicros) implements PlanOutcome {
        public Damaged {
            holes = List.copyOf(holes);
        }
    }
}
