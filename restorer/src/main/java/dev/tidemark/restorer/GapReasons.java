package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.Points.Reason;
import dev.tidemark.restorer.Points.Unrestorable;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.Gap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The times between two ranges, and why they cannot be restored as far as the archive tells. Few requests, always. */
final class GapReasons {
    /** A doubt is dated by capture's own clock, the range before it by Redis's. */
    private static final Duration CLOCKS_DIFFER_MAX = Duration.ofSeconds(10);

    /** One cause puts every shard in doubt, at nearly the same time: one of them is read. */
    private static final Duration ONE_CAUSE = Duration.ofSeconds(1);

    /** The newest; older ones are seldom what is asked about. */
    private static final int GAPS_EXPLAINED_MAX = 20;

    private static final int KEYS_LISTED_MAX = 1_000;
    private static final int READ_A_GAP_MAX = 8;

    private final Archive archive;

    GapReasons(Archive archive) {
        this.archive = archive;
    }

    /** One between each range and the next. */
    List<Unrestorable> between(List<TimeRange> ranges) {
        List<Unrestorable> gaps = new ArrayList<>();
        for (int i = 1; i < ranges.size(); i++) {
            boolean isRecent = ranges.size() - i <= GAPS_EXPLAINED_MAX;
            TimeRange before = ranges.get(i - 1);
            Instant through = ranges.get(i).from();
            gaps.add(new Unrestorable(before.through(), through, isRecent ? reasons(before, through) : List.of()));
        }
        return gaps;
    }

    /** Why the newest range ended, if nothing was claimed since. */
    List<Reason> after(TimeRange newest, Instant now) {
        return reasons(newest, now);
    }

    private List<Reason> reasons(TimeRange before, Instant through) {
        Instant earliest = before.through().minus(CLOCKS_DIFFER_MAX);
        // What happened before the last range began was the end of another one.
        Instant from = earliest.isBefore(before.from()) ? before.from() : earliest;
        try {
            return read(archive.gaps().between(RedisTime.micros(from), RedisTime.micros(through), KEYS_LISTED_MAX));
        } catch (TidemarkError unreadable) {
            // Nothing that can be restored hangs on an explanation, so neither may the answer.
            return List.of();
        }
    }

    private List<Reason> read(List<GapKey> doubts) {
        Map<List<String>, Reason> found = new LinkedHashMap<>();
        long lastMicros = Long.MIN_VALUE;
        int read = 0;
        for (GapKey doubt : doubts) {
            if (read == READ_A_GAP_MAX) {
                break;
            }
            if (read > 0 && doubt.timeMicros() - lastMicros <= ONE_CAUSE.toNanos() / 1_000) {
                continue;
            }
            read++;
            lastMicros = doubt.timeMicros();
            Optional<Gap> gap = archive.gaps().read(doubt);
            gap.ifPresent(it -> found.putIfAbsent(
                    List.of(it.node(), it.reason()),
                    new Reason(RedisTime.instant(it.key().timeMicros()), it.node(), it.reason())));
        }
        return List.copyOf(found.values());
    }
}
