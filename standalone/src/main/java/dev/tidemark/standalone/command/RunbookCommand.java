package dev.tidemark.standalone.command;

import dev.tidemark.archive.DrillSummary;
import dev.tidemark.restorer.Lookout;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.standalone.runbook.Runbook;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "runbook",
        description = {
            "Print what to do when something has happened, with the addresses and contacts of the settings and the"
                    + " last drill's RTO filled in; without a name, the list.",
            "",
            "Nothing is changed. S3 is asked for the last drill; where it does not answer, the page says so and is"
                    + " printed all the same."
        },
        footer = {
            "  tidemark runbook                    which there are",
            "  tidemark runbook flushall           what to do now",
            "  tidemark runbook node-lost --scratch redis://10.0.0.9:6379 > node-lost.md"
        })
final class RunbookCommand implements Callable<Integer> {
    private static final Duration S3_PATIENCE = Duration.ofSeconds(15);

    @ParentCommand
    private TidemarkCommand tidemark;

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "What has happened.")
    private Optional<String> name = Optional.empty();

    @Option(
            names = "--scratch",
            paramLabel = "URI",
            description = "The empty Redis that would be restored into; redis://SCRATCH:6379 by default.")
    private URI scratch = URI.create("redis://SCRATCH:6379");

    @Override
    public Integer call() {
        if (name.isEmpty()) {
            list();
            return ExitCode.DONE.number();
        }
        Runbook runbook = Runbook.of(name.get())
                .orElseThrow(() -> new TidemarkError(
                        ExitCode.USAGE,
                        "there is no runbook '%s'; there are %s"
                                .formatted(
                                        name.get(),
                                        Arrays.stream(Runbook.values())
                                                .map(Runbook::spoken)
                                                .collect(Collectors.joining(", ")))));
        Settings settings = tidemark.settings(Role.RESTORER);
        String text = runbook.filledIn(settings, tidemark.settingsFile(), scratch, lastDrill(settings))
                .stripTrailing();
        tidemark.answer(text, Map.of("name", runbook.spoken(), "text", text));
        return ExitCode.DONE.number();
    }

    /** Whoever needs the page may have lost S3, so that is no failure; and an attempt or two must do. */
    private static String lastDrill(Settings settings) {
        try (Lookout lookout =
                Lookout.open(settings.with(settings.s3().answeringWithin(S3_PATIENCE)), Clock.systemUTC())) {
            return lookout.lastDrill()
                    .map(RunbookCommand::words)
                    .orElse("there was none, so nobody knows how long a restore takes; 'tidemark drill' finds out");
        } catch (TidemarkError unreachable) {
            return "not known, since S3 does not answer or refuses us";
        }
    }

    private static String words(DrillSummary drill) {
        return "%s at %s%s"
                .formatted(
                        drill.passed() ? "PASS" : "FAIL",
                        drill.beganAt(),
                        drill.rto()
                                .map(rto -> ", RTO " + RestoreWords.duration(rto))
                                .orElse(""));
    }

    private void list() {
        Map<String, String> titles = new LinkedHashMap<>();
        Arrays.stream(Runbook.values()).forEach(each -> titles.put(each.spoken(), each.title()));
        String text = titles.entrySet().stream()
                .map(each -> "%-14s %s".formatted(each.getKey(), each.getValue()))
                .collect(Collectors.joining("\n"));
        tidemark.answer(text, Map.of("runbooks", titles));
    }
}
