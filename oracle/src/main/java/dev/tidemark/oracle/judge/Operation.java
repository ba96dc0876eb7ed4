package dev.tidemark.oracle.judge;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What wrote a state, so that a verdict can say what it was a verdict about. */
public enum Operation {
    SET,
    SET_EX,
    SET_PX,
    SET_KEEPTTL,
    SET_GET,
    SET_NX,
    SET_XX,
    SET_SAME_VALUE,
    SET_1MB,
    SET_5MB,
    SETRANGE,
    APPEND,
    INCR,
    INCRBYFLOAT,
    SETBIT,
    BITOP,
    GETDEL,
    GETEX,
    MSET,
    PFADD,
    PFMERGE,
    HSET_CHUNK,
    HSET_SMALL,
    HSET_1MB,
    HDEL,
    HDEL_TO_EMPTY,
    HINCRBY,
    HSETNX,
    LPUSH,
    RPUSH,
    LPOP_TO_EMPTY,
    LSET,
    LINSERT,
    LTRIM,
    LMOVE,
    SORT_STORE,
    SADD,
    SREM,
    SPOP_TO_EMPTY,
    SMOVE,
    SINTERSTORE,
    SINTERSTORE_EMPTY,
    SUNIONSTORE,
    SDIFFSTORE,
    ZADD,
    ZREM,
    ZINCRBY,
    ZRANGESTORE,
    ZUNIONSTORE,
    ZPOPMIN,
    GEOADD,
    XADD,
    XDEL,
    XTRIM,
    EXPIRE,
    PEXPIREAT,
    PERSIST,
    EXPIRE_IN_THE_PAST,
    DEL,
    UNLINK,
    RENAME,
    RENAMENX,
    COPY,
    COPY_REPLACE,
    RESTORE,
    RESTORE_REPLACE,
    RECREATE_AS_OTHER_TYPE,
    TRANSACTION,
    EVAL,

    /** Since Redis 7.4: fields of hashes that expire. */
    HPEXPIREAT,
    HPERSIST,
    /** Since Redis 8.0: vector sets, and fields that are read and changed in one. */
    VADD,
    VREM,
    VSETATTR,
    HSETEX,
    HGETEX,
    HGETDEL,

    /** Without observation: whole values whose outcome is known from the command alone. */
    PLAIN_SET,
    PLAIN_SET_PXAT,
    PLAIN_HSET,
    PLAIN_DEL,

    /** Not ours: the state the oracle found when it began. */
    FOUND,
    /** Not ours: the state the oracle found after the server's data had been replaced. */
    WORLD_REPLACED;

    /** What the observed mode does on every server. */
    public static Set<Operation> observed() {
        return Collections.unmodifiableSet(EnumSet.range(SET, EVAL));
    }

    /** What it does besides where hashes have fields that expire. */
    public static Set<Operation> ofExpiringFields() {
        return Collections.unmodifiableSet(EnumSet.of(HPEXPIREAT, HPERSIST));
    }

    /** What it does besides where there are vector sets: on Redis 8. */
    public static Set<Operation> ofRedis8() {
        return Collections.unmodifiableSet(EnumSet.range(VADD, HGETDEL));
    }

    /** What the plain mode does. */
    public static Set<Operation> plain() {
        return Collections.unmodifiableSet(EnumSet.range(PLAIN_SET, PLAIN_DEL));
    }
}
