package dev.tidemark.capture;

import dev.tidemark.capture.RedisRight.Need;
import dev.tidemark.schemas.checkup.Findings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Tries each right by itself, so that what is missing can be named and nothing else is asked for. */
final class RedisCheckupRights {
    /** Any of these shows whether a captured key may be read. */
    private static final List<String> READS = List.of("type", "pttl", "hgetall", "get", "dump");

    /** Leaves no canary, whichever of the two is allowed. */
    static final List<List<String>> FAREWELL =
            List.of(List.of("pexpireat", RedisRight.CANARY, "1"), List.of("del", RedisRight.CANARY));

    private final RedisCheckupNode node;
    private final List<String> prefixes;
    private final RedisRights rights;
    private final Findings findings;

    RedisCheckupRights(RedisCheckupNode node, List<String> prefixes, RedisRights rights, Findings findings) {
        this.node = node;
        this.prefixes = prefixes;
        this.rights = rights;
        this.findings = findings;
    }

    /** @param line for nothing else: it may be left inside a transaction */
    void run(RedisCheckupLine line, byte[] canary) {
        captured(line);
        canaries(line, canary);
        List<RedisRight> tried = rights.commands().stream()
                .filter(right -> !right.trial().isEmpty())
                // Only a primary refuses this form for certain.
                .filter(right -> !right.command().equals("psync") || node.isPrimary())
                .toList();
        List<RedisAnswer> answers =
                line.tried(tried.stream().map(RedisRight::trial).toList(), canary);
        for (int i = 0; i < tried.size(); i++) {
            judge(tried.get(i), answers.get(i));
        }
    }

    private void judge(RedisRight right, RedisAnswer answer) {
        String check = "right " + right.rule();
        if (answer.deniesCommand()) {
            String without = "%s; it is for %s".formatted(answer.error(), right.why());
            if (right.need() == Need.BASELINES) {
                findings.warning(check, without, node.granting(right.rule()));
            } else {
                findings.missing(check, without, node.granting(right.rule()));
            }
        } else if (answer.isUnknown()) {
            findings.skipped(check, "this server has no such command; it is for " + right.why());
        } else {
            findings.ok(check, right.why());
        }
    }

    /** One key a prefix that nobody has: its rights are judged without reading anything. */
    private void captured(RedisCheckupLine line) {
        List<String> rules = rights.keyRules();
        for (int i = 0; i < rules.size(); i++) {
            String check = "right " + rules.get(i);
            byte[] absent = (prefixes.get(i) + "tidemark:doctor-" + UUID.randomUUID()).getBytes(StandardCharsets.UTF_8);
            Optional<RedisAnswer> answer = READS.stream()
                    .map(read -> line.tried(List.of(List.of(read, RedisRight.CANARY)), absent)
                            .get(0))
                    .filter(each -> !each.deniesCommand())
                    .findFirst();
            if (answer.isEmpty()) {
                findings.skipped(check, "no command that reads is allowed");
            } else if (answer.get().deniesKey()) {
                findings.missing(
                        check, answer.get().error() + "; captured keys must be readable", node.granting(rules.get(i)));
            } else {
                findings.ok(check, "captured keys may be read");
            }
        }
    }

    private void canaries(RedisCheckupLine line, byte[] canary) {
        String check = "right " + RedisRights.canaryRule();
        List<List<String>> writes = new ArrayList<>(FAREWELL);
        writes.add(0, List.of("hset", RedisRight.CANARY, "watch", "doctor"));
        List<RedisAnswer> answers = line.tried(writes, canary);
        Optional<RedisAnswer> denied =
                answers.stream().filter(RedisAnswer::deniesKey).findFirst();
        if (denied.isPresent()) {
            findings.missing(
                    check,
                    denied.get().error() + "; canaries are written there",
                    node.granting(RedisRights.canaryRule()));
        } else if (answers.stream().allMatch(RedisAnswer::deniesCommand)) {
            findings.skipped(check, "no command that writes is allowed");
        } else {
            findings.ok(check, "canaries may be written");
        }
    }
}
