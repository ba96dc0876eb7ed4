package dev.tidemark.compactor;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.Creation;
import dev.tidemark.compactor.roll.HourRule;
import dev.tidemark.compactor.roll.ShardPart;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.MarkerKey;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.HourMarker;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rolls up the hours of a source, one after another, from what is on S3 alone. It may be stopped anywhere and begun again
 * anywhere, and may have rivals: files and markers are create-only, and whoever rolls an hour makes the same of it. For one
 * thread.
 */
final class HourRoller {
    private static final Logger LOG = LoggerFactory.getLogger(HourRoller.class);

    private final Archive archive;
    private final int shards;
    private final int generation;
    private final PartRoller parts;
    private final Clock clock;
    private final RollingMetrics metrics;
    private Optional<HourMarker> latest = Optional.empty();

    HourRoller(PartRoller parts, int shards, Clock clock, RollingMetrics metrics) {
        this.archive = parts.archive();
        this.shards = shards;
        this.generation = parts.generation();
        this.parts = parts;
        this.clock = clock;
        this.metrics = metrics;
    }

    /** Rolls up every hour that is over; how many. */
    int step() {
        int rolled = 0;
        if (latest.filter(marker -> isRunning(marker.hour().next())).isPresent()) {
            return 0;
        }
        try {
            learn();
            Optional<Hour> due = due();
            while (due.isPresent() && roll(due.get())) {
                rolled++;
                due = due();
            }
            metrics.nextHour(due);
        } catch (PartRoller.Stopping e) {
            LOG.debug("event=rolling-left source={}", archive.source());
        }
        return rolled;
    }

    /** Another rolls, and tells how far it is. */
    void rest() {
        metrics.nextHour(Optional.empty());
    }

    /** By our clock, so that nobody is asked before there can be anything to do. */
    private boolean isRunning(Hour hour) {
        return clock.instant().isBefore(hour.end());
    }

    /** Another may have been at work. */
    private void learn() {
        Optional<Hour> known = latest.map(HourMarker::hour);
        Optional<Hour> found = archive.rolled().latest(known);
        if (!found.equals(known)) {
            latest = found.flatMap(hour -> archive.rolled().marker(hour));
        }
    }

    private Optional<Hour> due() {
        return latest.map(marker -> Optional.of(marker.hour().next())).orElseGet(archive.slots()::firstHour);
    }

    private boolean roll(Hour hour) {
        metrics.nextHour(Optional.of(hour));
        if (isRunning(hour)) {
            return false;
        }
        if (archive.pruned().filter(mark -> mark.givesUp(new MarkerKey(hour))).isPresent()) {
            // We slept, others went on, and what this hour was made of is gone.
            latest = Optional.empty();
            return false;
        }
        HourRule rule = new HourRule(hour, generation);
        Optional<List<Progress>> progress = progressPast(rule);
        if (progress.isEmpty()) {
            return false;
        }
        Optional<List<ShardPart>> found = partsOf(rule, progress.get());
        if (found.isEmpty()) {
            return false;
        }
        List<RollUp> rollUps = new ArrayList<>();
        for (ShardPart part : found.get()) {
            rollUps.add(parts.roll(hour, part));
        }
        // Stamped when every file is there: a query that counts this marker began after them.
        HourMarker marker = new HourMarker(hour, RedisTime.micros(clock.instant()), rollUps);
        if (archive.rolled().put(marker) == Creation.EXISTS) {
            marker = archive.rolled()
                    .marker(hour)
                    .orElseThrow(() -> new TidemarkError(
                            ExitCode.UNREACHABLE,
                            "the marker of " + hour + " was there and then was not; it is tried again"));
        }
        latest = Optional.of(marker);
        metrics.rolled(rollUps);
        LOG.info(
                "event=hour-rolled source={} hour={} rows={} bytes={}",
                archive.source(),
                hour,
                rollUps.stream().mapToLong(RollUp::rows).sum(),
                rollUps.stream().mapToLong(RollUp::sizeBytes).sum());
        return true;
    }

    /** Of all shards, if the hour is over for each; read before segments are listed, so that it promises too little. */
    private Optional<List<Progress>> progressPast(HourRule rule) {
        List<Progress> all = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            Optional<Progress> progress = archive.progress(shard).filter(rule::isOver);
            if (progress.isEmpty()) {
                return Optional.empty();
            }
            all.add(progress.get());
        }
        return Optional.of(all);
    }

    private Optional<List<ShardPart>> partsOf(HourRule rule, List<Progress> progress) {
        List<Segment> segments = archive.segmentsOf(rule.hour());
        List<ShardPart> found = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            int number = shard;
            Optional<RollUp> before = latest.map(marker -> marker.shards().get(number));
            List<Segment> inHour = segments.stream()
                    .filter(segment ->
                            segment.key().shard() == number && segment.key().generation() == generation)
                    .toList();
            try {
                Optional<ShardPart> part = rule.part(shard, before, progress.get(shard), inHour);
                if (part.isEmpty()) {
                    return Optional.empty();
                }
                found.add(part.get());
            } catch (IllegalArgumentException broken) {
                throw new TidemarkError(
                        ExitCode.ARCHIVE_DAMAGED,
                        "shard %d of source %s cannot be rolled up in %s: %s. Nothing was written; restores and queries go on reading segments. Run 'tidemark points' for what is missing"
                                .formatted(shard, archive.source(), rule.hour(), broken.getMessage()),
                        broken);
            }
        }
        return Optional.of(found);
    }
}
