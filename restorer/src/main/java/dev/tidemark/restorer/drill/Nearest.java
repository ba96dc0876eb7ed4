package dev.tidemark.restorer.drill;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/** The few chunks that are nearest to a query, among as many as come by. */
public final class Nearest {
    private final Embedding query;
    private final int wanted;
    private final PriorityQueue<Hit> best = new PriorityQueue<>(Hit.BEST_FIRST.reversed());

    public Nearest(Embedding query, int wanted) {
        this.query = query;
        this.wanted = wanted;
    }

    public Embedding query() {
        return query;
    }

    /** Takes a chunk; one that comes twice counts once. */
    public void add(Hit hit) {
        if (best.contains(hit)) {
            return;
        }
        best.add(hit);
        if (best.size() > wanted) {
            best.poll();
        }
    }

    /** The nearest first. */
    public List<Hit> hits() {
        List<Hit> hits = new ArrayList<>(best);
        hits.sort(Hit.BEST_FIRST);
        return List.copyOf(hits);
    }
}
