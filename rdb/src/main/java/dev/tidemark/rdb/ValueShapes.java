package dev.tidemark.rdb;

import java.io.IOException;

/** Where the values end that are more than one string. */
final class ValueShapes {
    private static final int STREAM_ID_BYTES = 16;
    private static final int TIME_BYTES = 8;
    private static final int DOUBLE_BYTES = 8;
    private static final int FLOAT_BYTES = 4;

    /** A score as text has its length before it; from here on the length is itself the score: NaN and the infinities. */
    private static final int SCORES_WITHOUT_TEXT = 253;

    private ValueShapes() {}

    static void pairs(RdbInput in) throws IOException {
        for (long left = in.count(); left > 0; left--) {
            in.skipStrings(2);
        }
    }

    static void scoresAsText(RdbInput in) throws IOException {
        for (long left = in.count(); left > 0; left--) {
            in.skipString();
            int length = in.octet();
            in.skip(length < SCORES_WITHOUT_TEXT ? length : 0);
        }
    }

    static void scoresInBinary(RdbInput in) throws IOException {
        for (long left = in.count(); left > 0; left--) {
            in.skipString();
            in.skip(DOUBLE_BYTES);
        }
    }

    static void nodesWithTheirKind(RdbInput in) throws IOException {
        for (long left = in.count(); left > 0; left--) {
            in.number();
            in.skipString();
        }
    }

    static void expiringFields(RdbInput in) throws IOException {
        for (long left = in.count(); left > 0; left--) {
            in.number();
            in.skipStrings(2);
        }
    }

    static void expiringFieldsAfterTheFirstExpiry(RdbInput in) throws IOException {
        in.skip(TIME_BYTES);
        expiringFields(in);
    }

    static void packedAfterTheFirstExpiry(RdbInput in) throws IOException {
        in.skip(TIME_BYTES);
        in.skipString();
    }

    /** @param edition 2 has a stream's first id and its counters, 3 when a consumer was last active */
    static void stream(RdbInput in, int edition) throws IOException {
        for (long left = in.count(); left > 0; left--) {
            in.skipStrings(2);
        }
        numbers(in, 3);
        if (edition >= 2) {
            numbers(in, 5);
        }
        for (long groups = in.count(); groups > 0; groups--) {
            group(in, edition);
        }
    }

    private static void group(RdbInput in, int edition) throws IOException {
        in.skipString();
        numbers(in, edition >= 2 ? 3 : 2);
        for (long pending = in.count(); pending > 0; pending--) {
            in.skip(STREAM_ID_BYTES + TIME_BYTES);
            in.number();
        }
        for (long consumers = in.count(); consumers > 0; consumers--) {
            in.skipString();
            in.skip(edition >= 3 ? 2 * TIME_BYTES : TIME_BYTES);
            for (long pending = in.count(); pending > 0; pending--) {
                in.skip(STREAM_ID_BYTES);
            }
        }
    }

    static void moduleValue(RdbInput in) throws IOException {
        in.number();
        moduleParts(in);
    }

    /** What a module writes, each part with its kind before it, so that whoever lacks the module can pass over it. */
    static void moduleParts(RdbInput in) throws IOException {
        for (long kind = in.number(); kind != 0; kind = in.number()) {
            switch ((int) Math.min(Math.max(kind, -1), Integer.MAX_VALUE)) {
                case 1, 2 -> in.number();
                case 3 -> in.skip(FLOAT_BYTES);
                case 4 -> in.skip(DOUBLE_BYTES);
                case 5 -> in.skipString();
                default -> throw in.damaged("a part of a module's value of the unknown kind " + kind);
            }
        }
    }

    private static void numbers(RdbInput in, int numbers) throws IOException {
        for (int i = 0; i < numbers; i++) {
            in.number();
        }
    }
}
