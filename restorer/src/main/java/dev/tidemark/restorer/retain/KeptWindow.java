package dev.tidemark.restorer.retain;

import dev.tidemark.restorer.plan.RestorableTimes;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.settings.RetentionSettings;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/** From which time on everything stays restorable. */
public final class KeptWindow {
    private static final long LEAST_MICROS = RetentionSettings.KEPT_AT_LEAST.toNanos() / 1_000;

    private KeptWindow() {}

    /**
     * Reckoned from the latest restorable time and not from now alone: of a backup that stopped long ago, the end is kept.
     *
     * @return a restorable time; empty when all that can be restored is kept
     */
    public static OptionalLong begin(
            RetentionSettings retention, RestorableTimes times, List<Baseline> baselines, long nowMicros) {
        if (retention.keepsAll() || times.latestMicros().isEmpty()) {
            return OptionalLong.empty();
        }
        long latest = Math.min(times.latestMicros().getAsLong(), nowMicros);
        long begin = latest - LEAST_MICROS;
        if (!retention.keep().isZero()) {
            begin = Math.min(begin, latest - retention.keep().toNanos() / 1_000);
        }
        if (retention.baselines() > 0) {
            List<Baseline> newestFirst = baselines.stream()
                    .sorted(Comparator.comparingLong(Baseline::forkMicros).reversed())
                    .toList();
            if (newestFirst.size() < retention.baselines()) {
                return OptionalLong.empty();
            }
            begin = Math.min(begin, newestFirst.get(retention.baselines() - 1).forkMicros());
        }
        // Within a gap it is the end of what lies before: the gap is then still explained, and what is missing may come
        // back.
        return times.nearestBefore(begin);
    }
}
