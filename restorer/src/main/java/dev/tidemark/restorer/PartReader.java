package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.Looked;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads parts of the archive. Where a roll-up proves damaged, the segments that it was made of have the same rows, for as long
 * as they are kept. For any number of threads.
 */
final class PartReader {
    private final Archive archive;
    private final Set<String> notes = Collections.synchronizedSet(new LinkedHashSet<>());

    PartReader(Archive archive) {
        this.archive = archive;
    }

    /**
     * Oldest first, what was read of the part: of itself, or of each segment in its place.
     *
     * @param reading of a part whose rows have a file; what it did before it failed must not matter
     */
    <T> List<T> read(ArchivedRange part, Function<ArchivedRange, T> reading) {
        if (!part.hasFile()) {
            return List.of();
        }
        try {
            return List.of(reading.apply(part));
        } catch (TidemarkError damaged) {
            if (damaged.code() != ExitCode.ARCHIVE_DAMAGED || !(part instanceof RollUp rollUp)) {
                throw damaged;
            }
            List<Segment> segments = standIns(rollUp);
            if (segments.isEmpty()) {
                throw damaged;
            }
            List<T> read = new ArrayList<>();
            for (Segment segment : segments) {
                read.add(reading.apply(segment));
            }
            notes.add(damaged.getMessage() + ". Its segments were read in its place");
            return read;
        }
    }

    /** The segments that hold the rows of the roll-up, in order; none if they are not all there. */
    List<Segment> standIns(RollUp rollUp) {
        List<SegmentKey> slots =
                archive
                        .slots()
                        .between(
                                Optional.of(rollUp.hour()),
                                Optional.of(rollUp.hour().next()))
                        .stream()
                        .filter(slot -> slot.shard() == rollUp.shard() && slot.generation() == rollUp.generation())
                        .sorted(Comparator.comparingLong(SegmentKey::frontier))
                        .toList();
        List<Segment> chain = new ArrayList<>();
        long reached = rollUp.from();
        for (Looked<SegmentKey, Segment> looked : archive.look(slots)) {
            if (looked.found().isEmpty() || looked.key().frontier() != reached) {
                return List.of();
            }
            chain.add(looked.found().get());
            reached = looked.found().get().end();
        }
        return reached == rollUp.to() ? List.copyOf(chain) : List.of();
    }

    /** What was damaged and done without. */
    List<String> notes() {
        synchronized (notes) {
            return List.copyOf(notes);
        }
    }
}
