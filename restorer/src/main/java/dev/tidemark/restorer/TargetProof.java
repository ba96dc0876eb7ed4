package dev.tidemark.restorer;

import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.RestoreReport.ShardProof;
import dev.tidemark.restorer.proof.ContentAccount;
import dev.tidemark.restorer.proof.ContentSum;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads a server that was filled and compares it with the archive's account, shard by shard. */
final class TargetProof {
    private static final int EXPIRES_TOLD_SINCE = 7;

    private final RestoreRun run;
    private final TargetRedis target;
    private final boolean tellsExpiry;
    private final Duration answerLimit;

    TargetProof(RestoreRun run, TargetRedis target, int majorVersion, Duration answerLimit) {
        this.run = run;
        this.target = target;
        this.tellsExpiry = majorVersion >= EXPIRES_TOLD_SINCE;
        this.answerLimit = answerLimit;
    }

    /**
     * Reads it all.
     *
     * @param found empty, and of the same beginning as the expected one
     */
    List<ShardProof> of(Filling filling, ContentAccount expected, ContentAccount found) throws InterruptedException {
        run.report(Phase.PROVING, 0);
        long comparedBytesMax = run.settings().restorer().bytesInFlightMax();
        new TargetContent(
                        target,
                        tellsExpiry,
                        answerLimit,
                        found,
                        run.newSeenKeys(),
                        filling.large(),
                        new LargeContent(target, tellsExpiry, comparedBytesMax, found))
                .read(keys -> run.report(Phase.PROVING, keys));
        long readMillis = tellsExpiry ? target.timeMillis("It was filled, and not proven") : Long.MAX_VALUE;
        return compared(run, expected, found, readMillis);
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

    void requireLibraries(Libraries libraries) {
        Map<String, Bytes> wanted = libraries.wanted();
        List<String> missing = libraries.missing();
        if (!missing.isEmpty()) {
            throw new TidemarkError(
                    ExitCode.DIFFERENT,
                    "%s does not hold %d of %d FUNCTION libraries as the source did: %s"
                            .formatted(target.address(), missing.size(), wanted.size(), String.join(", ", missing)));
        }
    }

    List<String> limits(Filling filling, ContentAccount expected, References references) {
        List<String> limits = new ArrayList<>(RestoreReport.limits(filling, expected, references));
        if (!tellsExpiry) {
            limits.add(
                    "keys with an expiry were not compared: the target is older than Redis 7 and does not tell it exactly");
        }
        return limits;
    }
}
