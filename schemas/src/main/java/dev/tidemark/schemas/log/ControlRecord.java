package dev.tidemark.schemas.log;

import java.util.Objects;

/** A record of the {@code tidemarks} topic. Times are Redis's, in microseconds. */
public sealed interface ControlRecord permits ControlRecord.Claim, ControlRecord.Doubt, Tidemark {

    /** A writer takes the shard. The offset at which this record lands is its epoch. */
    record Claim(String owner) implements ControlRecord {
        public Claim {
            Objects.requireNonNull(owner, "owner");
        }
    }

    /** Why nothing can be claimed from here on; only an explanation, since only tidemarks make a time restorable. */
    record Doubt(long epoch, long timeMicros, String reason, String node) implements ControlRecord {
        public Doubt {
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(node, "node");
        }
    }
}
