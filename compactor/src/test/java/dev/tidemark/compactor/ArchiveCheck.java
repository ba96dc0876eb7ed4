package dev.tidemark.compactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.SegmentRows;
import dev.tidemark.compactor.cut.GeneratedLog;
import dev.tidemark.compactor.cut.GeneratedLog.Row;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.servers.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Compares the archive of a shard with what its log amounts to. */
final class ArchiveCheck {
    private ArchiveCheck() {}

    /** Waits until all that is claimed is archived, and the latest claim is told even though nothing else happens. */
    static void awaitAll(Archive archive, LiveShard live, Duration limit) {
        List<ClaimInterval> claims = live.log.claimsThatGoOn();
        ClaimInterval latest = claims.get(claims.size() - 1);
        Await.until(
                limit,
                () -> archive.last(live.shard, 1, Optional.empty())
                        .filter(segment -> segment.end() == latest.offset())
                        .isPresent(),
                "shard %d is archived to offset %d".formatted(live.shard, latest.offset()));
        Await.until(
                limit,
                () -> told(archive, live.shard).anyMatch(claim -> isSame(claim, latest)),
                "the latest claim on shard %d is told".formatted(live.shard));
    }

    /** What S3 says of the times at the end of a shard: in its last segment, or in its progress while it is idle. */
    static Stream<ClaimInterval> told(Archive archive, int shard) {
        Stream<ClaimInterval> inProgress = archive.progress(shard).flatMap(Progress::claim).stream();
        Stream<ClaimInterval> inSegment =
                archive.last(shard, 1, Optional.empty()).stream().flatMap(segment -> segment.claims().stream());
        return Stream.concat(inProgress, inSegment);
    }

    static boolean isSame(ClaimInterval found, ClaimInterval made) {
        return found.base().equals(made.base())
                && found.throughMicros() == made.throughMicros()
                && found.offset() == made.offset();
    }

    /** The chain is unbroken, each row that counts is in it once, and its claims are those that were made. */
    static int checkChain(Archive archive, LiveShard live) {
        GeneratedLog log = live.log;
        List<Segment> segments = archive.segments(shard -> shard == live.shard);
        List<Row> rows = new ArrayList<>();
        List<ClaimInterval> carried = new ArrayList<>();
        long frontier = 0;
        for (Segment segment : segments) {
            assertThat(segment.key().frontier())
                    .as("start of %s", segment.key().path())
                    .isEqualTo(frontier);
            try (SegmentRows<ArchivedRow> archived = archive.rows(segment)) {
                archived.forEachRemaining(row -> {
                    rows.add(new Row(row.offset(), row.row()));
                    assertThat(Hour.of(row.row().timeMicros()))
                            .isEqualTo(segment.key().hour());
                });
            }
            carried.addAll(segment.claims());
            frontier = segment.end();
        }
        assertThat(rows).as("each row that counts, once").isEqualTo(log.rowsThatCountBelow(frontier));
        List<ClaimInterval> made = log.claimsThatCount();
        assertThat(carried).allSatisfy(interval -> assertThat(made).anyMatch(claim -> isSame(interval, claim)));
        archive.progress(live.shard).flatMap(Progress::claim).ifPresent(carried::add);
        for (ClaimInterval claim : log.claimsThatGoOn()) {
            assertThat(carried)
                    .anyMatch(it -> it.base().equals(claim.base()) && it.throughMicros() >= claim.throughMicros());
        }
        return segments.size();
    }
}
