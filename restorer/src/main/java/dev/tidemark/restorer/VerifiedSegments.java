package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.Looked;
import dev.tidemark.archive.Rows;
import dev.tidemark.restorer.RestorePlan.PlannedShard;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The files of a plan, each fetched once and compared with its checksum before a row of it is handed out. A plan that is
 * small enough is fetched whole before the target is touched, so that damage anywhere in it leaves the target as it was. Shards are read
 * beside each other; a part by one thread alone.
 */
final class VerifiedSegments implements AutoCloseable {
    private static final int FETCHED_AHEAD_FILES_MAX = 256;

    private final Archive archive;
    private final Function<ArchivedRange, Rows<ArchivedRow>> opening;
    private final long aheadBytesMax;
    private final PartReader parts;
    private final Map<String, Rows<ArchivedRow>> open = new ConcurrentHashMap<>();
    private final Map<String, List<ArchivedRange>> sound = new ConcurrentHashMap<>();

    private VerifiedSegments(Archive archive, Function<ArchivedRange, Rows<ArchivedRow>> opening, long aheadBytesMax) {
        this.archive = archive;
        this.opening = opening;
        this.aheadBytesMax = aheadBytesMax;
        this.parts = new PartReader(archive);
    }

    static VerifiedSegments whole(Archive archive, long aheadBytesMax) {
        return new VerifiedSegments(archive, archive::rows, aheadBytesMax);
    }

    /** Rows without what hashes hold. */
    static VerifiedSegments outlines(Archive archive) {
        return new VerifiedSegments(archive, archive::outlines, 0);
    }

    /** Asks whether every object is there as it was planned, or what serves in its place; by LIST and HEAD alone. */
    void requireAllPresent(RestorePlan plan) {
        List<Segment> segments = new ArrayList<>();
        List<RollUp> rollUps = new ArrayList<>();
        for (PlannedShard shard : plan.shards()) {
            segments.addAll(shard.plan().segments());
            rollUps.addAll(shard.plan().rollUps());
        }
        List<SegmentKey> keys = segments.stream().map(Segment::key).toList();
        List<Looked<SegmentKey, Segment>> found = archive.look(keys);
        for (int i = 0; i < segments.size(); i++) {
            Optional<Segment> there = found.get(i).found();
            if (!there.equals(Optional.of(segments.get(i)))) {
                throw gone(segments.get(i), there.isEmpty() ? "is gone" : "has changed");
            }
        }
        for (RollUp lost : archive.rolled().lost(rollUps)) {
            if (parts.standIns(lost).isEmpty()) {
                throw gone(lost, "is gone, with segments that it was made of,");
            }
        }
    }

    private TidemarkError gone(ArchivedRange range, String how) {
        return new TidemarkError(
                ExitCode.ARCHIVE_DAMAGED,
                "%s %s since the restore was planned. Nothing was written to the target. Plan again"
                        .formatted(archive.uriOf(range), how));
    }

    boolean fitsAhead(RestorePlan plan) {
        return plan.bytes() <= aheadBytesMax && plan.files() <= FETCHED_AHEAD_FILES_MAX;
    }

    void fetchAhead(RestorePlan plan, Runnable fetched) {
        if (!fitsAhead(plan)) {
            return;
        }
        for (PlannedShard shard : plan.shards()) {
            for (ArchivedRange part : shard.plan().parts()) {
                sound.put(part.path(), fetch(part));
                fetched.run();
            }
        }
    }

    /** What to read of this part, oldest first: itself, or what is sound in its place. Each is to be read once. */
    List<ArchivedRange> sound(ArchivedRange part) {
        List<ArchivedRange> fetched = sound.remove(part.path());
        return fetched == null ? fetch(part) : fetched;
    }

    private List<ArchivedRange> fetch(ArchivedRange part) {
        return parts.read(part, range -> {
            open.put(range.path(), opening.apply(range));
            return range;
        });
    }

    /** Of what is sound; the caller closes it. */
    Rows<ArchivedRow> rows(ArchivedRange range) {
        return open.remove(range.path());
    }

    /** What was damaged and done without. */
    List<String> notes() {
        return parts.notes();
    }

    @Override
    public void close() {
        open.values().forEach(Rows::close);
        open.clear();
    }
}
