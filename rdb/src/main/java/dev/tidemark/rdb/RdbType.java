package dev.tidemark.rdb;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/** How a value is written down: its code in the file, and where it ends. */
@SuppressWarnings("ImmutableEnumChecker") // A shape is a function without a state.
public enum RdbType {
    STRING(0, RdbInput::skipString),
    LIST(1, in -> in.skipStrings(in.count())),
    SET(2, in -> in.skipStrings(in.count())),
    ZSET(3, ValueShapes::scoresAsText),
    HASH(4, ValueShapes::pairs),
    ZSET_2(5, ValueShapes::scoresInBinary),
    MODULE_2(7, ValueShapes::moduleValue),
    HASH_ZIPMAP(9, RdbInput::skipString),
    LIST_ZIPLIST(10, RdbInput::skipString),
    SET_INTSET(11, RdbInput::skipString),
    ZSET_ZIPLIST(12, RdbInput::skipString),
    HASH_ZIPLIST(13, RdbInput::skipString),
    LIST_QUICKLIST(14, in -> in.skipStrings(in.count())),
    STREAM_LISTPACKS(15, in -> ValueShapes.stream(in, 1)),
    HASH_LISTPACK(16, RdbInput::skipString),
    ZSET_LISTPACK(17, RdbInput::skipString),
    LIST_QUICKLIST_2(18, ValueShapes::nodesWithTheirKind),
    STREAM_LISTPACKS_2(19, in -> ValueShapes.stream(in, 2)),
    SET_LISTPACK(20, RdbInput::skipString),
    STREAM_LISTPACKS_3(21, in -> ValueShapes.stream(in, 3)),
    HASH_METADATA_PRE_GA(22, ValueShapes::expiringFields),
    HASH_LISTPACK_EX_PRE_GA(23, RdbInput::skipString),
    HASH_METADATA(24, ValueShapes::expiringFieldsAfterTheFirstExpiry),
    HASH_LISTPACK_EX(25, ValueShapes::packedAfterTheFirstExpiry);

    private final int code;
    private final Shape shape;

    /** Passes over a value of this type. */
    interface Shape {
        void passOver(RdbInput in) throws IOException;
    }

    RdbType(int code, Shape shape) {
        this.code = code;
        this.shape = shape;
    }

    /** Its first byte, in a file and in a DUMP alike. */
    public int code() {
        return code;
    }

    static Optional<RdbType> of(int code) {
        return code < BY_CODE.length ? Optional.ofNullable(BY_CODE[code]) : Optional.empty();
    }

    void passOver(RdbInput in) throws IOException {
        shape.passOver(in);
    }

    private static final RdbType[] BY_CODE = byCode();

    private static RdbType[] byCode() {
        RdbType[] types = new RdbType[HASH_LISTPACK_EX.code + 1];
        Arrays.stream(values()).forEach(type -> types[type.code] = type);
        return types;
    }
}
