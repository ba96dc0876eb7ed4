package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.Benchmark;
import dev.tidemark.bench.Benchmarks;
import dev.tidemark.schemas.errors.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BenchCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void helpListsEveryBenchmark() {
        assertThat(run("bench", "--help")).isZero();

        assertThat(Benchmarks.all()).extracting(Benchmark::name).contains("path", "idle");
        String unwrapped = out().replaceAll("\\R(?! )", " ");
        for (Benchmark each : Benchmarks.all()) {
            assertThat(unwrapped).containsPattern("  " + each.name() + " +" + each.about());
        }
        assertThat(unwrapped).contains("whether or not a goal is met");
    }

    @Test
    void anUnknownBenchmarkIsBadUsageAndThoseThatThereAreAreNamed() {
        assertThat(run("bench", "pth")).isEqualTo(ExitCode.USAGE.number());

        assertThat(err())
                .contains("there is no benchmark 'pth'; there are: "
                        + Benchmarks.all().stream().map(Benchmark::name).collect(Collectors.joining(", ")));
        assertThat(out()).isEmpty();
    }

    @Test
    void aSizeOutOfBoundsIsBadUsageBeforeAnythingStarts() {
        assertThat(run("bench", "path", "--rounds", "0")).isEqualTo(ExitCode.USAGE.number());

        assertThat(err()).contains("--rounds is 0; it may be 1 to 100").doesNotContain("starting");
    }

    private int run(String... arguments) {
        Invocation invocation = new Invocation(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of(),
                Path.of(""),
                Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
        return TidemarkCommand.run(invocation, arguments);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
