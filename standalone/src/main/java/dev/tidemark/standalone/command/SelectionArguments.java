package dev.tidemark.standalone.command;

import dev.tidemark.restorer.plan.KeyPattern;
import dev.tidemark.restorer.plan.Selection;
import dev.tidemark.restorer.plan.Selection.SlotRange;
import dev.tidemark.restorer.plan.TtlRule;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Which keys are restored, and what becomes of their expiries. */
final class SelectionArguments {
    @Option(
            names = "--prefix",
            paramLabel = "P",
            description = "Only keys that begin with this, written like a key: " + KeyArgument.FORMS + ".")
    private Optional<String> prefix = Optional.empty();

    @Option(names = "--match", paramLabel = "PATTERN", description = "Only keys that match, as KEYS of Redis matches.")
    private Optional<String> match = Optional.empty();

    @Option(names = "--db", paramLabel = "N", description = "Only keys of this database.")
    private Optional<Integer> db = Optional.empty();

    @Option(
            names = "--slots",
            paramLabel = "A-B",
            description = "Only keys of these hash slots: with --rdb, one Cluster node's file.")
    private Optional<String> slots = Optional.empty();

    @Option(
            names = "--ttl",
            paramLabel = "RULE",
            defaultValue = "keep",
            description = "keep: keys expire when they were to; what has expired since is left out. shift: they live as"
                    + " long as they had left then. drop: they do not expire.")
    private String ttl = "keep";

    Selection selection() {
        return new Selection(
                prefix.map(KeyArgument::parse),
                match.map(Bytes::utf8).map(KeyPattern::new),
                db.map(OptionalInt::of).orElseGet(OptionalInt::empty),
                slots.map(SelectionArguments::slots));
    }

    TtlRule ttl() {
        try {
            return TtlRule.valueOf(ttl.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw new TidemarkError(
                    ExitCode.USAGE, "'%s' is no rule for --ttl: keep, shift or drop; nothing was done".formatted(ttl));
        }
    }

    private static SlotRange slots(String text) {
        Matcher ends = Pattern.compile("(\\d{1,5})-(\\d{1,5})").matcher(text);
        try {
            if (ends.matches()) {
                return new SlotRange(Integer.parseInt(ends.group(1)), Integer.parseInt(ends.group(2)));
            }
        } catch (IllegalArgumentException outside) {
            // Said below.
        }
        throw new TidemarkError(
                ExitCode.USAGE,
                "'%s' are no slots for --slots; for example 0-5460, within 0-16383. Nothing was done".formatted(text));
    }
}
