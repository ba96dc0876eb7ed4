package dev.tidemark.compactor.baseline;

import dev.tidemark.compactor.dating.Canary;
import dev.tidemark.compactor.dating.ForkDate;
import dev.tidemark.schemas.HashSlot;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.Slots;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Tidemark.Beat;
import dev.tidemark.schemas.settings.SourceKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The barriers that {@code tidemarks} tells of, as far as they can date a snapshot. */
final class KnownBeats {
    /** A canary says about when it was written; its barrier is looked for so long before and after. */
    private static final Duration AROUND = Duration.ofMinutes(10);

    /** The latest ones: of places that were forsaken long ago nothing is known any more. */
    private static final int CANARIES_MAX = 16;

    private final ShardLog log;
    private final Shards shards;
    /** Of each shard that was looked at. */
    private final Map<Integer, Tidemark> latest = new HashMap<>();

    KnownBeats(ShardLog log, Shards shards) {
        this.log = log;
        this.shards = shards;
    }

    /** The date of a snapshot; empty if nothing is known of any canary in it. */
    Optional<ForkDate> date(List<Canary> canaries, Optional<String> replId, Slots slots) {
        List<Canary> latestFirst = canaries.stream()
                .sorted(Comparator.comparingLong(Canary::atMicros).reversed())
                .limit(CANARIES_MAX)
                .toList();
        Set<String> watches = latestFirst.stream().map(Canary::watch).collect(Collectors.toSet());
        Set<Integer> mine = shardsOf(slots);
        for (Canary canary : latestFirst) {
            List<Beat> beats = new ArrayList<>();
            for (int shard : mine) {
                read(shard, canary, watches, beats);
            }
            Optional<ForkDate> date = ForkDate.of(latestFirst, replId, beats);
            if (date.isPresent()) {
                return date;
            }
        }
        return Optional.empty();
    }

    /** Whether these keys were watched in every shard at about the time that was looked at. */
    boolean areOf(SourceKeys keys) {
        return latest.values().stream()
                .flatMap(tidemark -> tidemark.nodes().stream())
                .allMatch(beat -> keys.areOf(beat.watch()));
    }

    private void read(int shard, Canary canary, Set<String> watches, List<Beat> beats) {
        long around = AROUND.toMillis();
        long atMillis = canary.atMicros() / 1_000;
        long from = log.tidemarksAt(shard, Math.max(0, atMillis - around));
        long to = log.tidemarksAt(shard, atMillis + around);
        // A barrier is a fact, whoever claimed by it, so claims that no longer count are evidence as well.
        log.readTidemarks(shard, from, to, (offset, record) -> {
            if (record instanceof Tidemark tidemark) {
                latest.put(shard, tidemark);
                tidemark.nodes().stream()
                        .filter(beat -> watches.contains(beat.watch()))
                        .forEach(beats::add);
            }
        });
    }

    private Set<Integer> shardsOf(Slots slots) {
        Set<Integer> found = new HashSet<>();
        for (int slot = 0; slot < HashSlot.COUNT; slot++) {
            if (slots.contains(slot)) {
                found.add(shards.ofSlot(slot));
            }
        }
        return found;
    }
}
