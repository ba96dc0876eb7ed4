package dev.tidemark.standalone.command;

import dev.tidemark.restorer.Lookout;
import dev.tidemark.restorer.look.KeyAt;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.standalone.times.TimeArgument;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "show",
        description = {
            "Show one key as it was at a time, from the archive, without restoring anything.",
            "",
            "Where the log does not tell of the key since the baseline that a restore starts from, that is read through once, which"
                    + " takes as long as fetching it.",
            "",
            "An embedding is summed up; -o json has every byte of the value."
        },
        footer = {
            "  tidemark show chunk:42 --at 14:03",
            "  tidemark show hex:00ff9e --db 3 --at latest",
            "  tidemark show chunk:42 --at -1d -o json"
        })
final class ShowCommand implements Callable<Integer> {
    @ParentCommand
    private TidemarkCommand tidemark;

    @Mixin
    private NamedKey key = new NamedKey();

    @Option(names = "--at", paramLabel = "T", required = true, description = "The time: " + TimeArgument.FORMS + ".")
    private String at;

    @Option(names = "--no-tail", description = "Do not ask Kafka for what is not on S3 yet.")
    private boolean withoutTail;

    @Override
    public Integer call() {
        KeyName name = key.name();
        TimeArgument time = tidemark.time(at);
        Settings settings = tidemark.settings(Role.RESTORER);
        KeyAt shown;
        try (Lookout lookout = Lookout.open(settings, Clock.systemUTC())) {
            shown = lookout.show(name, time.at(), !withoutTail);
        }
        tidemark.answer(text(shown).stripTrailing(), json(shown));
        return ExitCode.DONE.number();
    }

    private static String text(KeyAt shown) {
        StringBuilder text = new StringBuilder();
        text.append("%s   db %d  %s at %s, exact within %s%n"
                .formatted(
                        shown.source(),
                        shown.name().db(),
                        KeyArgument.shown(shown.name().key()),
                        shown.at(),
                        RestoreWords.duration(shown.exactness())));
        if (!shown.isPresent()) {
            return text.append("ABSENT     ").append(why(shown)).append('\n').toString();
        }
        Change change = shown.change().orElseThrow();
        text.append("PRESENT    %s, %s%s, %s%n"
                .formatted(
                        change.value().type(),
                        seenAt(change),
                        change.event().isEmpty() ? "" : " (%s)".formatted(RestoreWords.plain(change.event())),
                        change.expireAtMillis().isPresent() ? "expires " + expiry(change) : "never expires"));
        return text.append(ValueWords.text(change.value())).toString();
    }

    private static String seenAt(Change change) {
        return "as seen at " + RedisTime.instant(change.timeMicros());
    }

    private static Instant expiry(Change change) {
        return Instant.ofEpochMilli(change.expireAtMillis().getAsLong());
    }

    private static String why(KeyAt shown) {
        return switch (reason(shown).orElseThrow()) {
            case "never_seen" -> "never seen since the restore's base, which read every key";
            case "expired" -> "it had expired at " + expiry(shown.change().orElseThrow());
            default -> "it was gone, " + seenAt(shown.change().orElseThrow());
        };
    }

    private static Optional<String> reason(KeyAt shown) {
        if (shown.isPresent()) {
            return Optional.empty();
        }
        if (shown.change().isEmpty()) {
            return Optional.of("never_seen");
        }
        return Optional.of(shown.change().get().value() instanceof Value.Absent ? "gone" : "expired");
    }

    private static Map<String, Object> json(KeyAt shown) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("source", shown.source());
        json.put("at", shown.at());
        json.put("exactness_seconds", RestoreWords.seconds(shown.exactness()));
        json.putAll(VerifyWords.json(shown.name()));
        json.put("present", shown.isPresent());
        json.put("absent_because", reason(shown).orElse(null));
        json.put(
                "seen_at",
                shown.change()
                        .map(change -> RedisTime.instant(change.timeMicros()))
                        .orElse(null));
        json.put("event", shown.change().map(Change::event).orElse(null));
        json.put(
                "expire_at",
                shown.change()
                        .filter(change -> change.expireAtMillis().isPresent())
                        .map(ShowCommand::expiry)
                        .orElse(null));
        json.put(
                "type", shown.isPresent() ? shown.change().orElseThrow().value().type() : "none");
        json.put(
                "value",
                shown.isPresent() ? ValueWords.json(shown.change().orElseThrow().value()) : null);
        return json;
    }
}
