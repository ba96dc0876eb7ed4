package dev.tidemark.restorer.plan;

import dev.tidemark.restorer.plan.ShardArchive.Lost;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** The rules of the planner, offset by offset and microsecond by microsecond. */
final class SlowModel {
    private SlowModel() {}

    static int copies(ShardArchive archive, long offset) {
        return (int) read(archive).stream()
                .filter(part -> part.from() <= offset && offset < part.to())
                .count();
    }

    /** Every roll-up, and the segments that lie in none of them. */
    private static List<ArchivedRange> read(ShardArchive archive) {
        List<ArchivedRange> read = new ArrayList<>(archive.rollUps());
        for (Segment segment : archive.segments()) {
            if (archive.rollUps().stream()
                    .noneMatch(rollUp -> rollUp.from() <= segment.from() && segment.to() <= rollUp.to())) {
                read.add(segment);
            }
        }
        read.removeIf(part -> part.from() == part.to());
        return read;
    }

    /** Everything the claim speaks of is there: on S3, or on S3 up to a point from which Kafka goes on. */
    static boolean bears(ShardArchive archive, ClaimInterval claim) {
        return bears(archive, claim, claim.base().beginOffset());
    }

    /** The same of what comes after the baseline's beginning; a row that cannot be seen may be of any time. */
    static boolean bears(ShardArchive archive, ClaimInterval claim, Baseline baseline) {
        if (claim.base().endMicros() > baseline.beginMicros()) {
            return false;
        }
        long begin = claim.base().beginOffset();
        while (begin < claim.offset() && isOld(archive, begin, baseline.beginMicros())) {
            begin++;
        }
        return bears(archive, claim, begin);
    }

    private static boolean isOld(ShardArchive archive, long offset, long micros) {
        return read(archive).stream().anyMatch(part -> part.lastMicros() <= micros && offset < part.to());
    }

    private static boolean bears(ShardArchive archive, ClaimInterval claim, long begin) {
        if (begin == claim.offset()) {
            return true;
        }
        if (onS3(archive, begin, claim.offset())) {
            return true;
        }
        if (archive.tail().isEmpty() || claim.offset() > archive.tail().get().logEnd()) {
            return false;
        }
        long logStart = archive.tail().get().logStart();
        if (logStart == 0) {
            return true;
        }
        for (ArchivedRange part : read(archive)) {
            long handover = part.to();
            if (handover >= logStart
                    && handover < archive.tail().get().logEnd()
                    && copies(archive, handover - 1) == 1
                    && copies(archive, handover) != 1
                    && onS3(archive, begin, Math.min(handover, claim.offset()))) {
                return true;
            }
        }
        return false;
    }

    private static boolean onS3(ShardArchive archive, long from, long to) {
        for (long offset = from; offset < to; offset++) {
            if (copies(archive, offset) != 1) {
                return false;
            }
        }
        return true;
    }

    static boolean claims(ShardArchive archive, long micros) {
        return archive.claims().stream().anyMatch(claim -> covers(claim, micros));
    }

    static boolean restorable(ShardArchive archive, long micros) {
        return archive.claims().stream().anyMatch(claim -> covers(claim, micros) && bears(archive, claim));
    }

    static boolean restorable(ShardArchive archive, Baseline baseline, long micros) {
        return archive.claims().stream()
                .anyMatch(claim -> baseline.forkMicros() <= micros
                        && micros <= claim.throughMicros()
                        && bears(archive, claim, baseline));
    }

    static boolean restorable(List<ShardArchive> source, List<Baseline> baselines, long micros) {
        return source.stream().allMatch(archive -> restorable(archive, micros))
                || baselines.stream().anyMatch(baseline -> source.stream()
                        .allMatch(archive -> restorable(archive, baseline, micros)));
    }

    static boolean covers(ClaimInterval claim, long micros) {
        return claim.base().endMicros() <= micros && micros <= claim.throughMicros();
    }

    /** Offsets that something speaks of and that S3 ought to hold by now, or Kafka. */
    static boolean spokenOf(ShardArchive archive, long offset) {
        long first = read(archive).stream().mapToLong(ArchivedRange::from).min().orElse(0);
        long from = LongStream.concat(
                        archive.claims().stream()
                                .mapToLong(claim -> claim.base().beginOffset()),
                        archive.lost().stream().mapToLong(Lost::from))
                .filter(begin -> begin < first)
                .min()
                .orElse(first);
        long to = LongStream.concat(
                        archive.archivedClaims().stream().mapToLong(ClaimInterval::offset),
                        archive.lost().stream().mapToLong(Lost::to))
                .max()
                .orElse(0);
        to = Math.max(to, archive.progress().map(Progress::frontier).orElse(0L));
        return from <= offset && offset < to;
    }
}
