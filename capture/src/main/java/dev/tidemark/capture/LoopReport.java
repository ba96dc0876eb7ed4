package dev.tidemark.capture;

import dev.tidemark.capture.proof.ShardProof;
import dev.tidemark.schemas.health.Outage;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Map;

/** What those who look at a capture are told of its shards, now and then. Belongs to the loop's thread. */
final class LoopReport {
    private static final Duration EVERY = Duration.ofMillis(500);

    /** A little less is made good for in as many seconds. */
    private static final Duration CLOCK_BACK_MAX = Duration.ofSeconds(5);

    private final CaptureStatus status;
    private final Outage clock = new Outage("clock of Redis");
    private final LogWriter writer;
    private final SourceNodes nodes;
    private final ShardReads reads;
    private final int shards;
    private long toldNanos;

    LoopReport(CaptureStatus status, LogWriter writer, SourceNodes nodes, ShardReads reads, int shards) {
        this.status = status;
        this.writer = writer;
        this.nodes = nodes;
        this.reads = reads;
        this.shards = shards;
    }

    /** Does nothing where the last time was a moment ago. */
    void tell(Map<Integer, OwnedShard> owned, long nowNanos) {
        if (nowNanos - toldNanos < EVERY.toNanos()) {
            return;
        }
        toldNanos = nowNanos;
        writer.tellSilence(status);
        owned.values().forEach(this::tell);
        tellClock(owned.values());
        status.metrics().standingBy(nodes.standingBy(shards, owned.keySet()));
    }

    /** Barriers go on as ever, so nothing else would tell why there are no claims. */
    private void tellClock(Collection<OwnedShard> owned) {
        Duration behind = Duration.of(
                owned.stream()
                        .mapToLong(shard -> shard.proof().clockBehindMicros())
                        .max()
                        .orElse(0),
                ChronoUnit.MICROS);
        boolean setBack = behind.compareTo(CLOCK_BACK_MAX) > 0;
        status.health().clockSetBack(setBack);
        if (setBack) {
            status.late(
                    clock,
                    LateCause.CLOCK_BACK,
                    "it was set back: it shows %d s less than what is claimed, and nothing is claimed until it has passed that"
                            .formatted(behind.toSeconds()));
        } else {
            status.onTime(clock);
        }
    }

    private void tell(OwnedShard shard) {
        ShardProof proof = shard.proof();
        long open = proof.parts().stream().mapToLong(part -> part.open().size()).sum();
        long held = proof.parts().stream()
                .flatMap(part -> nodes.coverage(part.node()).stream())
                .mapToLong(seen -> seen.held(shard.shard()))
                .sum();
        status.metrics()
                .shardState(shard.shard(), proof.live(), open, proof.openSinceMicros(), held, reads.waiting(shard));
    }
}
