package dev.tidemark.schemas.settings;

/** Who is about to run: settings that only one of them needs are missing for that one alone. */
public enum Role {
    CAPTURE(true),
    COMPACTOR(false),
    BASELINE(true),
    RESTORER(false),
    PRUNE(false);

    private final boolean readsRedis;

    Role(boolean readsRedis) {
        this.readsRedis = readsRedis;
    }

    boolean readsRedis() {
        return readsRedis;
    }
}
