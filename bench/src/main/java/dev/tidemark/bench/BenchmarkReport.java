package dev.tidemark.bench;

import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * What a benchmark found.
 *
 * @param remarks sentences for a reader: what the numbers include, and where the time goes
 */
public record BenchmarkReport(
        String bench, List<Metric> metrics, int rounds, List<String> remarks, Versions versions, Machine machine) {
    public BenchmarkReport {
        Objects.requireNonNull(bench, "bench");
        metrics = List.copyOf(metrics);
        remarks = List.copyOf(remarks);
        Objects.requireNonNull(versions, "versions");
        Objects.requireNonNull(machine, "machine");
    }

    /** The same for people. */
    public String text() {
        StringBuilder text = new StringBuilder(1_000);
        text.append("bench %s: median (min..max) of %d round%s\n".formatted(bench, rounds, rounds == 1 ? "" : "s"));
        for (Metric metric : metrics) {
            text.append("\n%s, %s\n".formatted(metric.name(), metric.unit()));
            line(text, "ours", metric.ours(), metric.spread().ours());
            line(text, "limit", metric.limit(), metric.spread().limit());
            text.append("  ratio  %12s   goal %s %s: %s\n"
                    .formatted(
                            number(metric.ratio()),
                            metric.better() == Better.HIGHER ? "at least" : "at most",
                            number(metric.goal()),
                            metric.met() ? "met" : "missed"));
        }
        text.append('\n');
        remarks.forEach(remark -> text.append(remark).append('\n'));
        text.append("Java %s, Redis %s, Kafka %s, Tidemark %s\n"
                .formatted(versions.java(), versions.redis(), versions.kafka(), versions.tidemark()));
        text.append(String.format(
                Locale.ROOT,
                "%d cores, %.1f GiB of memory, heap up to %.1f GiB, %s, load %.1f at the start",
                machine.cores(),
                gib(machine.memoryBytes()),
                gib(machine.heapBytes()),
                machine.os(),
                machine.loadAtStart()));
        return text.toString();
    }

    private static void line(StringBuilder text, String side, double median, Spread spread) {
        text.append("  %-5s  %12s   (%s..%s)\n"
                .formatted(side, number(median), number(spread.min()), number(spread.max())));
    }

    /** Three digits say all that a benchmark knows; thousands are told whole. */
    static String number(double value) {
        String form = Math.abs(value) >= 100 ? "%,.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, form, value);
    }

    private static double gib(long bytes) {
        return bytes / (double) (1L << 30);
    }
}
