package dev.tidemark.oracle;

import static dev.tidemark.oracle.judge.ValueType.STREAM;
import static dev.tidemark.oracle.judge.ValueType.ZSET;

import dev.tidemark.oracle.judge.Operation;
import java.util.List;

/** Sorted sets, geo sets and streams. */
final class SortedSetAndStreamRecipes {
    private long lastId;

    List<Recipe> all() {
        return List.of(
                new Recipe(
                        Operation.ZADD,
                        30,
                        d -> d.run(
                                "ZADD",
                                d.pick(ZSET),
                                d.values().score(),
                                d.values().element(),
                                d.values().score(),
                                d.values().element())),
                new Recipe(
                        Operation.ZREM,
                        12,
                        d -> d.run(
                                "ZREM",
                                d.existing(ZSET),
                                d.values().element(),
                                d.values().element(),
                                "here")),
                new Recipe(Operation.ZINCRBY, 10, d -> d.run("ZINCRBY", d.pick(ZSET), "0.1", "e" + d.below(16))),
                new Recipe(
                        Operation.ZRANGESTORE,
                        6,
                        d -> d.run("ZRANGESTORE", d.any(ZSET), d.existing(ZSET), 0, d.below(4))),
                new Recipe(
                        Operation.ZUNIONSTORE,
                        6,
                        d -> d.run(
                                "ZUNIONSTORE", d.any(ZSET), 2, d.existing(ZSET), d.existing(ZSET), "AGGREGATE", "MAX")),
                new Recipe(Operation.ZPOPMIN, 8, d -> d.run("ZPOPMIN", d.existing(ZSET), 1 + d.below(4))),
                new Recipe(
                        Operation.GEOADD,
                        8,
                        d -> d.run("GEOADD", d.pick(ZSET), d.below(179), d.below(84), "here", -d.below(179), 1, "e3")),
                new Recipe(Operation.XADD, 24, this::add),
                new Recipe(Operation.XDEL, 8, SortedSetAndStreamRecipes::delete),
                new Recipe(Operation.XTRIM, 6, d -> d.run("XTRIM", d.existing(STREAM), "MAXLEN", d.below(3))));
    }

    /** Ids grow over all streams of the thread, so that XADD succeeds whatever was there before or was renamed over the key. */
    private void add(Draft draft) throws Draft.NoKeyFree {
        OwnKey key = draft.pick(STREAM);
        lastId = Math.max(lastId + 1, draft.nowMillis());
        long id = lastId;
        key.lastStreamId(id);
        draft.run("XADD", key, id + "-1", draft.values().field(), draft.values().string(), "n", draft.below(10));
        if (draft.oneIn(2)) {
            draft.run("XADD", key, id + "-2", "n", draft.below(10));
        }
    }

    private static void delete(Draft draft) throws Draft.NoKeyFree {
        OwnKey key = draft.existing(STREAM);
        draft.run("XDEL", key, key.lastStreamId() + "-1");
    }
}
