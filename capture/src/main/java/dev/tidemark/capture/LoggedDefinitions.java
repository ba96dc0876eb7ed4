package dev.tidemark.capture;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.log.LogRow.Definitions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Which definitions an epoch has logged last, and so what is new. */
final class LoggedDefinitions {
    private static final Bytes UNKNOWN = Bytes.empty();

    private final Map<String, Bytes> digests = new TreeMap<>();
    /** In which all indexes that there are were named last. */
    private Optional<Hour> named = Optional.empty();

    /**
     * What an epoch begins with that goes on from the claims of the one before, whose owner may have logged libraries and
     * indexes that nobody finds any more: so it says of both that they are gone where they are. Which indexes that one knew,
     * nobody tells, so it is said of all that an epoch before has logged.
     */
    static LoggedDefinitions ofNextEpoch() {
        LoggedDefinitions next = new LoggedDefinitions();
        next.digests.put(Definitions.FUNCTIONS, UNKNOWN);
        next.digests.put(Definitions.INDEX, UNKNOWN);
        return next;
    }

    /**
     * The rows that are due, and are taken to be written from now on. Indexes are due once in each hour: a snapshot holds
     * libraries and no indexes, and so a restore that begins with one finds them near it.
     *
     * @param all whether everything is due that is there, because a base begins here
     */
    List<Definitions> due(long epoch, long timeMicros, ServerDefinitions found, boolean all) {
        List<Definitions> rows = new ArrayList<>();
        Optional<Hour> hour = Optional.of(Hour.of(timeMicros));
        boolean allIndexes = all || !hour.equals(named);
        named = hour;
        new TreeMap<>(found.payloads()).forEach((kind, payload) -> {
            Bytes digest = digest(payload);
            boolean isDue = kind.startsWith(Definitions.INDEX) ? allIndexes : all;
            if (!digest.equals(digests.put(kind, digest)) || isDue) {
                rows.add(new Definitions(epoch, timeMicros, kind, digest, payload));
            }
        });
        // Last: if the end comes in between, too much is in force until the next epoch, and never too little.
        for (String kind : List.copyOf(digests.keySet())) {
            if (!found.payloads().containsKey(kind) && found.tellsOf(kind)) {
                digests.remove(kind);
                rows.add(new Definitions(epoch, timeMicros, kind, digest(Bytes.empty()), Bytes.empty()));
            }
        }
        return rows;
    }

    private static Bytes digest(Bytes payload) {
        try {
            return Bytes.wrap(MessageDigest.getInstance("SHA-256").digest(payload.array()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
