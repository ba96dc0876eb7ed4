package dev.tidemark.standalone.command;

import dev.tidemark.restorer.PruneReport;
import dev.tidemark.restorer.PruneReport.Count;
import dev.tidemark.restorer.PruneReport.Deleted;
import dev.tidemark.restorer.PruneReport.Marked;
import dev.tidemark.restorer.Pruner;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.settings.RetentionSettings;
import dev.tidemark.schemas.settings.Role;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "prune",
        description = {
            "Give up what the settings under 'retention' do not keep. Without --confirm it tells what, and changes nothing.",
            "",
            "With --confirm it writes a mark, from which on no restore uses what is given up; a later run deletes that when"
                    + " the mark is 24 hours old, so that no running restore loses what it reads. Until then deleting the mark"
                    + " takes it back. Every time that stays is planned as before: the planner of restores is asked. Run it once"
                    + " a day, with rights of its own ('tidemark policy --service prune'): nobody else may delete what a restore"
                    + " reads.",
            "",
            "Exit code 3 when no time can be restored, 5 when the archive is damaged or needs what was marked, 7 when the store"
                    + " did not delete everything."
        },
        footer = {
            "  tidemark prune                   what would be given up, and what is marked",
            "  tidemark prune --confirm         do it",
            "  tidemark prune -o json           for a script"
        })
final class PruneCommand implements Callable<Integer> {
    @ParentCommand
    private TidemarkCommand tidemark;

    @Option(names = "--confirm", description = "Mark and delete; without it nothing is changed.")
    private boolean confirmed;

    @Override
    public Integer call() {
        PruneReport report;
        Stop.Words words = tidemark.onStop(ended -> Optional.of(
                confirmed
                        ? "stopped; what is marked is given up, and the rest of it is deleted when this is run again"
                        : "stopped; nothing was changed"));
        try (Pruner pruner = Pruner.open(tidemark.settings(Role.PRUNE), tidemark.clock())) {
            report = confirmed ? pruner.prune() : pruner.plan();
        } finally {
            words.close();
        }
        tidemark.answer(text(report), json(report));
        if (report.deleted().filter(deleted -> deleted.refused() > 0).isPresent()) {
            return ExitCode.UNREACHABLE.number();
        }
        return (report.latest().isEmpty() ? ExitCode.NOT_RESTORABLE : ExitCode.DONE).number();
    }

    private String text(PruneReport report) {
        StringBuilder text = new StringBuilder("%s   keeps %s%n".formatted(report.source(), kept(report)));
        report.deleted().ifPresent(deleted -> append(text, deleted));
        for (Marked mark : report.marked()) {
            text.append("marked     what is older than %s: %s%n".formatted(mark.keptFrom(), words(mark.objects())));
            text.append(
                    "           deleted by 'tidemark prune --confirm' from %s on; until then deleting %s takes it back%n"
                            .formatted(mark.deletableAt(), mark.uri()));
        }
        if (report.next().isEmpty()) {
            text.append(
                    report.latest().isEmpty()
                            ? "nothing can be restored, so nothing is given up"
                            : "nothing more is to be given up");
            return text.toString();
        }
        Marked next = report.next().get();
        text.append("%s what is older than %s: %s%n"
                .formatted(report.isMarked() ? "marks now " : "would mark", next.keptFrom(), words(next.objects())));
        text.append(
                report.isMarked()
                        ? "           deleted by 'tidemark prune --confirm' from %s on; until then deleting %s takes it back"
                                .formatted(next.deletableAt(), next.uri())
                        : "nothing was changed\nnext:      tidemark prune --confirm");
        return text.toString();
    }

    private static String kept(PruneReport report) {
        RetentionSettings retention = report.retention();
        String rule = (retention.keep().isZero() ? "" : retention.keep().toDays() + " days")
                + (retention.keep().isZero() || retention.baselines() == 0 ? "" : " and ")
                + (retention.baselines() == 0 ? "" : "since the newest %d baselines".formatted(retention.baselines()));
        return report.keptFrom()
                .map(from -> "%s: every restorable time from %s on".formatted(rule, from))
                .orElse(rule + ": all that can be restored");
    }

    private static void append(StringBuilder text, Deleted deleted) {
        text.append("deleted    %s%n".formatted(words(deleted.objects())));
        if (deleted.hidden() > 0) {
            text.append(
                    "VERSIONS   the bucket keeps versions: %s of them are hidden and not gone; a lifecycle rule for noncurrent versions removes them, locked ones only when their lock has passed%n"
                            .formatted(RestoreWords.number(deleted.hidden())));
        }
        if (deleted.refused() > 0) {
            text.append("REFUSED    the store did not delete %s objects: a missing right, or a lock on them%s%n"
                    .formatted(
                            RestoreWords.number(deleted.refused()),
                            deleted.isWhole() ? "" : "; the rest was not tried"));
            deleted.reasons()
                    .forEach(reason -> text.append("           ").append(reason).append('\n'));
        }
    }

    private static String words(Count count) {
        if (count.total() == 0) {
            return "no objects";
        }
        return "%s objects, %s (%s)"
                .formatted(
                        RestoreWords.number(count.total()),
                        RestoreWords.bytes(count.bytes()),
                        count.objects().entrySet().stream()
                                .map(each -> each.getKey() + " " + RestoreWords.number(each.getValue()))
                                .collect(Collectors.joining(", ")));
    }

    private static Map<String, Object> json(PruneReport report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("source", report.source());
        json.put("keep_seconds", report.retention().keep().toSeconds());
        json.put("keep_baselines", report.retention().baselines());
        json.put("latest", report.latest().map(Instant::toString).orElse(null));
        json.put("kept_from", report.keptFrom().map(Instant::toString).orElse(null));
        json.put("marks", report.marked().stream().map(PruneCommand::json).toList());
        json.put("next", report.next().map(PruneCommand::json).orElse(null));
        json.put("marked_now", report.isMarked());
        json.put("deleted", report.deleted().map(PruneCommand::json).orElse(null));
        return json;
    }

    private static Map<String, Object> json(Marked mark) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("mark", mark.uri());
        json.put("kept_from", mark.keptFrom());
        json.put("deletable_at", mark.deletableAt());
        json.put("objects", mark.objects().objects());
        json.put("bytes", mark.objects().bytes());
        return json;
    }

    private static Map<String, Object> json(Deleted deleted) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("objects", deleted.objects().objects());
        json.put("bytes", deleted.objects().bytes());
        json.put("hidden", deleted.hidden());
        json.put("refused", deleted.refused());
        json.put("reasons", deleted.reasons());
        json.put("complete", deleted.isWhole());
        return json;
    }
}
