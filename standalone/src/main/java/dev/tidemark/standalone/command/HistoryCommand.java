package dev.tidemark.standalone.command;

import dev.tidemark.restorer.Lookout;
import dev.tidemark.restorer.look.KeyEntry;
import dev.tidemark.restorer.look.KeyHistory;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "history",
        description = {
            "Tell the life of one key, oldest first: when it was written, expired, deleted, or was not found again after a gap.",
            "",
            "Values are not read; 'tidemark show KEY --at T' has the one of a time."
        },
        footer = {
            "  tidemark history chunk:42",
            "  tidemark history chunk:42 --limit 20 -o json     the newest 20 changes",
            "  tidemark history hex:00ff9e --db 3"
        })
final class HistoryCommand implements Callable<Integer> {
    private static final int LIMIT_MAX = 100_000;

    @ParentCommand
    private TidemarkCommand tidemark;

    @Mixin
    private NamedKey key = new NamedKey();

    @Option(names = "--limit", paramLabel = "N", description = "The newest N changes; 1,000 by default.")
    private int limit = 1_000;

    @Option(names = "--no-tail", description = "Do not ask Kafka for what is not on S3 yet.")
    private boolean withoutTail;

    @Override
    public Integer call() {
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new TidemarkError(ExitCode.USAGE, "--limit is 1 to %d, not %d".formatted(LIMIT_MAX, limit));
        }
        KeyName name = key.name();
        Settings settings = tidemark.settings(Role.RESTORER);
        KeyHistory history;
        try (Lookout lookout = Lookout.open(settings, Clock.systemUTC())) {
            history = lookout.history(name, limit, !withoutTail);
        }
        tidemark.answer(text(settings, history), json(settings, history));
        return (history.isComplete() ? ExitCode.DONE : ExitCode.ARCHIVE_DAMAGED).number();
    }

    private static String text(Settings settings, KeyHistory history) {
        StringBuilder text = new StringBuilder();
        text.append("%s   db %d  %s%n"
                .formatted(
                        settings.source().name(),
                        history.name().db(),
                        KeyArgument.shown(history.name().key())));
        history.keptFrom()
                .ifPresent(from -> text.append(
                        "           'tidemark prune' gave up changes before %s; 'tidemark show' tells what it was at any time that can be restored%n"
                                .formatted(from)));
        if (history.isCut()) {
            text.append("           earlier changes are left out; --limit tells more\n");
        }
        if (history.entries().isEmpty()) {
            text.append(history.keptFrom().isPresent() ? "           not seen since\n" : "           never seen\n");
        }
        history.entries().forEach(entry -> text.append(text(entry)).append('\n'));
        if (!history.isComplete()) {
            text.append(
                    "DAMAGE     a part of the archive is missing, so changes may be too; 'tidemark points' names it\n");
        }
        return text.toString().stripTrailing();
    }

    private static String text(KeyEntry entry) {
        String what =
                switch (entry.kind()) {
                    case WRITTEN ->
                        entry.type()
                                + (entry.expireAtMillis().isPresent()
                                        ? ", expires "
                                                + Instant.ofEpochMilli(
                                                        entry.expireAtMillis().getAsLong())
                                        : "");
                    case GONE -> "gone";
                    case EXPIRED -> "its expiry";
                    case NOT_FOUND_AGAIN ->
                        "not found when every key was read again after a gap; nobody saw when it went";
                };
        String event = entry.event().isEmpty() ? "" : " (%s)".formatted(RestoreWords.plain(entry.event()));
        return "%-28s %s%s".formatted(RedisTime.instant(entry.atMicros()), what, event);
    }

    private static Map<String, Object> json(Settings settings, KeyHistory history) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("source", settings.source().name());
        json.putAll(VerifyWords.json(history.name()));
        json.put("complete", history.isComplete());
        json.put("cut", history.isCut());
        json.put("kept_from", history.keptFrom().orElse(null));
        json.put("entries", history.entries().stream().map(HistoryCommand::json).toList());
        return json;
    }

    private static Map<String, Object> json(KeyEntry entry) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("at", RedisTime.instant(entry.atMicros()));
        json.put("kind", entry.kind().name().toLowerCase(Locale.ROOT));
        json.put("type", entry.type());
        json.put(
                "expire_at",
                entry.expireAtMillis().isPresent()
                        ? Instant.ofEpochMilli(entry.expireAtMillis().getAsLong())
                        : null);
        json.put("event", entry.event());
        return json;
    }
}
