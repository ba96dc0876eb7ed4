package dev.tidemark.standalone.command;

import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.verify.Difference;
import dev.tidemark.restorer.verify.VerifyReport;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** How a comparison is told. Names of keys stand in it only when they were asked for. */
final class VerifyWords {
    private VerifyWords() {}

    static String text(VerifyReport report) {
        StringBuilder text = new StringBuilder();
        text.append("%s   at %s against %s in %s%n"
                .formatted(report.source(), report.at(), report.target(), RestoreWords.duration(report.took())));
        text.append("%s   %s of %s keys are the same, each as it was at some instant of the %s before%n"
                .formatted(
                        report.isSame() ? "SAME    " : "DIFFERENT",
                        RestoreWords.number(report.keysSame()),
                        RestoreWords.number(report.keysArchived()),
                        RestoreWords.duration(report.exactness())));
        line(text, report.differences().count(Difference.MISSING), "are missing there");
        line(text, report.differences().count(Difference.EXTRA), "are there and not in the archive");
        line(text, report.differences().count(Difference.DIFFERENT), "have another value or type");
        line(text, report.differences().count(Difference.TTL_DIFFERENT), "have the same value and another expiry");
        line(text, report.expired(), "have expired since and were not looked for");
        line(text, report.uncertain(), "were to expire in the last moment before, and are taken for gone");
        line(text, report.outside(), "there are not captured: other databases or prefixes");
        if (!report.libraries().isEmpty()) {
            text.append("           FUNCTION libraries missing or different: %s%n"
                    .formatted(String.join(", ", report.libraries())));
        }
        report.limits()
                .forEach(limit -> text.append("           ").append(limit).append('\n'));
        for (Difference difference : Difference.values()) {
            for (KeyName name : report.differences().names(difference)) {
                text.append("%-13s db %d  %s%n".formatted(word(difference), name.db(), KeyArgument.shown(name.key())));
            }
        }
        return text.toString().stripTrailing();
    }

    private static void line(StringBuilder text, long keys, String what) {
        if (keys > 0) {
            text.append("           %s keys %s%n".formatted(RestoreWords.number(keys), what));
        }
    }

    static Map<String, Object> json(VerifyReport report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("source", report.source());
        json.put("at", report.at());
        json.put("target", report.target());
        json.put("same", report.isSame());
        json.put("exactness_seconds", RestoreWords.seconds(report.exactness()));
        json.put("keys_archived", report.keysArchived());
        json.put("keys_same", report.keysSame());
        Map<String, Object> differences = new LinkedHashMap<>();
        for (Difference difference : Difference.values()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("keys", report.differences().count(difference));
            one.put(
                    "listed",
                    report.differences().names(difference).stream()
                            .map(VerifyWords::json)
                            .toList());
            differences.put(word(difference), one);
        }
        json.put("differences", differences);
        json.put("libraries_different", report.libraries());
        json.put("keys_expired_since", report.expired());
        json.put("keys_not_compared", report.notCompared());
        json.put("keys_uncertain", report.uncertain());
        json.put("keys_not_captured", report.outside());
        json.put("took_seconds", RestoreWords.seconds(report.took()));
        json.put("limits", report.limits());
        return json;
    }

    static Map<String, Object> json(KeyName name) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("db", name.db());
        KeyArgument.json(json, "key", name.key());
        return json;
    }

    private static String word(Difference difference) {
        return difference.name().toLowerCase(Locale.ROOT);
    }
}
