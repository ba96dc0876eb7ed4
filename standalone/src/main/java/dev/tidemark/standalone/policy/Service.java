package dev.tidemark.standalone.policy;

import java.util.Locale;

/** Who is given rights of its own. */
public enum Service {
    CAPTURE,
    COMPACTOR,
    /** Looks, plans and restores; a drill does no more than that and leaves a report. */
    RESTORER,
    /** The one that may delete. */
    PRUNE;

    /** As it is spelt on the command line and in names of users. */
    public String spoken() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The user that the rights are given to; sources on one cluster do not share it. */
    public String user(String source) {
        return "tidemark-%s-%s".formatted(source, spoken());
    }
}
