package dev.tidemark.schemas.log;

import java.util.List;
import java.util.Objects;

/**
 * The proven claim: everything that changed in this shard up to {@code throughMicros} is in the log below
 * {@code offset}.
 *
 * @param generation of the log that the offsets belong to
 * @param base the resync that this claim follows from
 * @param exactnessMicros no change since the tidemark before was read later than this after its first touch could have
 *     been
 * @param nodes one for every node that holds a part of the shard
 */
public record Tidemark(
        int generation, long epoch, Base base, long throughMicros, long offset, long exactnessMicros, List<Beat> nodes)
        implements ControlRecord {
    public Tidemark {
        Objects.requireNonNull(base, "base");
        nodes = List.copyOf(nodes);
        if (offset <= base.endOffset()) {
            throw new IllegalArgumentException("a claim through offset " + offset
                    + " cannot follow from a resync that ended at offset " + base.endOffset());
        }
    }

    /**
     * Where a claim follows from: the resync whose BEGIN and END rows stand at these offsets of {@code changes}.
     *
     * @param endMicros the time of the END row, the first that can be restored
     */
    public record Base(long beginOffset, long endOffset, long endMicros) {
        public Base {
            if (beginOffset < 0 || endOffset <= beginOffset) {
                throw new IllegalArgumentException(
                        "a resync cannot begin at offset " + beginOffset + " and end at " + endOffset);
            }
        }
    }

    /**
     * Barrier {@code n} of a watch, as its node saw it.
     *
     * @param beat the node's total_commands_processed, a clock nobody sets back
     */
    public record Beat(String node, String runId, String replId, String watch, long n, long beat, long timeMicros) {
        public Beat {
            Objects.requireNonNull(node, "node");
            Objects.requireNonNull(runId, "runId");
            Objects.requireNonNull(replId, "replId");
            Objects.requireNonNull(watch, "watch");
        }
    }
}
