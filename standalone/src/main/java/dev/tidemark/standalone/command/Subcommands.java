package dev.tidemark.standalone.command;

import dev.tidemark.capture.Capture;
import dev.tidemark.compactor.Compactor;
import java.util.List;

/** Every subcommand, in the order of the help. */
final class Subcommands {
    private Subcommands() {}

    static List<Object> all() {
        return List.of(
                new DemoCommand(),
                new TestCommand(),
                new CaptureCommand(settings -> {
                    Capture capture = Capture.start(settings);
                    return new ServiceRun("capture", capture::await, capture::close);
                }),
                new CompactCommand(settings -> {
                    Compactor compactor = Compactor.start(settings);
                    return new ServiceRun("compactor", compactor::await, compactor::close);
                }),
                new PointsCommand(),
                new PlanCommand(),
                new RestoreCommand(),
                new BenchCommand());
    }
}
