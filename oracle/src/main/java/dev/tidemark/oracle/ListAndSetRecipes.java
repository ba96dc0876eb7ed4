package dev.tidemark.oracle;

import static dev.tidemark.oracle.judge.ValueType.LIST;
import static dev.tidemark.oracle.judge.ValueType.SET;

import dev.tidemark.oracle.judge.Operation;
import java.util.List;

/** Lists and sets, down to empty, which deletes them. */
final class ListAndSetRecipes {
    private static final int MORE_THAN_ANY = 1_000_000;

    private ListAndSetRecipes() {}

    static List<Recipe> all() {
        return List.of(
                new Recipe(Operation.LPUSH, 14, d -> push(d, "LPUSH")),
                new Recipe(Operation.RPUSH, 14, d -> push(d, "RPUSH")),
                new Recipe(Operation.LPOP_TO_EMPTY, 6, d -> d.run("LPOP", d.existing(LIST), MORE_THAN_ANY)),
                new Recipe(
                        Operation.LSET,
                        6,
                        d -> d.run("LSET", d.existing(LIST), 0, d.values().string())),
                new Recipe(
                        Operation.LINSERT,
                        10,
                        d -> d.run(
                                "LINSERT",
                                d.existing(LIST),
                                "AFTER",
                                d.values().element(),
                                d.values().element())),
                new Recipe(Operation.LTRIM, 6, d -> d.run("LTRIM", d.existing(LIST), 1, 20)),
                new Recipe(Operation.LMOVE, 8, d -> d.run("LMOVE", d.existing(LIST), d.pick(LIST), "LEFT", "RIGHT")),
                new Recipe(
                        Operation.SORT_STORE,
                        6,
                        d -> d.run(
                                "SORT",
                                d.oneIn(2) ? d.existing(LIST) : d.existing(SET),
                                "ALPHA",
                                "STORE",
                                d.any(LIST))),
                new Recipe(Operation.SADD, 30, d -> add(d)),
                new Recipe(
                        Operation.SREM,
                        8,
                        d -> d.run(
                                "SREM",
                                d.existing(SET),
                                d.values().element(),
                                d.values().element())),
                new Recipe(Operation.SPOP_TO_EMPTY, 6, d -> d.run("SPOP", d.existing(SET), MORE_THAN_ANY)),
                new Recipe(
                        Operation.SMOVE,
                        14,
                        d -> d.run(
                                "SMOVE",
                                d.existing(SET),
                                d.pick(SET),
                                d.values().element())),
                new Recipe(Operation.SINTERSTORE, 8, d -> store(d, "SINTERSTORE")),
                new Recipe(Operation.SINTERSTORE_EMPTY, 6, ListAndSetRecipes::storeEmpty),
                new Recipe(Operation.SUNIONSTORE, 6, d -> store(d, "SUNIONSTORE")),
                new Recipe(Operation.SDIFFSTORE, 8, d -> store(d, "SDIFFSTORE")));
    }

    private static void push(Draft draft, String command) throws Draft.NoKeyFree {
        draft.run(
                command,
                draft.pick(LIST),
                draft.values().element(),
                draft.values().element(),
                draft.values().string());
    }

    private static void add(Draft draft) throws Draft.NoKeyFree {
        if (draft.oneIn(3)) {
            // Integers alone are kept in another encoding.
            draft.run("SADD", draft.pick(SET), draft.below(50), draft.below(70_000), -draft.below(50));
        } else {
            draft.run(
                    "SADD",
                    draft.pick(SET),
                    draft.values().element(),
                    draft.values().element(),
                    draft.below(50));
        }
    }

    private static void store(Draft draft, String command) throws Draft.NoKeyFree {
        draft.run(command, draft.any(SET), draft.existing(SET), draft.existing(SET));
    }

    /** An empty result deletes the destination, whatever it held. */
    private static void storeEmpty(Draft draft) throws Draft.NoKeyFree {
        OwnKey destination = draft.existing();
        draft.mayBecome(destination, SET);
        draft.run("SINTERSTORE", destination, draft.existing(SET), draft.absent(SET));
    }
}
