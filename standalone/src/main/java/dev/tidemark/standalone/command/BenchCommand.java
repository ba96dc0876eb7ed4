package dev.tidemark.standalone.command;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import dev.tidemark.bench.Benchmark;
import dev.tidemark.bench.BenchmarkReport;
import dev.tidemark.bench.BenchmarkRequest;
import dev.tidemark.bench.Benchmarks;
import dev.tidemark.schemas.errors.ExitCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "bench",
        footer = {
            "  tidemark bench path                            with the defaults, some minutes",
            "  tidemark bench path --chunks 2000 --rounds 2   a quick look",
            "  tidemark bench restore --chunks 15000          of 100 MB, each way in against what brings it there"
                    + " otherwise",
            "  tidemark bench idle --minutes 10 -o json       for a script",
            "  tidemark bench soak --minutes 20 --seed 7      random faults, judged by the oracle"
        })
final class BenchCommand implements Callable<Integer> {
    @ParentCommand
    private TidemarkCommand tidemark;

    private CommandSpec spec;

    @Parameters(
            paramLabel = "WHAT",
            completionCandidates = Names.class,
            description = "Which one: ${COMPLETION-CANDIDATES}.")
    private String what;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "Rounds that are counted, after one to warm up; by default 5.")
    private int rounds;

    @Option(
            names = "--chunks",
            paramLabel = "N",
            description =
                    "RAG chunks of 7 KB in Redis; by default 20000, and in 'restore' 140000, which is 1 GB. In 'look'"
                            + " changes of a day, by default 1000000.")
    private Integer chunks;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description =
                    "How long little or nothing is written in 'idle' (by default 10), or 'soak' lasts (by default 20).")
    private Integer minutes;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of the faults and writes of 'soak'; by default another one each time.")
    private Long seed;

    @Option(
            names = "--captures",
            paramLabel = "N",
            defaultValue = "2",
            description = "Captures of one source in 'soak'; by default 2.")
    private int captures;

    /** For help and shell completion. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Benchmarks.all().stream().map(Benchmark::name).iterator();
        }
    }

    /** The help lists what there is, so that a new benchmark need not be told here. */
    @Spec
    void describe(CommandSpec itself) {
        spec = itself;
        List<String> lines = new ArrayList<>();
        lines.add("Measure Tidemark against the raw limit of this machine, on servers of its own.");
        lines.add("");
        Benchmarks.all().forEach(each -> lines.add("  %-8s %s".formatted(each.name(), each.about())));
        lines.add("");
        lines.add("The exit code is 0 whether or not a goal is met, and 6 when 'soak' finds a wrong restore.");
        itself.usageMessage().description(lines.toArray(String[]::new));
    }

    @Override
    public Integer call() {
        Benchmark benchmark = Benchmarks.named(what)
                .orElseThrow(() -> wrong(
                        "there is no benchmark '%s'; there are: %s".formatted(what, String.join(", ", new Names()))));
        BenchmarkRequest request = request(benchmark);
        hush();
        BenchmarkReport report = benchmark.run(request);
        tidemark.answer(report.text(), report);
        return ExitCode.DONE.number();
    }

    private BenchmarkRequest request(Benchmark benchmark) {
        try {
            return new BenchmarkRequest(
                    rounds,
                    chunks == null ? benchmark.defaultChunks() : chunks,
                    Duration.ofMinutes(minutes == null ? benchmark.defaultMinutes() : minutes),
                    new BenchmarkRequest.Soak(seed == null ? System.nanoTime() : seed, captures),
                    Build.version(),
                    line -> spec.commandLine().getErr().println(line));
        } catch (IllegalArgumentException outOfBounds) {
            throw wrong(outOfBounds.getMessage());
        }
    }

    /** Hundreds of segments are no news here; whoever asks for more with -v still gets it. */
    private static void hush() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        Logger ours = context.getLogger("dev.tidemark");
        if (!ours.isDebugEnabled()) {
            ours.setLevel(Level.WARN);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
