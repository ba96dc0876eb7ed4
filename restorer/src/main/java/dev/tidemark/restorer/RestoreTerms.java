package dev.tidemark.restorer;

import dev.tidemark.restorer.RestoreOptions.Existing;
import dev.tidemark.restorer.plan.Selection;
import dev.tidemark.schemas.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What all parts of one restore must say alike, in words that stand in the lock of their target: a line each, the last of
 * which is what becomes of the keys that are there. Two parts that differ in any of them would leave a target that never
 * was, and each would prove its own half of it.
 */
record RestoreTerms(List<String> lines) {
    RestoreTerms {
        lines = List.copyOf(lines);
    }

    static RestoreTerms of(RestoreRun run) {
        RestoreOptions options = run.options();
        RestorePart part = options.part();
        return new RestoreTerms(List.of(
                "restore of %s to %s%s"
                        .formatted(
                                run.plan().source(),
                                run.plan().to(),
                                part.isWhole() ? "" : ", in %d parts".formatted(part.of())),
                "%d shards".formatted(run.shards().count()),
                keys(options.selection()),
                "--ttl " + options.ttl().name().toLowerCase(Locale.ROOT),
                existing(options.existing())));
    }

    /** As a lock has them. */
    static RestoreTerms read(String words) {
        return new RestoreTerms(List.of(words.split("\n", -1)));
    }

    /** Which restore it is. */
    String headline() {
        return lines.get(0);
    }

    String words() {
        return String.join("\n", lines);
    }

    /**
     * What others say otherwise, in words; nothing if they are not to be compared, because they tell of other things.
     *
     * @param goesOn whether this run goes over what an earlier one of the same part left, which only that one need have said
     */
    List<String> differences(RestoreTerms others, boolean goesOn) {
        List<String> differences = new ArrayList<>();
        int compared = goesOn ? lines.size() - 1 : lines.size();
        for (int i = 0; i < compared && others.lines.size() == lines.size(); i++) {
            if (!lines.get(i).equals(others.lines.get(i))) {
                differences.add("there %s, here %s".formatted(others.lines.get(i), lines.get(i)));
            }
        }
        return differences;
    }

    /** Whether they may fill one target together. */
    boolean agreeWith(RestoreTerms others, boolean goesOn) {
        return others.lines.size() == lines.size()
                && differences(others, goesOn).isEmpty();
    }

    private static String keys(Selection selection) {
        List<String> conditions = new ArrayList<>();
        selection.prefix().ifPresent(prefix -> conditions.add("--prefix " + shown(prefix)));
        selection.match().ifPresent(match -> conditions.add("--match " + shown(match.pattern())));
        selection.db().ifPresent(db -> conditions.add("--db " + db));
        selection.slots().ifPresent(slots -> conditions.add("--slots %d-%d".formatted(slots.first(), slots.last())));
        return conditions.isEmpty() ? "every key" : String.join(" ", conditions);
    }

    /** In quotes where it is text, so that no text can be taken for the hex of other bytes; and on one line. */
    private static String shown(Bytes bytes) {
        return bytes.asUtf8()
                .filter(text -> text.codePoints().noneMatch(Character::isISOControl))
                .map(text -> "\"" + text + "\"")
                .orElseGet(() -> "hex:" + bytes.toHex());
    }

    private static String existing(Existing existing) {
        return switch (existing) {
            case REFUSE -> "neither --replace nor --merge";
            case REPLACE -> "--replace";
            case MERGE -> "--merge";
        };
    }
}
