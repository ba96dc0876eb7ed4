package dev.tidemark.restorer.look;

import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.log.LogRow.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A key as it was at a time.
 *
 * @param exactness it was so at some instant of this long before
 * @param change the last that the archive knows of it up to that time, if any
 * @param isPresent whether it was there: it was not if that change says so, or if it had expired by then
 */
public record KeyAt(
        String source, Instant at, Duration exactness, KeyName name, Optional<Change> change, boolean isPresent) {
    public KeyAt {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(exactness, "exactness");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(change, "change");
    }

    /** Whether a key that was last seen so is there at that time. */
    public static boolean isPresent(boolean wasPresent, OptionalLong expireAtMillis, long atMicros) {
        return wasPresent
                && (expireAtMillis.isEmpty() || RedisTime.microsOfMillis(expireAtMillis.getAsLong()) > atMicros);
    }
}
