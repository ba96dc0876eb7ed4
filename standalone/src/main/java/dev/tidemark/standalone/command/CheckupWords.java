package dev.tidemark.standalone.command;

import dev.tidemark.schemas.checkup.Finding;
import dev.tidemark.schemas.checkup.Finding.State;
import dev.tidemark.schemas.checkup.Mend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** How a checkup is told: to people with the worst first, to scripts under stable names. */
final class CheckupWords {
    private static final int CHECK_WIDTH_MAX = 44;
    private static final Comparator<Finding> WORST_FIRST =
            Comparator.comparing(Finding::state).reversed();

    private CheckupWords() {}

    static String text(String source, List<Finding> found) {
        StringBuilder text = new StringBuilder();
        text.append(source).append("   ").append(counts(found)).append('\n');
        Map<String, List<Finding>> groups = new LinkedHashMap<>();
        found.forEach(each -> groups.computeIfAbsent(each.subject() + " " + each.at(), any -> new ArrayList<>())
                .add(each));
        groups.forEach((group, findings) -> {
            text.append('\n').append(group).append('\n');
            int width = findings.stream()
                    .mapToInt(each -> each.check().length())
                    .filter(length -> length <= CHECK_WIDTH_MAX)
                    .max()
                    .orElse(CHECK_WIDTH_MAX);
            findings.stream().sorted(WORST_FIRST).forEach(each -> line(text, each, width));
        });
        return text.toString().stripTrailing();
    }

    private static void line(StringBuilder text, Finding finding, int width) {
        String check =
                finding.check() + " ".repeat(Math.max(0, width - finding.check().length()));
        text.append("  %-7s  %s  %s%n".formatted(spoken(finding.state()), check, finding.found()));
        finding.mend()
                .ifPresent(mend -> text.append("           %s:%n             %s%n"
                        .formatted(mend.place().spoken(), mend.line())));
    }

    private static String counts(List<Finding> found) {
        return Arrays.stream(State.values())
                .sorted(Comparator.reverseOrder())
                .map(state ->
                        found.stream().filter(each -> each.state() == state).count() + " " + spoken(state))
                .collect(Collectors.joining(", "));
    }

    private static String spoken(State state) {
        return switch (state) {
            case OK -> "ok";
            case SKIPPED -> "skipped";
            case WARNING -> "WARNING";
            case MISSING -> "MISSING";
        };
    }

    static Map<String, Object> json(String source, List<Finding> found) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("source", source);
        // What could not be judged is not what makes a source healthy or ill.
        json.put(
                "state",
                name(found.stream()
                        .map(Finding::state)
                        .filter(state -> state != State.SKIPPED)
                        .max(Comparator.naturalOrder())
                        .orElse(State.OK)));
        json.put("checks", found.stream().map(CheckupWords::json).toList());
        return json;
    }

    private static Map<String, Object> json(Finding finding) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("subject", finding.subject());
        json.put("at", finding.at());
        json.put("check", finding.check());
        json.put("state", name(finding.state()));
        json.put("found", finding.found());
        json.put("mend", finding.mend().map(CheckupWords::json).orElse(null));
        return json;
    }

    private static Map<String, Object> json(Mend mend) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("place", name(mend.place()));
        json.put("line", mend.line());
        return json;
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
