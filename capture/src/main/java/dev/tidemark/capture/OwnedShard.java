package dev.tidemark.capture;

import dev.tidemark.capture.proof.ShardPart;
import dev.tidemark.capture.proof.ShardProof;

/**
 * A shard under one epoch of ours. When the epoch ends this object ends, and news that is addressed to it is void: its
 * identity is what tells, so it is no record.
 */
final class OwnedShard {
    private final int shard;
    private final long epoch;
    private final ShardProof proof;
    private final long claimedNanos = System.nanoTime();

    OwnedShard(int shard, long epoch, ShardProof proof) {
        this.shard = shard;
        this.epoch = epoch;
        this.proof = proof;
    }

    int shard() {
        return shard;
    }

    long epoch() {
        return epoch;
    }

    ShardProof proof() {
        return proof;
    }

    /** How long ago the epoch was claimed. */
    long ageNanos() {
        return System.nanoTime() - claimedNanos;
    }

    /** Whether no doubt has come since the part was given out. */
    boolean has(ShardPart part) {
        return proof.part(part.node()).orElse(null) == part;
    }
}
