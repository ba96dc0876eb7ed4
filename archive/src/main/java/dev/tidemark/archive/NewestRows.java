package dev.tidemark.archive;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Of rows that come in the order of the log, the last so many: however often a key changes, no more are held. */
public final class NewestRows {
    private final int rowsMax;
    private final Deque<KeyRow> rows = new ArrayDeque<>();

    /** None yet. */
    public NewestRows(int rowsMax) {
        this.rowsMax = rowsMax;
    }

    public void add(KeyRow row) {
        if (rows.size() == rowsMax) {
            rows.removeFirst();
        }
        rows.addLast(row);
    }

    /** The oldest first. */
    public List<KeyRow> rows() {
        return List.copyOf(rows);
    }
}
