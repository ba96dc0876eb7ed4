package dev.tidemark.restorer;

import dev.tidemark.restorer.proof.ContentAccount;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.log.LogRow.Definitions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a restore did, and whether the target holds it.
 *
 * @param expiredSince keys that were there at that time but whose expiry has passed by now
 * @param uncertain keys that were to expire there, and are left out, though they may have lived on
 * @param limits what the proof does not speak of, in sentences
 */
public record RestoreReport(
        String source,
        Instant to,
        String target,
        Duration exactness,
        long keysWritten,
        long bytesWritten,
        long expiredSince,
        long uncertain,
        Duration took,
        List<ShardProof> proof,
        List<String> limits) {
    public RestoreReport {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(to, "to");
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(exactness, "exactness");
        Objects.requireNonNull(took, "took");
        proof = List.copyOf(proof);
        limits = List.copyOf(limits);
    }

    static RestoreReport of(
            RestoreRun run,
            String target,
            KeySink written,
            Filling filling,
            List<ShardProof> proof,
            List<String> limits) {
        return new RestoreReport(
                run.plan().source(),
                run.plan().to(),
                target,
                run.plan().exactness(),
                written.keys(),
                written.bytes(),
                filling.expiredSince(),
                filling.uncertain(),
                run.elapsed(),
                proof,
                Stream.concat(limits.stream(), run.notes().stream()).toList());
    }

    /** What no proof speaks of, whatever was written to. */
    static List<String> limits(Filling filling, ContentAccount expected, References references) {
        List<String> limits = new ArrayList<>();
        if (expected.payloadsNotCompared() > 0) {
            limits.add("%d keys of types that are stored as they were dumped were compared by type and expiry alone"
                    .formatted(expected.payloadsNotCompared()));
        }
        if (filling.fieldExpiriesKept() > 0) {
            limits.add("%d hashes have fields that expire: these expire when they did, only keys follow --ttl"
                    .formatted(filling.fieldExpiriesKept()));
        }
        if (!references.indexes().isEmpty()) {
            limits.add(
                    "%d search indexes of the source were not created; their definitions are in the archive, and FT.CREATE makes them anew: %s"
                            .formatted(
                                    references.indexes().size(),
                                    references.indexes().stream()
                                            .map(each -> each.kind().substring(Definitions.INDEX.length()))
                                            .collect(Collectors.joining(", "))));
        }
        return limits;
    }

    public boolean isProven() {
        return proof.stream().allMatch(ShardProof::isEqual);
    }

    public ExitCode exitCode() {
        return isProven() ? ExitCode.DONE : ExitCode.DIFFERENT;
    }

    /**
     * One shard by the archive's account and as it was read back.
     *
     * @param keysLeftOut were compared with nothing, because they expired meanwhile or their expiry cannot be read
     * @param expectedDigest of all keys that were compared, in hex; it does not depend on their order
     */
    public record ShardProof(
            int shard, long keysExpected, long keysFound, long keysLeftOut, String expectedDigest, String foundDigest) {
        public boolean isEqual() {
            return keysExpected == keysFound && expectedDigest.equals(foundDigest);
        }
    }
}
