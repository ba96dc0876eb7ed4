package dev.tidemark.rdb;

import dev.tidemark.schemas.Bytes;

/** What TYPE calls the type of a value. */
public final class TypeName {
    /** Of Redis 8's own module. */
    public static final String VECTOR_SET = "vectorset";

    /** Of a value, that tell a module's own type. */
    public static final int BEGINNING_BYTES = 9;

    private static final String MODULE_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private static final int MODULE_NAME_LENGTH = 9;
    private static final int MODULE_VERSION_BITS = 10;
    private static final int BITS_A_CHARACTER = 6;
    private static final int NUMBER_OF_64_BITS = 0x81;

    private TypeName() {}

    /**
     * The name of the type.
     *
     * @param beginning of the value as it stands in a snapshot; a module's own type is told in its first {@link #BEGINNING_BYTES}
     */
    public static String of(RdbType type, Bytes beginning) {
        return switch (type) {
            case STRING -> "string";
            case LIST, LIST_ZIPLIST, LIST_QUICKLIST, LIST_QUICKLIST_2 -> "list";
            case SET, SET_INTSET, SET_LISTPACK -> "set";
            case ZSET, ZSET_2, ZSET_ZIPLIST, ZSET_LISTPACK -> "zset";
            case HASH,
                    HASH_ZIPMAP,
                    HASH_ZIPLIST,
                    HASH_LISTPACK,
                    HASH_METADATA_PRE_GA,
                    HASH_LISTPACK_EX_PRE_GA,
                    HASH_METADATA,
                    HASH_LISTPACK_EX -> "hash";
            case STREAM_LISTPACKS, STREAM_LISTPACKS_2, STREAM_LISTPACKS_3 -> "stream";
            case MODULE_2 -> module(beginning);
        };
    }

    private static String module(Bytes beginning) {
        if (beginning.length() <= Long.BYTES || (beginning.at(0) & 0xff) != NUMBER_OF_64_BITS) {
            throw new IllegalArgumentException("a module's value that does not begin with its type");
        }
        long id = 0;
        for (int i = 1; i <= Long.BYTES; i++) {
            id = (id << 8) | (beginning.at(i) & 0xff);
        }
        StringBuilder name = new StringBuilder();
        for (int i = MODULE_NAME_LENGTH - 1; i >= 0; i--) {
            int character = (int) (id >>> (MODULE_VERSION_BITS + i * BITS_A_CHARACTER)) & 0x3f;
            name.append(MODULE_CHARACTERS.charAt(character));
        }
        return name.toString();
    }
}
