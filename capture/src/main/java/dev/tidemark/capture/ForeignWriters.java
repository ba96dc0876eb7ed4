package dev.tidemark.capture;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.settings.SourceSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which users could write captured keys, or the journal itself, beside those that the configuration names. Judged from the
 * rules that ACL LIST prints; whoever cannot be shown to be harmless is not.
 */
final class ForeignWriters {
    private static final Pattern SELECTOR = Pattern.compile("\\(([^)]*)\\)");
    private static final Pattern KEYS = Pattern.compile("(?:%([RW]{1,2}))?~(.*)");
    private static final String GLOB = "*?[\\";

    /** What can be given to somebody who shall not write. */
    private static final Set<String> HARMLESS =
            Set.of("+@read", "+@connection", "+@pubsub", "+@transaction", "+ping", "+info", "+get", "+time");

    private final SourceSettings source;
    private final String ourselves;

    /** @param ourselves the user that capture runs as; empty for the default user, which others may be too */
    ForeignWriters(SourceSettings source, String ourselves) {
        this.source = source;
        this.ourselves = ourselves;
    }

    /** The names of those among them that are not named as writers. */
    List<String> among(List<String> aclLines) {
        List<String> foreign = new ArrayList<>();
        for (String line : aclLines) {
            String[] words = line.split(" ", 3);
            if (words.length < 3 || !words[0].equals("user")) {
                continue;
            }
            boolean known =
                    words[1].equals(ourselves) || source.journal().writers().contains(words[1]);
            if (!known && mayWrite(words[2])) {
                foreign.add(words[1]);
            }
        }
        return foreign;
    }

    private boolean mayWrite(String rules) {
        if (List.of(rules.split(" ", -1)).contains("off")) {
            return false;
        }
        Matcher selectors = SELECTOR.matcher(rules);
        boolean may = permits(selectors.replaceAll(""));
        selectors.reset();
        while (selectors.find()) {
            may |= permits(selectors.group(1));
        }
        return may;
    }

    /** Rules of one set: keys and commands that belong together. */
    private boolean permits(String rules) {
        boolean keys = false;
        boolean commands = false;
        for (String rule : rules.trim().split(" +", -1)) {
            Matcher pattern = KEYS.matcher(rule);
            if (pattern.matches()) {
                keys |= !"R".equals(pattern.group(1)) && reaches(pattern.group(2));
            } else if (rule.equals("-@all") || rule.equals("nocommands") || rule.equals("-@write")) {
                commands = false;
            } else if (rule.startsWith("+") || rule.equals("allcommands")) {
                commands |= !HARMLESS.contains(rule);
            }
        }
        return keys && commands;
    }

    /** Whether a pattern can match a captured key or a stream of the journal. */
    private boolean reaches(String pattern) {
        int literal = 0;
        while (literal < pattern.length() && GLOB.indexOf(pattern.charAt(literal)) < 0) {
            literal++;
        }
        String head = pattern.substring(0, literal);
        if (Bytes.utf8(head).startsWith(ReservedKeys.CANARY_PREFIX)) {
            return false;
        }
        boolean data = source.prefixes().stream()
                .anyMatch(prefix -> head.startsWith(prefix) || (hasWildcard(pattern, head) && prefix.startsWith(head)));
        return data || source.journal().streams().stream().anyMatch(stream -> stream.startsWith(head));
    }

    private static boolean hasWildcard(String pattern, String head) {
        // Without a wildcard it is one key, which has to begin with the prefix itself.
        return pattern.length() > head.length();
    }
}
