package dev.tidemark.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/** Ours and the limit in turns, after one turn each that does not count. */
record Alternation(Samples ours, Samples limit) {

    /** @param name for progress, with the unit of what both sides return */
    static Alternation of(
            String name, int rounds, DoubleSupplier ours, DoubleSupplier limit, Consumer<String> progress) {
        List<Double> oursFound = new ArrayList<>();
        List<Double> limitFound = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            double mine = ours.getAsDouble();
            double raw = limit.getAsDouble();
            progress.accept("%s: %s: ours %s, limit %s"
                    .formatted(
                            name,
                            round == 0 ? "warm-up" : "round %d of %d".formatted(round, rounds),
                            BenchmarkReport.number(mine),
                            BenchmarkReport.number(raw)));
            if (round > 0) {
                oursFound.add(mine);
                limitFound.add(raw);
            }
        }
        return new Alternation(new Samples(oursFound), new Samples(limitFound));
    }
}
