package dev.tidemark.standalone.command;

import dev.tidemark.restorer.Lookout;
import dev.tidemark.restorer.look.DiffReport;
import dev.tidemark.restorer.look.KeyChange;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.standalone.times.TimeArgument;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "diff",
        description = {
            "Tell what changed between two times, from the archive, without restoring anything.",
            "",
            "Names of keys are printed only with --list."
        },
        footer = {
            "  tidemark diff --from 14:03 --to 14:10",
            "  tidemark diff --from -1h --to latest --prefix chunk: --list 20",
            "  tidemark diff --from 2026-11-20T14:00:00Z --to latest -o json"
        })
final class DiffCommand implements Callable<Integer> {
    private static final int LIST_MAX = 100_000;

    @ParentCommand
    private TidemarkCommand tidemark;

    @Option(
            names = "--from",
            paramLabel = "T",
            required = true,
            description = "The earlier time: " + TimeArgument.FORMS + ".")
    private String from;

    @Option(names = "--to", paramLabel = "T", required = true, description = "The later time.")
    private String to;

    @Option(
            names = "--prefix",
            paramLabel = "KEY",
            description = "Of the keys that are looked at, written like a key; by default every key.")
    private String prefix = "";

    @Option(
            names = "--list",
            paramLabel = "N",
            description = "Print the names of the first N keys of each kind of change. By default none is printed.")
    private int list;

    @Option(names = "--no-tail", description = "Do not ask Kafka for what is not on S3 yet.")
    private boolean withoutTail;

    @Override
    public Integer call() {
        if (list < 0 || list > LIST_MAX) {
            throw new TidemarkError(ExitCode.USAGE, "--list is 0 to %d, not %d".formatted(LIST_MAX, list));
        }
        Bytes wanted = KeyArgument.parse(prefix);
        TimeArgument earlier = tidemark.time(from);
        TimeArgument later = tidemark.time(to);
        Settings settings = tidemark.settings(Role.RESTORER);
        DiffReport report;
        try (Lookout lookout = Lookout.open(settings, Clock.systemUTC())) {
            report = lookout.diff(earlier.at(), later.at(), !withoutTail, wanted, list);
        }
        tidemark.answer(text(report), json(report));
        return ExitCode.DONE.number();
    }

    private static String text(DiffReport report) {
        StringBuilder text = new StringBuilder();
        text.append("%s   %s .. %s, each exact within %s%n"
                .formatted(report.source(), report.from(), report.to(), RestoreWords.duration(report.exactness())));
        for (KeyChange change : KeyChange.values()) {
            text.append("%-12s %s keys%n"
                    .formatted(word(change), RestoreWords.number(report.counts().get(change))));
        }
        for (KeyChange change : KeyChange.values()) {
            for (KeyName name : report.names().get(change)) {
                text.append("%-12s db %d  %s%n".formatted(word(change), name.db(), KeyArgument.shown(name.key())));
            }
        }
        return text.toString().stripTrailing();
    }

    private static Map<String, Object> json(DiffReport report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("source", report.source());
        json.put("from", report.from());
        json.put("to", report.to());
        json.put("exactness_seconds", RestoreWords.seconds(report.exactness()));
        Map<String, Object> changes = new LinkedHashMap<>();
        for (KeyChange change : KeyChange.values()) {
            List<KeyName> names = report.names().get(change);
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("keys", report.counts().get(change));
            one.put("listed", names.stream().map(VerifyWords::json).toList());
            changes.put(word(change), one);
        }
        json.put("changes", changes);
        return json;
    }

    private static String word(KeyChange change) {
        return change.name().toLowerCase(Locale.ROOT);
    }
}
