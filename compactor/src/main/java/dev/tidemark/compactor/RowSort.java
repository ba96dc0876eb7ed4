package dev.tidemark.compactor;

import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.RollUpWriter;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/**
 * Sorts any number of rows in bounded memory: what is too much is spilled to the local disk as sorted runs, which are
 * merged in the end. Runs that become many are merged to longer ones before, so that their number is bounded too.
 */
final class RowSort implements AutoCloseable {
    private static final int RUNS_A_LEVEL_MAX = 16;
    private static final long ROW_BYTES = 512;
    private static final long FIELD_BYTES = 112;

    private final Path directory;
    private final long bytesMax;
    private final List<List<RowRun>> levels = new ArrayList<>();
    private List<ArchivedRow> held = new ArrayList<>();
    private long heldBytes;

    RowSort(Path directory, long bytesMax) {
        this.directory = directory;
        this.bytesMax = bytesMax;
    }

    void add(ArchivedRow row) {
        held.add(row);
        heldBytes += sizeBytes(row);
        if (heldBytes >= bytesMax) {
            spill();
        }
    }

    /** What a row takes in memory, with the objects that it is made of. */
    private static long sizeBytes(ArchivedRow row) {
        if (row.row() instanceof Change change) {
            long fields = change.value() instanceof Value.Hash hash
                    ? FIELD_BYTES * hash.fields().size()
                    : 0;
            return ROW_BYTES + change.key().length() + change.value().sizeBytes() + fields;
        }
        return row.row() instanceof Definitions definitions
                ? ROW_BYTES + definitions.payload().length()
                : ROW_BYTES;
    }

    private void spill() {
        held.sort(RollUpWriter.ORDER);
        keep(RowRun.write(directory, held.iterator()), 0);
        held = new ArrayList<>();
        heldBytes = 0;
    }

    private void keep(RowRun run, int level) {
        if (level == levels.size()) {
            levels.add(new ArrayList<>());
        }
        List<RowRun> runs = levels.get(level);
        runs.add(run);
        if (runs.size() == RUNS_A_LEVEL_MAX) {
            RowRun merged = RowRun.write(directory, new Merge(runs));
            runs.forEach(RowRun::close);
            runs.clear();
            keep(merged, level + 1);
        }
    }

    /** How many sorted runs lie on disk at this moment. */
    int runs() {
        return levels.stream().mapToInt(List::size).sum();
    }

    /** All rows in order, once; nothing is added any more. */
    Iterator<ArchivedRow> sorted() {
        if (levels.isEmpty()) {
            held.sort(RollUpWriter.ORDER);
            return held.iterator();
        }
        if (!held.isEmpty()) {
            spill();
        }
        return new Merge(levels.stream().flatMap(List::stream).toList());
    }

    @Override
    public void close() {
        levels.forEach(runs -> runs.forEach(RowRun::close));
    }

    private static final class Merge implements Iterator<ArchivedRow> {
        private final PriorityQueue<RowRun> runs =
                new PriorityQueue<>(Comparator.comparing(RowRun::peek, RollUpWriter.ORDER));

        Merge(List<RowRun> all) {
            all.stream().filter(RowRun::hasNext).forEach(runs::add);
        }

        @Override
        public boolean hasNext() {
            return !runs.isEmpty();
        }

        @Override
        public ArchivedRow next() {
            RowRun first = runs.poll();
            if (first == null) {
                throw new NoSuchElementException();
            }
            ArchivedRow row = first.next();
            if (first.hasNext()) {
                runs.add(first);
            }
            return row;
        }
    }
}
