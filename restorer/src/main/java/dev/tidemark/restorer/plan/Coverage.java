package dev.tidemark.restorer.plan;

import dev.tidemark.restorer.plan.Hole.Kind;
import dev.tidemark.restorer.plan.ShardArchive.Lost;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.log.RowsInForce;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * Which offsets of a shard are there exactly once, in stretches, and which ought to be there and are not.
 *
 * <p>An offset that two parts hold counts as not there: a slot is won once, and a roll-up has whole segments, so one of
 * the two is not what it says, and nothing tells which.
 */
final class Coverage {
    private final ShardArchive archive;
    private final List<ArchivedRange> parts;
    private final List<Stretch> stretches = new ArrayList<>();
    private final List<Hole> holes = new ArrayList<>();

    private Coverage(ShardArchive archive) {
        this.archive = archive;
        this.parts = archive.parts();
        List<Stretch> archived = archived();
        stretches.addAll(archived);
        addTail(archived);
        findHoles();
    }

    static Coverage of(ShardArchive archive) {
        return new Coverage(archive);
    }

    /** What S3 holds alone comes first. */
    List<Stretch> stretches() {
        return List.copyOf(stretches);
    }

    List<Hole> holes() {
        return List.copyOf(holes);
    }

    boolean bears(Route route) {
        return route.readsNothing() || stretches.stream().anyMatch(stretch -> stretch.bears(route));
    }

    /**
     * Up to here no row is later than the time. By the parts alone that are there: where one of them is missing, nobody
     * knows how late its rows were, so what follows the last old one is all needed.
     */
    long endOfRowsThrough(long micros) {
        return parts.stream()
                .filter(part -> part.lastMicros() <= micros)
                .mapToLong(ArchivedRange::to)
                .max()
                .orElse(0);
    }

    /** What to read: S3 alone if it can be, else as little of Kafka as can be. */
    Optional<ShardPlan> planFor(Route route) {
        if (route.readsNothing()) {
            return Optional.of(
                    new ShardPlan(archive.shard(), route.claim(), route.from(), List.of(), Optional.empty()));
        }
        return stretches.stream()
                .filter(stretch -> stretch.bears(route))
                .map(stretch -> stretch.plan(archive.shard(), route))
                .min(Comparator.comparingLong(
                        plan -> plan.tail().map(part -> part.to() - part.from()).orElse(0L)));
    }

    /** Between two bounds the same parts hold every offset; while it is exactly one, the stretch goes on. */
    private List<Stretch> archived() {
        long[] bounds = parts.stream()
                .flatMapToLong(part -> LongStream.of(part.from(), part.to()))
                .distinct()
                .sorted()
                .toArray();
        List<Stretch> found = new ArrayList<>();
        List<ArchivedRange> holding = new ArrayList<>();
        List<ArchivedRange> run = new ArrayList<>();
        long runFrom = 0;
        int next = 0;
        for (long bound : bounds) {
            holding.removeIf(part -> part.to() <= bound);
            while (next < parts.size() && parts.get(next).from() == bound) {
                holding.add(parts.get(next++));
            }
            if (holding.size() == 1) {
                if (run.isEmpty()) {
                    runFrom = bound;
                }
                if (run.isEmpty() || !run.get(run.size() - 1).equals(holding.get(0))) {
                    run.add(holding.get(0));
                }
            } else if (!run.isEmpty()) {
                found.add(new Stretch(runFrom, bound, run, Optional.empty()));
                run.clear();
            }
        }
        return found;
    }

    /** The log goes on from the end of a part, since there the epoch in force is known, or from its very beginning. */
    private void addTail(List<Stretch> archived) {
        if (archive.tail().isEmpty()) {
            return;
        }
        Tail tail = archive.tail().get();
        if (tail.logStart() == 0 && tail.logEnd() > 0) {
            stretches.add(new Stretch(
                    0, tail.logEnd(), List.of(), Optional.of(new TailPart(0, tail.logEnd(), RowsInForce.NO_EPOCH))));
        }
        for (Stretch stretch : archived) {
            ArchivedRange last = stretch.parts().get(stretch.parts().size() - 1);
            if (last.to() == stretch.to() && tail.logStart() <= stretch.to() && stretch.to() < tail.logEnd()) {
                TailPart part = new TailPart(stretch.to(), tail.logEnd(), last.epochAfter());
                stretches.add(new Stretch(stretch.from(), tail.logEnd(), stretch.parts(), Optional.of(part)));
            }
        }
    }

    private void findHoles() {
        long reached = parts.isEmpty()
                ? archive.keptFrom().map(KeptFrom::offset).orElse(0L)
                : parts.get(0).from();
        OptionalLong needed = needed();
        if (needed.isPresent() && needed.getAsLong() < reached) {
            hole(Kind.BEFORE_FIRST_SEGMENT, needed.getAsLong(), reached);
        }
        for (ArchivedRange part : parts) {
            if (part.from() > reached) {
                hole(Kind.BETWEEN_SEGMENTS, reached, part.from());
            } else if (part.from() < reached) {
                hole(Kind.OVERLAP, part.from(), Math.min(reached, part.to()));
            }
            reached = Math.max(reached, part.to());
        }
        findHoleAfter(reached);
    }

    /** Where the archive ought to begin: at what is kept, or where the first base does, or what is lost. */
    private OptionalLong needed() {
        return archive.keptFrom().isPresent()
                ? OptionalLong.of(archive.keptFrom().get().offset())
                : LongStream.concat(
                                archive.claims().stream()
                                        .mapToLong(claim -> claim.base().beginOffset()),
                                archive.lost().stream().mapToLong(Lost::from))
                        .min();
    }

    private void findHoleAfter(long reached) {
        long spokenOf = archive.progress().map(Progress::frontier).orElse(0L);
        for (ClaimInterval claim : archive.archivedClaims()) {
            spokenOf = Math.max(spokenOf, claim.offset());
        }
        for (Lost lost : archive.lost()) {
            spokenOf = Math.max(spokenOf, lost.to());
        }
        if (spokenOf > reached) {
            hole(Kind.AFTER_LAST_SEGMENT, reached, spokenOf);
        }
        if (archive.tail().isPresent()) {
            findHolesOf(archive.tail().get(), Math.max(reached, spokenOf));
        }
    }

    private void findHolesOf(Tail tail, long known) {
        if (tail.logStart() > known) {
            hole(Kind.BEFORE_LOG, known, tail.logStart());
        }
        long end = Math.max(known, tail.logEnd());
        long claimed =
                tail.claims().stream().mapToLong(ClaimInterval::offset).max().orElse(0);
        if (claimed > end) {
            hole(Kind.AFTER_LOG, end, claimed);
        }
    }

    private void hole(Kind kind, long from, long to) {
        OptionalLong after = parts.stream()
                .filter(part -> part.to() <= from)
                .mapToLong(ArchivedRange::lastMicros)
                .max();
        OptionalLong before = parts.stream()
                .filter(part -> part.to() >= to && part.to() > from)
                .mapToLong(ArchivedRange::lastMicros)
                .min();
        if (before.isEmpty()) {
            before = archive.claims().stream()
                    .filter(claim -> claim.offset() >= to)
                    .mapToLong(ClaimInterval::throughMicros)
                    .min();
        }
        boolean bridged = archive.tail()
                .filter(tail -> stretches.stream()
                        .anyMatch(stretch -> stretch.tail().isPresent()
                                && stretch.tail().get().from() <= from
                                && to <= tail.logEnd()))
                .isPresent();
        holes.add(new Hole(archive.shard(), from, to, kind, after, before, bridged));
    }
}
