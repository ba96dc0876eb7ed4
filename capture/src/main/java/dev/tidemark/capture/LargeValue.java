package dev.tidemark.capture;

import dev.tidemark.schemas.log.Value;
import java.util.OptionalLong;

/** What came of reading a value that is too large for the log. */
sealed interface LargeValue {
    /**
     * The state of the key at that time.
     *
     * @param value a blob that lies on S3 already, or absent
     */
    record State(long timeMicros, Value value, OptionalLong expireAtMillis) implements LargeValue {}

    /** The key is of another type now; read it as that. */
    record OtherType(String type) implements LargeValue {}

    /** Redis, the disk or S3 would not; nothing is known of the key, and another try may succeed. */
    record Failed(String why) implements LargeValue {}
}
