package dev.tidemark.standalone.command;

import dev.tidemark.restorer.drill.Comparison;
import dev.tidemark.restorer.drill.DrillReport;
import dev.tidemark.restorer.drill.DrillReport.Restored;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How a drill is told: on a terminal, as JSON, and as a page. Never with the name of a key. */
final class DrillWords {
    private DrillWords() {}

    static String text(DrillReport report) {
        StringBuilder text = new StringBuilder();
        text.append("%s   drill of %s: %s%n"
                .formatted(report.source(), report.beganAt(), report.passed() ? "PASS" : "FAIL"));
        text.append("RPO        now %s, on S3 alone %s%n"
                .formatted(
                        report.rpoNow().map(RestoreWords::duration).orElse("nothing to restore"),
                        report.rpoOnS3().map(RestoreWords::duration).orElse("nothing to restore")));
        report.restored()
                .ifPresent(restored -> text.append("RTO        %s for %s keys, %s, to %s%n"
                        .formatted(
                                RestoreWords.duration(restored.rto()),
                                RestoreWords.number(restored.keys()),
                                RestoreWords.bytes(restored.bytes()),
                                report.to().orElseThrow())));
        report.verified().ifPresent(verified -> text.append("verified   ")
                .append(VerifyWords.text(verified).lines().skip(1).findFirst().orElse(""))
                .append('\n'));
        if (!report.searches().isEmpty()) {
            text.append(
                    "searches   %d of %d vector searches agree with the source as it is now; %d of their hits changed since%n"
                            .formatted(
                                    report.searches().stream()
                                            .filter(Comparison::agrees)
                                            .count(),
                                    report.searches().size(),
                                    report.searches().stream()
                                            .mapToInt(Comparison::changedSince)
                                            .sum()));
        }
        report.searchesLeftOut().ifPresent(why -> text.append("searches   ")
                .append(report.searches().isEmpty() ? "none: " : "no more: ")
                .append(RestoreWords.plain(why))
                .append('\n'));
        report.failure()
                .ifPresent(failure -> text.append("FAILED     %s (exit code %d)%n"
                        .formatted(
                                RestoreWords.plain(failure.text()),
                                failure.code().number())));
        return text.toString().stripTrailing();
    }

    /** @param every how often drills are run, if by the clock */
    static Map<String, Object> json(DrillReport report, Optional<Duration> every) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("source", report.source());
        json.put("began_at", report.beganAt());
        json.put("to", report.to().orElse(null));
        json.put("passed", report.passed());
        json.put("exit_code", report.exitCode().number());
        json.put("failure", report.failure().map(DrillReport.Failure::text).orElse(null));
        json.put("rpo_now_seconds", report.rpoNow().map(RestoreWords::seconds).orElse(null));
        json.put(
                "rpo_on_s3_seconds", report.rpoOnS3().map(RestoreWords::seconds).orElse(null));
        Optional<Restored> restored = report.restored();
        json.put(
                "rto_seconds",
                restored.map(Restored::rto).map(RestoreWords::seconds).orElse(null));
        json.put("keys_written", restored.map(Restored::keys).orElse(null));
        json.put("bytes_written", restored.map(Restored::bytes).orElse(null));
        json.put("bytes_read", restored.map(Restored::bytesRead).orElse(null));
        json.put("changes_read", restored.map(Restored::changesRead).orElse(null));
        json.put("proven", restored.map(Restored::isProven).orElse(null));
        json.put("verified", report.verified().map(VerifyWords::json).orElse(null));
        json.put("searches", report.searches().stream().map(DrillWords::json).toList());
        json.put("searches_left_out", report.searchesLeftOut().orElse(null));
        json.put("next_due_at", every.map(report.beganAt()::plus).orElse(null));
        return json;
    }

    private static Map<String, Object> json(Comparison search) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("means", search.means().name().toLowerCase(Locale.ROOT));
        json.put("wanted", search.wanted());
        json.put("common", search.common());
        json.put("changed_since", search.changedSince());
        json.put("agrees", search.agrees());
        return json;
    }

    static String page(DrillReport report) {
        return String.format(
                Locale.ROOT,
                "<!doctype html>%n<meta charset=\"utf-8\">%n<title>%s drill %s</title>%n<pre>%n%s%n</pre>%n",
                escaped(report.source()),
                report.passed() ? "PASS" : "FAIL",
                escaped(text(report)));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
