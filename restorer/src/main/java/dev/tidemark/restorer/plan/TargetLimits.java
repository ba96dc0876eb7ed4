package dev.tidemark.restorer.plan;

import java.util.Optional;

/**
 * What a server can take in, by its own account.
 *
 * @param payloadVersionMax of what it restores; of a snapshot, the newest encodings that it loads
 * @param hasModules whether any module is there; which types it brings nobody tells
 * @param readsFooters whether each value comes with the version that dumped it, which is compared before the value is looked at
 */
public record TargetLimits(int payloadVersionMax, boolean takesVectorSets, boolean hasModules, boolean readsFooters) {
    /** Of Redis 7.4 and 8. */
    private static final int NEWEST = 12;

    private static final int OF_REDIS_6 = 9;
    private static final int OF_REDIS_7 = 10;
    private static final int OF_REDIS_7_2 = 11;
    private static final int MODULE = 7;
    private static final int FIRST_OF_REDIS_7 = 16;
    private static final int FIRST_OF_REDIS_7_2 = 20;
    private static final int FIRST_WITH_EXPIRING_FIELDS = 22;
    private static final String VECTOR_SET = "vectorset";

    /** A file, which takes everything. */
    public static TargetLimits none() {
        return new TargetLimits(Integer.MAX_VALUE, true, true, false);
    }

    /** What a server of that version takes that does not tell the version of its dumps. */
    public static int payloadVersionOf(int major, int minor, boolean isValkey) {
        if (major < 7) {
            return OF_REDIS_6;
        }
        if (major > 7 || minor >= 4) {
            return isValkey ? OF_REDIS_7_2 : NEWEST;
        }
        return minor >= 2 ? OF_REDIS_7_2 : OF_REDIS_7;
    }

    /** Both servers' at once. */
    public TargetLimits and(TargetLimits other) {
        return new TargetLimits(
                Math.min(payloadVersionMax, other.payloadVersionMax),
                takesVectorSets && other.takesVectorSets,
                hasModules && other.hasModules,
                readsFooters || other.readsFooters);
    }

    /** Whether there is anything that some source has and this does not take. */
    public boolean mayRefuse() {
        return payloadVersionMax < NEWEST || !takesVectorSets || !hasModules;
    }

    public boolean takesLibraries() {
        return payloadVersionMax >= OF_REDIS_7;
    }

    /**
     * What it cannot take, in words without the key; empty for what it takes.
     *
     * @param type as TYPE names it
     * @param encoding the first byte of its dump
     * @param version in the footer
     */
    public Optional<String> refusal(String type, int encoding, int version) {
        if (type.equals(VECTOR_SET)) {
            return takesVectorSets ? Optional.empty() : Optional.of("vector sets");
        }
        if (encoding == MODULE && !hasModules) {
            return Optional.of("values of the module type " + type);
        }
        if (encoding >= FIRST_WITH_EXPIRING_FIELDS && payloadVersionMax < NEWEST) {
            return Optional.of("hashes whose fields expire");
        }
        int needed = readsFooters ? Math.max(version, versionOf(encoding)) : versionOf(encoding);
        return needed > payloadVersionMax
                ? Optional.of("%ss as version %d writes them".formatted(type, needed))
                : Optional.empty();
    }

    private static int versionOf(int encoding) {
        if (encoding < FIRST_OF_REDIS_7) {
            return OF_REDIS_6;
        }
        if (encoding < FIRST_OF_REDIS_7_2) {
            return OF_REDIS_7;
        }
        return encoding < FIRST_WITH_EXPIRING_FIELDS ? OF_REDIS_7_2 : NEWEST;
    }
}
