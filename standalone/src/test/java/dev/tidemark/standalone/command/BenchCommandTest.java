package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.Benchmark;
import dev.tidemark.bench.Benchmarks;
import dev.tidemark.schemas.errors.ExitCode;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BenchCommandTest {
    private final Terminal terminal = Terminal.in(Path.of(""));

    @Test
    void helpListsEveryBenchmark() {
        assertThat(terminal.run("bench", "--help")).isZero();

        assertThat(Benchmarks.all()).extracting(Benchmark::name).contains("path", "idle");
        String unwrapped = terminal.out().replaceAll("\\R(?! )", " ");
        for (Benchmark each : Benchmarks.all()) {
            assertThat(unwrapped).containsPattern("  " + each.name() + " +" + each.about());
        }
        assertThat(unwrapped).contains("whether or not a goal is met");
    }

    @Test
    void anUnknownBenchmarkIsBadUsageAndThoseThatThereAreAreNamed() {
        assertThat(terminal.run("bench", "pth")).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err())
                .contains("there is no benchmark 'pth'; there are: "
                        + Benchmarks.all().stream().map(Benchmark::name).collect(Collectors.joining(", ")));
        assertThat(terminal.out()).isEmpty();
    }

    @Test
    void aSizeOutOfBoundsIsBadUsageBeforeAnythingStarts() {
        assertThat(terminal.run("bench", "path", "--rounds", "0")).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err()).contains("--rounds is 0; it may be 1 to 100").doesNotContain("starting");
    }
}
