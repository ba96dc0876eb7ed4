package dev.tidemark.capture;

import dev.tidemark.capture.proof.ShardProof;
import java.time.Duration;
import java.util.Map;

/** What those who look at a capture are told of its shards, now and then. Belongs to the loop's thread. */
final class LoopReport {
    private static final Duration EVERY = Duration.ofMillis(500);

    private final CaptureStatus status;
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
        status.metrics().standingBy(nodes.standingBy(shards, owned.keySet()));
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
