package dev.tidemark.restorer;

import dev.tidemark.restorer.proof.ContentAccount;
import dev.tidemark.schemas.errors.ExitCode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a restore did, and whether the target holds it.
 *
 * @param expiredSince keys that were there at that time but whose expiry has passed by now
 * @param uncertain keys that were to expire there, and are left out, though they may have lived on
 * @param indexes what became of each search index
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
        List<RestoredIndex> indexes,
        List<String> limits) {
    public RestoreReport {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(to, "to");
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(exactness, "exactness");
        Objects.requireNonNull(took, "took");
        proof = List.copyOf(proof);
        indexes = List.copyOf(indexes);
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
                List.of(),
                Stream.concat(limits.stream(), run.notes().stream()).toList());
    }

    /** The same, when the search indexes were seen to. */
    RestoreReport with(List<RestoredIndex> restored, Duration tookUntilThen) {
        List<String> all = new ArrayList<>(limits);
        restored.forEach(index -> index.limit().ifPresent(all::add));
        return new RestoreReport(
                source,
                to,
                target,
                exactness,
                keysWritten,
                bytesWritten,
                expiredSince,
                uncertain,
                tookUntilThen,
                proof,
                restored,
                all);
    }

    /** What no proof speaks of, whatever was written to. */
    static List<String> limits(Filling filling, ContentAccount expected) {
        List<String> limits = new ArrayList<>();
        if (expected.payloadsNotCompared() > 0) {
            limits.add("%d keys of types that are stored as they were dumped were compared by type and expiry alone"
                    .formatted(expected.payloadsNotCompared()));
        }
        if (filling.fieldExpiriesKept() > 0) {
            limits.add("%d hashes have fields that expire: these expire when they did, only keys follow --ttl"
                    .formatted(filling.fieldExpiriesKept()));
        }
        return limits;
    }

    /** Whether every key was found again as it should be. */
    public boolean isProven() {
        return proof.stream().allMatch(ShardProof::isEqual);
    }

    public ExitCode exitCode() {
        return isProven() && indexes.stream().noneMatch(RestoredIndex::isFailed) ? ExitCode.DONE : ExitCode.DIFFERENT;
    }

    /**
     * One search index.
     *
     * @param command that makes it
     * @param saying why it is not there, or not as it should be; empty if there is nothing to say
     */
    public record RestoredIndex(String name, State state, String command, String saying) {
        public RestoredIndex {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(state, "state");
            Objects.requireNonNull(command, "command");
            Objects.requireNonNull(saying, "saying");
        }

        public enum State {
            CREATED,
            /** It was there as it should be. */
            KEPT,
            /** It is for the operator to make. */
            LEFT,
            /** It should be there, whole, and is not. */
            FAILED
        }

        public boolean isFailed() {
            return state == State.FAILED;
        }

        private Optional<String> limit() {
            if (state == State.LEFT) {
                return Optional.of("the search index %s was not made: %s. This command makes it: %s"
                        .formatted(name, saying, command));
            }
            return isFailed() || saying.isEmpty()
                    ? Optional.empty()
                    : Optional.of("of the search index %s: %s".formatted(name, saying));
        }
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
