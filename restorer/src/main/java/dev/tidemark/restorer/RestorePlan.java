package dev.tidemark.restorer;

import dev.tidemark.restorer.plan.Hole;
import dev.tidemark.restorer.plan.ShardPlan;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.log.LogRow.Definitions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a restore will read, and what it will reach.
 *
 * @param latest whether the time is the latest that there was, rather than one that was asked for
 * @param baseline what it starts from; without one, from the resyncs in the log
 * @param beforeBaseline files of shortly before it that may name search indexes, of which it holds none; they are not counted
 *     among the files
 * @param bytes of the files
 * @param rowsMax at most so many changes are read, those of the tail among them
 * @param exactness every key is restored as it truly was at some instant in [to - exactness, to]
 * @param holes in the archive, none of which this plan needs
 * @param unusableBaselines why each of them is not used
 * @param damage a sentence for each object of the log on S3 that is missing or damaged, and that this plan does without
 * @param sourceRunIds of the servers that were captured, as far as the log still tells
 */
public record RestorePlan(
        String source,
        Instant to,
        boolean latest,
        Optional<Baseline> baseline,
        List<? extends ArchivedRange> beforeBaseline,
        List<PlannedShard> shards,
        long files,
        long bytes,
        long rowsMax,
        Duration exactness,
        Duration estimate,
        TailUse tail,
        List<Hole> holes,
        List<String> unusableBaselines,
        List<String> damage,
        Set<String> sourceRunIds) {
    public RestorePlan {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(to, "to");
        beforeBaseline = List.copyOf(beforeBaseline);
        shards = List.copyOf(shards);
        Objects.requireNonNull(exactness, "exactness");
        Objects.requireNonNull(estimate, "estimate");
        Objects.requireNonNull(tail, "tail");
        Objects.requireNonNull(baseline, "baseline");
        holes = List.copyOf(holes);
        unusableBaselines = List.copyOf(unusableBaselines);
        damage = List.copyOf(damage);
        sourceRunIds = Set.copyOf(sourceRunIds);
    }

    /**
     * One machine's part of it.
     *
     * @param part of which only the shards are read, and all of the baseline
     */
    RestorePlan only(RestorePart part) {
        if (part.isWhole()) {
            return this;
        }
        List<PlannedShard> ours =
                shards.stream().filter(each -> part.has(each.plan().shard())).toList();
        List<PlannedShard> others =
                shards.stream().filter(each -> !part.has(each.plan().shard())).toList();
        return new RestorePlan(
                source,
                to,
                latest,
                baseline,
                beforeBaseline,
                ours,
                files - others.stream().mapToLong(each -> each.plan().files()).sum(),
                bytes - others.stream().mapToLong(each -> each.plan().bytes()).sum(),
                rowsMax,
                exactness,
                estimate,
                tail,
                holes,
                unusableBaselines,
                damage,
                sourceRunIds);
    }

    /** Whether what the server held beside its keys is known to it: of a restore in parts, to one of them. */
    boolean tellsOfDefinitions() {
        return shards.stream().anyMatch(each -> each.plan().shard() == Definitions.SHARD);
    }

    /** How many records of the log are read from Kafka. */
    public long tailRecords() {
        return shards.stream()
                .flatMap(shard -> shard.chunks().stream())
                .mapToLong(TailChunk::rows)
                .sum();
    }

    /** How many rows at most speak of a large value or of what is in force beside the keys. */
    long references() {
        long references = 0;
        for (PlannedShard shard : shards) {
            references += shard.plan().parts().stream()
                    .mapToLong(ArchivedRange::references)
                    .sum();
            references +=
                    shard.chunks().stream().mapToLong(TailChunk::references).sum();
        }
        return references;
    }

    /**
     * One shard's part.
     *
     * @param chunks of the tail that its plan names, oldest first
     */
    public record PlannedShard(ShardPlan plan, long exactnessMicros, List<TailChunk> chunks) {
        public PlannedShard {
            Objects.requireNonNull(plan, "plan");
            chunks = List.copyOf(chunks);
        }
    }

    /**
     * A part of the tail small enough to be held in memory.
     *
     * @param epochInForce at {@code from}
     * @param rows that count
     * @param references of them, to large values, and definitions
     */
    public record TailChunk(long from, long to, long epochInForce, long rows, long references) {}
}
