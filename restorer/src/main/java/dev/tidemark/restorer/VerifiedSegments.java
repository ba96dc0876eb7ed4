package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.SegmentRows;
import dev.tidemark.restorer.RestorePlan.PlannedShard;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.Segment;
import java.util.HashMap;
import java.util.Map;

/**
 * The files of a plan, each fetched once and compared with its checksum before a row of it is handed out. A plan that is
 * small enough is fetched whole before the target is touched, so that damage anywhere in it leaves the target as it was.
 */
final class VerifiedSegments implements AutoCloseable {
    private static final int FETCHED_AHEAD_FILES_MAX = 256;

    private final Archive archive;
    private final long aheadBytesMax;
    private final Map<SegmentKey, SegmentRows<ArchivedRow>> ahead = new HashMap<>();

    VerifiedSegments(Archive archive, long aheadBytesMax) {
        this.archive = archive;
        this.aheadBytesMax = aheadBytesMax;
    }

    /** Asks whether every object is there as it was planned; by LIST and HEAD, whatever the size of the plan. */
    void requireAllPresent(RestorePlan plan) {
        Map<SegmentKey, Segment> present = new HashMap<>();
        for (Segment segment : archive.segments(shard -> true)) {
            present.put(segment.key(), segment);
        }
        for (PlannedShard shard : plan.shards()) {
            for (Segment planned : shard.plan().segments()) {
                if (!planned.equals(present.get(planned.key()))) {
                    throw new TidemarkError(
                            ExitCode.ARCHIVE_DAMAGED,
                            "%s %s since the restore was planned. Nothing was written to the target. Plan again"
                                    .formatted(
                                            archive.uriOf(planned),
                                            present.containsKey(planned.key()) ? "has changed" : "is gone"));
                }
            }
        }
    }

    void fetchAhead(RestorePlan plan, Runnable fetched) {
        if (plan.bytes() > aheadBytesMax || plan.files() > FETCHED_AHEAD_FILES_MAX) {
            return;
        }
        for (PlannedShard shard : plan.shards()) {
            for (Segment segment : shard.plan().segments()) {
                ahead.put(segment.key(), archive.rows(segment));
                fetched.run();
            }
        }
    }

    /** The caller closes it. */
    SegmentRows<ArchivedRow> rows(Segment segment) {
        SegmentRows<ArchivedRow> fetched = ahead.remove(segment.key());
        return fetched == null ? archive.rows(segment) : fetched;
    }

    @Override
    public void close() {
        ahead.values().forEach(SegmentRows::close);
        ahead.clear();
    }
}
