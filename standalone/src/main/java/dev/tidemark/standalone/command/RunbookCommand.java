package dev.tidemark.standalone.command;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.standalone.runbook.Runbook;
import java.net.URI;
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
            "Print what to do when something has happened, with the addresses of the settings filled in; without a name, the list.",
            "",
            "Nothing is asked or changed."
        },
        footer = {
            "  tidemark runbook                    which there are",
            "  tidemark runbook flushall           what to do now",
            "  tidemark runbook node-lost --scratch redis://10.0.0.9:6379 > node-lost.md"
        })
final class RunbookCommand implements Callable<Integer> {
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
        String text =
                runbook.filledIn(settings, tidemark.settingsFile(), scratch).stripTrailing();
        tidemark.answer(text, Map.of("name", runbook.spoken(), "text", text));
        return ExitCode.DONE.number();
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
