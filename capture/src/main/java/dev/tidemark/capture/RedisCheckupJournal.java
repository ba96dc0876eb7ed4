package dev.tidemark.capture;

import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.checkup.Mend;
import dev.tidemark.schemas.checkup.Mend.Place;
import dev.tidemark.schemas.settings.JournalSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import java.util.List;
import java.util.stream.Stream;

/** Whether a journal can be believed and kept short, and what it cannot show. */
final class RedisCheckupJournal {
    private final RedisCheckupNode node;
    private final RedisSettings settings;
    private final SourceSettings source;
    private final RedisRights rights;
    private final Findings findings;

    RedisCheckupJournal(
            RedisCheckupNode node,
            RedisSettings settings,
            SourceSettings source,
            RedisRights rights,
            Findings findings) {
        this.node = node;
        this.settings = settings;
        this.source = source;
        this.rights = rights;
        this.findings = findings;
    }

    /** @param canary that was written, and is to be taken away */
    void run(RedisCheckupLine line, byte[] canary) {
        line.tried(RedisCheckupRights.FAREWELL, canary);
        trust(line);
        source.journal().streams().forEach(stream -> stream(line, stream));
        findings.ok(
                "journal's view",
                "only what its writers name: no expiry, no eviction, no write without its entry (docs/journal.md)");
    }

    private void trust(RedisCheckupLine line) {
        JournalTrust trust = new JournalTrust(source, node.name(), settings.username());
        JournalTrust.Judgement judgement =
                trust.judge(line.connection()).toCompletableFuture().join();
        if (judgement.policy().isEmpty()) {
            unproven("journal's memory", "Redis does not tell its maxmemory-policy");
        } else if (judgement.keepsAll()) {
            findings.ok("journal's memory", judgement.policy());
        } else {
            findings.missing(
                    "journal's memory",
                    judgement.policy() + ": no journal tells of evictions, so nothing is claimed",
                    Mend.in(Place.REDIS_CONF, "maxmemory-policy noeviction"));
        }
        if (!judgement.showsUsers()) {
            unproven("journal's writers", "Redis does not show its users (ACL LIST), so nobody knows who else writes");
        } else if (judgement.foreign().isEmpty()) {
            findings.ok("journal's writers", "nobody writes captured keys but source.journal.writers");
        } else {
            findings.missing(
                    "journal's writers",
                    "%s may write captured keys too, and nothing is claimed; if they keep the journal, name them, else take that right away"
                            .formatted(String.join(", ", judgement.foreign())),
                    Mend.in(
                            Place.TIDEMARK_YML,
                            "source.journal.writers: [%s]"
                                    .formatted(String.join(
                                            ", ",
                                            Stream.concat(
                                                            source.journal().writers().stream(),
                                                            judgement.foreign().stream())
                                                    .toList()))));
        }
    }

    private void unproven(String check, String found) {
        Mend mend = Mend.in(Place.TIDEMARK_YML, "source.journal.accept-unproven: true");
        if (source.journal().acceptUnproven()) {
            findings.skipped(check, found + "; accepted by source.journal.accept-unproven");
        } else {
            findings.missing(check, found, mend);
        }
    }

    private void stream(RedisCheckupLine line, String stream) {
        String check = "journal " + stream;
        List<String> rules = rights.journalRules();
        int at = 2 * source.journal().streams().indexOf(stream);
        RedisAnswer length = line.tried("xlen", stream);
        RedisAnswer aside = line.tried("xlen", JournalSettings.asideOf(stream));
        if (length.deniesKey()) {
            findings.missing(check, length.error(), node.granting(rules.get(at)));
        } else if (aside.deniesKey()) {
            findings.missing(check, aside.error(), node.granting(rules.get(at + 1)));
        } else if (length.isRedirection()) {
            findings.ok(check, "on another node");
        } else if (length.isObeyed()) {
            findings.ok(check, "a stream, or not there yet");
        } else if (length.deniesCommand()) {
            findings.skipped(check, length.error());
        } else {
            findings.missing(
                    check,
                    length.error(),
                    Mend.in(Place.HANDS, "give source.journal.streams a name that no other key has"));
        }
    }
}
