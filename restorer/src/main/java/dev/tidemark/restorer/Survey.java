package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.plan.KeptFrom;
import dev.tidemark.restorer.plan.ShardArchive;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.Pruned;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What there is to restore from, at one moment.
 *
 * @param shards all of the source's, with their tails if there are any
 */
record Survey(List<ShardArchive> shards, BaselineFiles baselines, TailUse tail, Set<String> sourceRunIds) {
    Survey {
        Objects.requireNonNull(baselines, "baselines");
        Objects.requireNonNull(tail, "tail");
        shards = List.copyOf(shards);
        sourceRunIds = Set.copyOf(sourceRunIds);
    }

    /** @param excluded baselines that are known to be damaged */
    static Survey of(Settings settings, Archive archive, boolean withTail, Set<BaselineKey> excluded) {
        int count = settings.source().shards();
        // Progress before the listing: a segment that is written in between must not seem to be missing.
        List<Optional<Progress>> progress = new ArrayList<>();
        for (int shard = 0; shard < count; shard++) {
            progress.add(archive.progress(shard));
        }
        List<List<Segment>> segments = new ArrayList<>();
        for (int shard = 0; shard < count; shard++) {
            segments.add(new ArrayList<>());
        }
        for (Segment segment : archive.segments(shard -> true)) {
            requireKnown(segment, count);
            segments.get(segment.key().shard()).add(segment);
        }
        BaselineFiles baselines = BaselineFiles.of(archive, excluded);
        // After the listing: what a newer mark gives up is then there all the more, and not missing.
        Optional<Pruned> pruned = archive.pruned();
        KafkaTail.Answer answer =
                withTail ? new KafkaTail(settings).ask(archive.logTopics(LogTopics.FIRST_GENERATION), segments) : null;
        List<ShardArchive> shards = new ArrayList<>();
        for (int shard = 0; shard < count; shard++) {
            shards.add(new ShardArchive(
                    shard,
                    segments.get(shard),
                    progress.get(shard),
                    answer == null ? Optional.empty() : answer.tails().get(shard),
                    keptFrom(pruned, shard)));
        }
        return answer == null
                ? new Survey(shards, baselines, TailUse.leftOut(), Set.of())
                : new Survey(shards, baselines, answer.use(), answer.sourceRunIds());
    }

    /** The same if Kafka cannot be had after all. */
    Survey withoutTail(String reason) {
        return new Survey(
                shards.stream().map(ShardArchive::withoutTail).toList(),
                baselines,
                TailUse.unusable(reason),
                sourceRunIds);
    }

    private static Optional<KeptFrom> keptFrom(Optional<Pruned> pruned, int shard) {
        return pruned.filter(mark -> shard < mark.keptOffsets().size())
                .map(mark -> new KeptFrom(mark.keptOffsets().get(shard), mark.keptFromMicros()));
    }

    /** An archive of which we understand only a part would be planned too short. */
    private static void requireKnown(Segment segment, int shards) {
        if (segment.key().shard() >= shards) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "the archive holds shard %d and source.shards is %d: the number is fixed for the life of a source's name. Nothing was read; set source.shards to what it was when the archive began"
                            .formatted(segment.key().shard(), shards));
        }
        if (segment.key().generation() != LogTopics.FIRST_GENERATION) {
            throw new TidemarkError(
                    ExitCode.ARCHIVE_DAMAGED,
                    "the archive holds generation %d of the log, which this build does not know; nothing was read. Restore with the build that wrote it"
                            .formatted(segment.key().generation()));
        }
    }
}
