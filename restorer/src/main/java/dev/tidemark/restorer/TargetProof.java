package dev.tidemark.restorer;

import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.RestoreReport.ShardProof;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.plan.SeenKeys;
import dev.tidemark.restorer.proof.ContentAccount;
import dev.tidemark.restorer.proof.ContentSum;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.LogRow.Definitions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Reads a server that was filled and compares it with the archive's account, shard by shard. */
final class TargetProof {
    private static final int EXPIRES_TOLD_SINCE = 7;

    private final RestoreRun run;
    private final boolean tellsExpiry;
    private final Predicate<Bytes> isLeftBehind;
    private List<TargetRedis> nodes = List.of();
    private List<ShardProof> shards = List.of();
    private long others;
    private long takenAway;

    /** @param isLeftBehind what is taken away on the way, as a run left it that died */
    TargetProof(RestoreRun run, int majorVersion, Predicate<Bytes> isLeftBehind) {
        this.isLeftBehind = isLeftBehind;
        this.run = run;
        this.tellsExpiry = majorVersion >= EXPIRES_TOLD_SINCE;
    }

    /**
     * Reads it all, in place of what was read before.
     *
     * @param found empty, and of the same beginning as the expected one
     * @param isOurs what is none of ours is left out
     */
    void read(
            List<TargetRedis> filled,
            Filling filling,
            ContentAccount expected,
            ContentAccount found,
            Predicate<KeyName> isOurs)
            throws InterruptedException {
        nodes = List.copyOf(filled);
        others = 0;
        run.report(Phase.PROVING, 0);
        long comparedBytesMax = run.settings().restorer().bytesInFlightMax();
        SeenKeys seen = run.newSeenKeys();
        long readMillis = tellsExpiry ? 0 : Long.MAX_VALUE;
        for (TargetRedis node : nodes) {
            LargeContent large = new LargeContent(node, tellsExpiry, comparedBytesMax, found);
            TargetContent content =
                    new TargetContent(node, tellsExpiry, found, seen, filling, large, isOurs, isLeftBehind);
            try {
                content.read(() -> run.report(Phase.PROVING, seen.size()));
            } finally {
                takenAway += content.takenAway();
            }
            others += content.others();
        }
        for (TargetRedis node : nodes) {
            readMillis = Math.max(readMillis, node.timeMillis("It was filled, and not proven"));
        }
        shards = compared(run, expected, found, readMillis);
    }

    List<ShardProof> shards() {
        return shards;
    }

    boolean isEqual() {
        return shards.stream().allMatch(ShardProof::isEqual);
    }

    /** @param readMillis what expires before this is left out of both */
    static List<ShardProof> compared(RestoreRun run, ContentAccount expected, ContentAccount found, long readMillis) {
        List<ShardProof> proofs = new ArrayList<>();
        for (int shard = 0; shard < run.settings().source().shards(); shard++) {
            ContentSum archived = expected.outliving(shard, readMillis, expected.comparesPayloads());
            ContentSum restored = found.outliving(shard, readMillis, expected.comparesPayloads());
            proofs.add(new ShardProof(
                    shard,
                    archived.keys(),
                    restored.keys(),
                    expected.expiringBy(shard, readMillis).keys(),
                    archived.digest(),
                    restored.digest()));
        }
        return proofs;
    }

    void requireLibraries(List<Definitions> inForce) {
        for (TargetRedis node : nodes) {
            Libraries libraries = Libraries.of(node, inForce);
            List<String> missing = libraries.missing();
            if (!missing.isEmpty()) {
                throw new TidemarkError(
                        ExitCode.DIFFERENT,
                        "%s does not hold %d of %d FUNCTION libraries as the source did: %s"
                                .formatted(
                                        node.address(),
                                        missing.size(),
                                        libraries.wanted().size(),
                                        String.join(", ", missing)));
            }
        }
    }

    List<String> limits(Filling filling, ContentAccount expected) {
        List<String> limits = new ArrayList<>(RestoreReport.limits(filling, expected));
        if (others > 0) {
            limits.add("%d other keys of the target were left as they were, and were not compared".formatted(others));
        }
        if (takenAway > 0) {
            limits.add(
                    "%d keys tidemark:restore-pieces, of large strings that a run which died had not ended, were deleted"
                            .formatted(takenAway));
        }
        if (!tellsExpiry) {
            limits.add("keys with an expiry were not compared: the target is older than Redis 7 and does not tell it"
                    + " exactly");
        }
        return limits;
    }
}
