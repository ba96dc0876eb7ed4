package dev.tidemark.schemas.settings;

import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * What is backed up.
 *
 * @param name of the Redis deployment, in the names of topics and of the archive; empty when missing
 * @param shards fixed for the life of the name
 * @param prefixes of the keys that are captured; the empty one is every key
 * @param databases by number
 * @param kind who tells what may have changed
 * @param contacts who is called when something is wrong with it, in that order; printed in runbooks
 */
public record SourceSettings(
        String name,
        int shards,
        List<String> prefixes,
        List<Integer> databases,
        SourceKind kind,
        JournalSettings journal,
        List<String> contacts) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,40}");
    private static final int DATABASES_MAX = 1_000_000;
    /** One line of a page: a name, a number, what for. */
    private static final Pattern CONTACT = Pattern.compile("[^\\p{Cntrl}]{1,200}");

    private static final int CONTACTS_MAX = 20;

    public SourceSettings {
        Objects.requireNonNull(name, "name");
        prefixes = List.copyOf(prefixes);
        databases = List.copyOf(databases);
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(journal, "journal");
        contacts = List.copyOf(contacts);
    }

    /** A source that Redis itself tells of. */
    public SourceSettings(String name, int shards, List<String> prefixes, List<Integer> databases) {
        this(name, shards, prefixes, databases, SourceKind.KEYS, JournalSettings.none(), List.of());
    }

    public static SourceSettings defaults() {
        return new SourceSettings("", 8, List.of(""), List.of(0));
    }

    public static SourceSettings of(String name, int shards) {
        return new SourceSettings(name, shards, defaults().prefixes, defaults().databases);
    }

    /** The same keys, told of by their writers in these streams. */
    public SourceSettings journaledIn(JournalSettings streams) {
        return new SourceSettings(name, shards, prefixes, databases, SourceKind.JOURNAL, streams, contacts);
    }

    /** Whether writers tell what they touch. */
    public boolean journaled() {
        return kind == SourceKind.JOURNAL;
    }

    void report(Problems problems) {
        if (name.isEmpty()) {
            problems.unless(false, "source.name is missing; for example prod-rag");
        } else {
            problems.unless(
                    NAME.matcher(name).matches(),
                    "source.name is '" + name + "'; it is 1 to 40 of a-z, 0-9 and '-', for example prod-rag");
        }
        problems.unlessWithin("source.shards", shards, 1, 64);
        reportPrefixes(problems);
        problems.unless(!databases.isEmpty(), "source.databases is empty; for example [0]");
        problems.unless(
                databases.stream().distinct().count() == databases.size(),
                "source.databases names a database twice: " + databases);
        for (int database : databases) {
            problems.unlessWithin("source.databases", database, 0, DATABASES_MAX);
        }
        journal.report(problems, kind);
        problems.unless(
                contacts.size() <= CONTACTS_MAX
                        && contacts.stream()
                                .allMatch(each -> CONTACT.matcher(each).matches()),
                "source.contacts are at most " + CONTACTS_MAX
                        + " lines of at most 200 characters, for example [\"on call: +49 30 1234567\"]");
    }

    /** Redis refuses to track overlapping prefixes, the empty one beside any other too. */
    private void reportPrefixes(Problems problems) {
        problems.unless(!prefixes.isEmpty(), "source.prefixes is empty; for every key write [\"\"]");
        for (int i = 0; i < prefixes.size(); i++) {
            for (int j = i + 1; j < prefixes.size(); j++) {
                String a = prefixes.get(i);
                String b = prefixes.get(j);
                problems.unless(
                        !a.startsWith(b) && !b.startsWith(a),
                        "source.prefixes overlap: '" + a + "' and '" + b + "'; keep the shorter one");
            }
        }
    }
}
