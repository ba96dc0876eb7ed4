package dev.tidemark.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/** Ours and the limit in turns, after turns that do not count: they end when both have run for a while and once at least. */
record Alternation(Samples ours, Samples limit) {

    /**
     * Runs both.
     *
     * @param name for progress, with the unit of what both sides return
     * @param warmUp how long they run before it counts: a JVM compiles what it runs often, beside it and on the same cores
     */
    static Alternation of(
            String name,
            Duration warmUp,
            int rounds,
            DoubleSupplier ours,
            DoubleSupplier limit,
            Consumer<String> progress) {
        long warmNanos = System.nanoTime() + warmUp.toNanos();
        do {
            turn(name + ": warm-up", ours, limit, progress);
        } while (System.nanoTime() < warmNanos);
        List<Double> oursFound = new ArrayList<>();
        List<Double> limitFound = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            Turn turn = turn("%s: round %d of %d".formatted(name, round, rounds), ours, limit, progress);
            oursFound.add(turn.ours());
            limitFound.add(turn.limit());
        }
        return new Alternation(new Samples(oursFound), new Samples(limitFound));
    }

    private record Turn(double ours, double limit) {}

    private static Turn turn(String what, DoubleSupplier ours, DoubleSupplier limit, Consumer<String> progress) {
        Turn turn = new Turn(ours.getAsDouble(), limit.getAsDouble());
        progress.accept("%s: ours %s, limit %s"
                .formatted(what, BenchmarkReport.number(turn.ours()), BenchmarkReport.number(turn.limit())));
        return turn;
    }
}
