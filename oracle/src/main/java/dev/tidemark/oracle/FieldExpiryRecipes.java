package dev.tidemark.oracle;

import static dev.tidemark.oracle.judge.ValueType.HASH;

import dev.tidemark.oracle.OwnKey.Flavour;
import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.Operation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Fields of hashes that expire, since Redis 7.4. They expire long after every test: what is judged is that the time comes
 * back, to the millisecond.
 */
final class FieldExpiryRecipes {
    private static final long HOUR_MILLIS = 3_600_000;
    private static final String[] FIELDS = Values.allFields();

    private FieldExpiryRecipes() {}

    static List<Recipe> all() {
        return List.of(
                new Recipe(Operation.HPEXPIREAT, 8, FieldExpiryRecipes::expire),
                new Recipe(Operation.HPERSIST, 8, FieldExpiryRecipes::persist),
                new Recipe(Operation.HSETEX, 8, FieldExpiryRecipes::setExpiring),
                new Recipe(Operation.HGETEX, 8, FieldExpiryRecipes::readAndExpire),
                new Recipe(
                        Operation.HGETDEL,
                        8,
                        draft -> draft.run("HGETDEL", draft.existing(HASH), "FIELDS", 2, field(draft), "metadata")));
    }

    private static void expire(Draft draft) throws Draft.NoKeyFree {
        OwnKey key = draft.pick(HASH, Flavour.NONE);
        String field = field(draft);
        draft.run("HSET", key, field, draft.values().string());
        draft.run("HPEXPIREAT", key, expiry(draft), "FIELDS", 1, field);
    }

    private static void persist(Draft draft) throws Draft.NoKeyFree {
        OwnKey key = draft.pick(HASH, Flavour.NONE);
        String lasting = FIELDS[0];
        draft.run("HSET", key, lasting, draft.values().string(), FIELDS[1], "expires");
        draft.run("HPEXPIREAT", key, expiry(draft), "FIELDS", 2, lasting, FIELDS[1]);
        draft.run("HPERSIST", key, "FIELDS", 1, lasting);
    }

    private static void setExpiring(Draft draft) throws Draft.NoKeyFree {
        OwnKey key = draft.pick(HASH, Flavour.NONE);
        draft.run(
                "HSETEX",
                key,
                "PXAT",
                expiry(draft),
                "FIELDS",
                1,
                field(draft),
                draft.values().string());
    }

    private static void readAndExpire(Draft draft) throws Draft.NoKeyFree {
        OwnKey key = draft.pick(HASH, Flavour.NONE);
        String lasting = FIELDS[0];
        draft.run("HSET", key, lasting, draft.values().string(), FIELDS[1], "expires");
        draft.run("HGETEX", key, "PXAT", expiry(draft), "FIELDS", 2, lasting, FIELDS[1]);
        draft.run("HGETEX", key, "PERSIST", "FIELDS", 1, lasting);
    }

    private static String field(Draft draft) {
        return FIELDS[draft.below(FIELDS.length)];
    }

    private static long expiry(Draft draft) {
        return draft.nowMillis() + HOUR_MILLIS + draft.below((int) HOUR_MILLIS);
    }

    static Command expiryTimes(Key key) {
        List<Object> words = new ArrayList<>(List.of("HPEXPIRETIME", key, "FIELDS", FIELDS.length));
        words.addAll(List.of(FIELDS));
        return Command.of(words.toArray());
    }

    /** Of the fields that expire. */
    static Map<String, Long> expiries(Reply times) {
        Map<String, Long> expiries = new HashMap<>();
        List<Reply> told = times.items();
        for (int i = 0; i < told.size(); i++) {
            if (told.get(i).number() > 0) {
                expiries.put(FIELDS[i], told.get(i).number());
            }
        }
        return expiries;
    }
}
