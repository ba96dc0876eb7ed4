package dev.tidemark.restorer.drill;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The few chunks that are nearest to a query, among as many as come by. */
public final class Nearest {
    /** Names decide between equals, so that two servers that scan in another order find the same. */
    private static final Comparator<Hit> BEST_FIRST = Comparator.comparingDouble(Hit::similarity)
            .reversed()
            .thenComparing(hit -> hit.name().db())
            .thenComparing(hit -> hit.name().key());

    private final Embedding query;
    private final int wanted;
    private final PriorityQueue<Hit> best = new PriorityQueue<>(BEST_FIRST.reversed());

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
        hits.sort(BEST_FIRST);
        return List.copyOf(hits);
    }
}
