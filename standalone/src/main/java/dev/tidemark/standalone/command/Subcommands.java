package dev.tidemark.standalone.command;

import dev.tidemark.capture.Capture;
import dev.tidemark.compactor.Compactor;
import dev.tidemark.schemas.settings.HttpSettings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.standalone.http.StatusServer;
import java.util.List;

/** Every subcommand, in the order of the help. */
final class Subcommands {
    private Subcommands() {}

    static List<Object> all() {
        return List.of(
                new DemoCommand(),
                new TestCommand(),
                new UpCommand(Subcommands::capture, Subcommands::compactor),
                new CaptureCommand(Subcommands::capture),
                new CompactCommand(Subcommands::compactor),
                new BaselineCommand(),
                new DoctorCommand(),
                new StatusCommand(),
                new PolicyCommand(),
                new RunbookCommand(),
                new PointsCommand(),
                new PlanCommand(),
                new RestoreCommand(),
                new VerifyCommand(),
                new DrillCommand(),
                new ShowCommand(),
                new HistoryCommand(),
                new DiffCommand(),
                new DdlCommand(),
                new PruneCommand(),
                new BenchCommand());
    }

    private static ServiceRun capture(Settings settings) {
        HttpSettings http = settings.http();
        StatusServer status =
                StatusServer.open(settings.source().name(), http.bind(), "http.capture-port", http.capturePort());
        return ServiceRun.seenThrough(status, () -> {
            Capture capture = Capture.start(settings, status.registry());
            status.tell(capture::health);
            return new ServiceRun("capture", capture::await, capture::close);
        });
    }

    private static ServiceRun compactor(Settings settings) {
        HttpSettings http = settings.http();
        StatusServer status =
                StatusServer.open(settings.source().name(), http.bind(), "http.compactor-port", http.compactorPort());
        return ServiceRun.seenThrough(status, () -> {
            Compactor compactor = Compactor.start(settings, status.registry(), now -> status.tell(() -> now));
            status.tell(compactor::health);
            return new ServiceRun("compactor", compactor::await, compactor::close);
        });
    }
}
