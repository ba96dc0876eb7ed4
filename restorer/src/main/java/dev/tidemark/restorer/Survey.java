package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.Looked;
import dev.tidemark.restorer.plan.KeptFrom;
import dev.tidemark.restorer.plan.ShardArchive;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.Pruned;
import dev.tidemark.schemas.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/**
 * What there is to restore from, at one moment.
 *
 * @param shards all of the source's, with their tails if there are any
 * @param damage a sentence for each object of the log on S3 that is missing or damaged
 */
record Survey(
        List<ShardArchive> shards,
        BaselineFiles baselines,
        List<String> damage,
        TailUse tail,
        Set<String> sourceRunIds) {
    Survey {
        Objects.requireNonNull(baselines, "baselines");
        Objects.requireNonNull(tail, "tail");
        shards = List.copyOf(shards);
        damage = List.copyOf(damage);
        sourceRunIds = Set.copyOf(sourceRunIds);
    }

    /** @param excluded baselines that are known to be damaged */
    static Survey of(Settings settings, Archive archive, boolean withTail, Set<BaselineKey> excluded) {
        return ofLog(settings, archive, withTail, every -> true, Optional.empty())
                .with(BaselineFiles.of(archive, settings.source(), excluded));
    }

    /**
     * Without a look at the baselines.
     *
     * @param wanted shards; there are no others in the answer
     * @param before the first hour of S3 that is not looked at, nor any later one; empty for none
     */
    static Survey ofLog(
            Settings settings, Archive archive, boolean withTail, IntPredicate wanted, Optional<Hour> before) {
        int count = settings.source().shards();
        // Progress before the listing: a segment that is written in between must not seem to be missing.
        List<Looked<Integer, Progress>> progress = archive.lookAtProgress(count);
        Inventory inventory = Inventory.of(archive, count, wanted, before);
        // After the listing: what a newer mark gives up is then there all the more, and not missing.
        Optional<Pruned> pruned = archive.pruned();
        List<String> damage = new ArrayList<>(inventory.damage());
        List<ShardArchive> shards = new ArrayList<>();
        for (Looked<Integer, Progress> looked : progress) {
            if (!wanted.test(looked.key())) {
                continue;
            }
            shards.add(inventory.shard(looked.key(), looked.found(), keptFrom(pruned, looked.key())));
            if (!looked.fault().isEmpty()) {
                // It is a hint, and may have held the latest claim; whatever else is claimed stands elsewhere.
                damage.add(looked.fault());
            }
        }
        BaselineFiles baselines = BaselineFiles.none();
        if (!withTail) {
            return new Survey(shards, baselines, damage, TailUse.leftOut(), Set.of());
        }
        KafkaTail.Answer answer = new KafkaTail(settings)
                .ask(
                        () -> archive.logGenerations().topics(LogTopics.FIRST_GENERATION),
                        count,
                        shards.stream().collect(Collectors.toMap(ShardArchive::shard, ShardArchive::parts)),
                        shard -> archive.last(
                                shard,
                                LogTopics.FIRST_GENERATION,
                                progress.get(shard).found()));
        List<ShardArchive> withTails = shards.stream()
                .map(shard -> shard.withTail(Optional.ofNullable(answer.tails().get(shard.shard()))))
                .toList();
        return new Survey(withTails, baselines, damage, answer.use(), answer.sourceRunIds());
    }

    Survey with(BaselineFiles others) {
        return new Survey(shards, others, damage, tail, sourceRunIds);
    }

    /** The same if Kafka cannot be had after all. */
    Survey withoutTail(String reason) {
        return new Survey(
                shards.stream().map(ShardArchive::withoutTail).toList(),
                baselines,
                damage,
                TailUse.unusable(reason),
                sourceRunIds);
    }

    private static Optional<KeptFrom> keptFrom(Optional<Pruned> pruned, int shard) {
        return pruned.filter(mark -> shard < mark.keptOffsets().size())
                .map(mark -> new KeptFrom(mark.keptOffsets().get(shard), mark.keptFromMicros()));
    }
}
