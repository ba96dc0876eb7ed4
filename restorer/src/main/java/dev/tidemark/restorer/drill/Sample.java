package dev.tidemark.restorer.drill;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A few of however many come by, each as likely as any other. */
public final class Sample<T> {
    private final int size;
    private final Random random;
    private final List<T> drawn;
    private long seen;

    public Sample(int size, Random random) {
        this.size = size;
        this.random = random;
        this.drawn = new ArrayList<>(size);
    }

    public void add(T one) {
        seen++;
        if (drawn.size() < size) {
            drawn.add(one);
            return;
        }
        long place = random.nextLong(seen);
        if (place < size) {
            drawn.set((int) place, one);
        }
    }

    public List<T> drawn() {
        return List.copyOf(drawn);
    }
}
