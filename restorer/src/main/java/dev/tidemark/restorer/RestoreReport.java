package dev.tidemark.restorer;

import dev.tidemark.schemas.errors.ExitCode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

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
