package dev.tidemark.schemas.layout;

import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Tidemark.Base;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Consecutive tidemarks of one base, as one: every time from the base's end to {@code throughMicros} can be restored
 * from the rows below {@code offset}.
 *
 * @param exactnessMicros the worst of the tidemarks
 */
public record ClaimInterval(Base base, long throughMicros, long offset, long exactnessMicros) {
    public ClaimInterval {
        Objects.requireNonNull(base, "base");
    }

    public static ClaimInterval of(Tidemark tidemark) {
        return new ClaimInterval(
                tidemark.base(), tidemark.throughMicros(), tidemark.offset(), tidemark.exactnessMicros());
    }

    /** The same intervals with one more claim, which is later than all of them. */
    public static List<ClaimInterval> append(List<ClaimInterval> intervals, ClaimInterval next) {
        List<ClaimInterval> appended = new ArrayList<>(intervals);
        if (!appended.isEmpty()) {
            ClaimInterval last = appended.get(appended.size() - 1);
            if (last.base().equals(next.base())) {
                appended.remove(appended.size() - 1);
                next = new ClaimInterval(
                        next.base(),
                        next.throughMicros(),
                        next.offset(),
                        Math.max(last.exactnessMicros(), next.exactnessMicros()));
            }
        }
        appended.add(next);
        return List.copyOf(appended);
    }
}
