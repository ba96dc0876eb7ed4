package dev.tidemark.oracle;

import static dev.tidemark.oracle.judge.ValueType.STRING;

import dev.tidemark.oracle.OwnKey.Flavour;
import dev.tidemark.oracle.judge.Operation;
import java.util.ArrayList;
import java.util.List;

/** Strings, bitmaps and HyperLogLogs. */
final class StringRecipes {
    private static final int MEGABYTE = 1 << 20;

    private StringRecipes() {}

    static List<Recipe> all() {
        return List.of(
                new Recipe(
                        Operation.SET,
                        30,
                        d -> d.run("SET", d.any(STRING), d.values().string())),
                new Recipe(
                        Operation.SET_EX,
                        6,
                        d -> d.run("SET", d.any(STRING), d.values().string(), "EX", seconds(d))),
                new Recipe(
                        Operation.SET_PX,
                        12,
                        d -> d.run(
                                "SET",
                                d.any(STRING),
                                d.values().string(),
                                "PX",
                                d.values().ttlMillis())),
                new Recipe(
                        Operation.SET_KEEPTTL,
                        8,
                        d -> d.run("SET", d.pick(STRING), d.values().string(), "KEEPTTL")),
                new Recipe(
                        Operation.SET_GET,
                        5,
                        d -> d.run("SET", d.pick(STRING), d.values().string(), "GET")),
                new Recipe(
                        Operation.SET_NX,
                        5,
                        d -> d.run("SET", d.absent(STRING), d.values().string(), "NX")),
                new Recipe(
                        Operation.SET_XX,
                        5,
                        d -> d.run("SET", d.existing(STRING), d.values().string(), "XX")),
                new Recipe(Operation.SET_SAME_VALUE, 6, StringRecipes::setSameValue),
                new Recipe(
                        Operation.SET_1MB,
                        1,
                        d -> d.run("SET", d.any(STRING), d.values().binary(MEGABYTE))),
                new Recipe(
                        Operation.SET_5MB,
                        1,
                        d -> d.run("SET", d.any(STRING), d.values().binary(5 * MEGABYTE))),
                new Recipe(
                        Operation.SETRANGE,
                        8,
                        d -> d.run(
                                "SETRANGE",
                                d.pick(STRING),
                                d.below(2_000),
                                d.values().binary(1 + d.below(50)))),
                new Recipe(
                        Operation.APPEND,
                        8,
                        d -> d.run("APPEND", d.pick(STRING), d.values().binary(1 + d.below(50)))),
                new Recipe(Operation.INCR, 8, d -> d.run("INCR", d.pick(STRING, Flavour.COUNTER))),
                new Recipe(Operation.INCRBYFLOAT, 8, d -> d.run("INCRBYFLOAT", d.pick(STRING, Flavour.FLOAT), "0.1")),
                new Recipe(Operation.SETBIT, 8, d -> d.run("SETBIT", d.pick(STRING), d.below(8_000), d.below(2))),
                new Recipe(Operation.BITOP, 5, StringRecipes::bitop),
                new Recipe(Operation.GETDEL, 6, d -> d.run("GETDEL", d.existing(STRING))),
                new Recipe(Operation.GETEX, 8, StringRecipes::getex),
                new Recipe(Operation.MSET, 8, StringRecipes::mset),
                new Recipe(
                        Operation.PFADD,
                        10,
                        d -> d.run(
                                "PFADD",
                                d.pick(STRING, Flavour.SKETCH),
                                d.values().binary(8),
                                d.values().binary(8))),
                new Recipe(
                        Operation.PFMERGE,
                        5,
                        d -> d.run(
                                "PFMERGE",
                                d.pick(STRING, Flavour.SKETCH),
                                d.pick(STRING, Flavour.SKETCH),
                                d.pick(STRING, Flavour.SKETCH))));
    }

    private static long seconds(Draft draft) {
        return 1 + draft.values().ttlMillis() / 1_000;
    }

    /** Twice the same: nothing changes, but Redis signals it. */
    private static void setSameValue(Draft draft) throws Draft.NoKeyFree {
        OwnKey key = draft.any(STRING);
        byte[] value = draft.values().string();
        draft.run("SET", key, value);
        draft.run("SET", key, value);
    }

    private static void bitop(Draft draft) throws Draft.NoKeyFree {
        String how = draft.oneIn(2) ? "XOR" : "OR";
        draft.run("BITOP", how, draft.any(STRING), draft.existing(STRING), draft.existing(STRING));
    }

    private static void getex(Draft draft) throws Draft.NoKeyFree {
        if (draft.oneIn(4)) {
            draft.run("GETEX", draft.existing(STRING), "PERSIST");
        } else {
            draft.run("GETEX", draft.existing(STRING), "PX", draft.values().ttlMillis());
        }
    }

    private static void mset(Draft draft) throws Draft.NoKeyFree {
        List<Object> words = new ArrayList<>(List.of("MSET"));
        for (int i = 0; i < 3; i++) {
            words.add(draft.any(STRING));
            words.add(draft.values().string());
        }
        draft.run(words.toArray());
    }
}
