package dev.tidemark.oracle;

import static dev.tidemark.oracle.judge.ValueType.HASH;
import static dev.tidemark.oracle.judge.ValueType.LIST;
import static dev.tidemark.oracle.judge.ValueType.SET;
import static dev.tidemark.oracle.judge.ValueType.STRING;
import static dev.tidemark.oracle.judge.ValueType.ZSET;

import dev.tidemark.oracle.judge.Operation;
import dev.tidemark.oracle.judge.ValueType;
import java.io.IOException;
import java.util.List;

/** What works on keys of any type, and on several at once. */
final class KeyRecipes {
    private static final String SCRIPT = """
            redis.call('SET', KEYS[1], ARGV[1])
            redis.call('PEXPIRE', KEYS[1], ARGV[2])
            redis.call('DEL', KEYS[2])
            redis.call('RPUSH', KEYS[2], ARGV[1], 'from a script')
            redis.call('UNLINK', KEYS[3])
            return redis.call('HSET', KEYS[3], 'a', ARGV[1], 'b', ARGV[2])
            """;

    private KeyRecipes() {}

    static List<Recipe> all() {
        return List.of(
                new Recipe(
                        Operation.EXPIRE,
                        10,
                        d -> d.run("EXPIRE", d.existing(), 1 + d.values().ttlMillis() / 1_000)),
                new Recipe(
                        Operation.PEXPIREAT,
                        20,
                        d -> d.run(
                                "PEXPIREAT",
                                d.existing(),
                                d.nowMillis() + d.values().ttlMillis())),
                new Recipe(Operation.PERSIST, 16, KeyRecipes::persist),
                new Recipe(Operation.EXPIRE_IN_THE_PAST, 6, d -> d.run("EXPIRE", d.existing(), -1)),
                new Recipe(Operation.DEL, 12, d -> d.run("DEL", d.existing(), d.existing())),
                new Recipe(Operation.UNLINK, 12, d -> d.run("UNLINK", d.existing(), d.existing())),
                new Recipe(Operation.RENAME, 12, d -> rename(d, "RENAME", d.existing(), d.existing())),
                new Recipe(Operation.RENAMENX, 6, KeyRecipes::renameToAbsent),
                new Recipe(Operation.COPY, 8, KeyRecipes::copyToAbsent),
                new Recipe(Operation.COPY_REPLACE, 8, KeyRecipes::copyOver),
                new Recipe(Operation.RESTORE, 6, KeyRecipes::restoreToAbsent),
                new Recipe(Operation.RESTORE_REPLACE, 6, KeyRecipes::restoreOver),
                new Recipe(Operation.RECREATE_AS_OTHER_TYPE, 10, KeyRecipes::recreate),
                new Recipe(Operation.TRANSACTION, 10, KeyRecipes::transaction),
                new Recipe(Operation.EVAL, 10, KeyRecipes::script));
    }

    private static void persist(Draft draft) throws Draft.NoKeyFree {
        OwnKey key = draft.existing();
        if (draft.oneIn(2)) {
            draft.run("PEXPIRE", key, draft.values().ttlMillis());
        }
        draft.run("PERSIST", key);
    }

    private static void renameToAbsent(Draft draft) throws Draft.NoKeyFree {
        OwnKey from = draft.existing();
        rename(draft, "RENAMENX", from, draft.absent(from.type()));
    }

    private static void rename(Draft draft, String command, OwnKey from, OwnKey to) {
        becomeLike(draft, from, to);
        draft.run(command, from, to);
    }

    private static void becomeLike(Draft draft, OwnKey from, OwnKey to) {
        draft.mayBecome(to, from.type());
        to.flavour(from.flavour());
        to.lastStreamId(from.lastStreamId());
    }

    private static void copyToAbsent(Draft draft) throws Draft.NoKeyFree {
        OwnKey from = draft.existing();
        draft.run("COPY", from, draft.absent(from.type()));
    }

    private static void copyOver(Draft draft) throws Draft.NoKeyFree {
        OwnKey from = draft.existing();
        OwnKey to = draft.existing();
        becomeLike(draft, from, to);
        draft.run("COPY", from, to, "REPLACE");
    }

    private static void restoreToAbsent(Draft draft) throws Draft.NoKeyFree, IOException {
        OwnKey from = draft.existing();
        OwnKey to = draft.absent(from.type());
        draft.run("RESTORE", to, draft.nowMillis() + draft.values().ttlMillis(), draft.dumpOf(from), "ABSTTL");
    }

    private static void restoreOver(Draft draft) throws Draft.NoKeyFree, IOException {
        OwnKey from = draft.existing();
        OwnKey to = draft.existing();
        becomeLike(draft, from, to);
        draft.run("RESTORE", to, 0, draft.dumpOf(from), "REPLACE");
    }

    private static void recreate(Draft draft) throws Draft.NoKeyFree {
        OwnKey key = draft.existing();
        ValueType other = key.type() == ZSET ? SET : ZSET;
        draft.mayBecome(key, other);
        draft.run("DEL", key);
        if (other == ZSET) {
            draft.run("ZADD", key, draft.values().score(), draft.values().element());
        } else {
            draft.run("SADD", key, draft.values().element());
        }
    }

    private static void transaction(Draft draft) throws Draft.NoKeyFree {
        OwnKey counter = draft.pick(STRING, OwnKey.Flavour.COUNTER);
        draft.run("INCR", counter);
        draft.run(
                "HSET", draft.pick(HASH), draft.values().field(), draft.values().string());
        draft.run("SADD", draft.pick(SET), draft.values().element());
        draft.run("DEL", draft.existing());
        draft.run("INCR", counter);
    }

    private static void script(Draft draft) throws Draft.NoKeyFree {
        draft.run(
                "EVAL",
                SCRIPT,
                3,
                draft.any(STRING),
                draft.any(LIST),
                draft.any(HASH),
                draft.values().string(),
                draft.values().ttlMillis());
    }
}
