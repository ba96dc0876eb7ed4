package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Value;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;

/** Rows as nasty as Redis allows. */
final class GeneratedRows {
    private static final long NOW_MICROS = 1_763_647_200_000_000L;
    private static final int[] ODD_FLOATS = {
        0x7fc00001, 0xffc00000, 0x80000000, 0x00000001, 0x7f800000, 0x7f7fffff, 0x7f800001, 0xffa5a5a5, 0x7fffffff
    };

    private final Random random;

    GeneratedRows(long seed) {
        this.random = new Random(seed);
    }

    /** Rows at offsets with gaps between them, all below {@code frontier + 3 * count + 1}. */
    List<ArchivedRow> rows(long frontier, int count) {
        List<ArchivedRow> rows = new ArrayList<>();
        long offset = frontier;
        for (int i = 0; i < count; i++) {
            offset += random.nextInt(3);
            rows.add(new ArchivedRow(offset, row()));
            offset++;
        }
        return rows;
    }

    LogRow row() {
        long epoch = random.nextInt(100);
        long time = NOW_MICROS + random.nextInt(1_000_000);
        return switch (random.nextInt(13)) {
            case 0 -> new EpochClaimed(epoch, time);
            case 1 ->
                new ResyncBegun(epoch, time, random.nextBoolean() ? "" : "run id changed: \u00e4\u20ac\ud83d\ude00");
            case 2 -> new ResyncEnded(epoch, time, random.nextLong(1L << 40));
            case 3 ->
                new Definitions(
                        epoch,
                        time,
                        random.nextBoolean() ? "functions" : "index:\u00e4",
                        bytes(16),
                        bytes(random.nextInt(99)));
            default ->
                new Change(
                        epoch,
                        time,
                        time - random.nextInt(2_000_000),
                        random.nextInt(16),
                        key(),
                        value(),
                        random.nextBoolean() ? OptionalLong.of(random.nextLong(1L << 45)) : OptionalLong.empty(),
                        random.nextBoolean() ? "" : "hset");
        };
    }

    LogRow text(String key, int length) {
        return new Change(
                1,
                NOW_MICROS,
                NOW_MICROS,
                0,
                Bytes.utf8(key),
                new Value.Text(bytes(length)),
                OptionalLong.empty(),
                "set");
    }

    private Bytes key() {
        return switch (random.nextInt(5)) {
            case 0 -> Bytes.empty();
            case 1 -> Bytes.utf8("chunk:{doc" + random.nextInt(10) + "}:\u00fc\ud83d\ude00\u0000");
            case 2 -> Bytes.wrap(new byte[] {(byte) 0xc3, (byte) 0x28, 0, (byte) 0xff});
            // An encoded surrogate: three well-formed bytes that are no UTF-8.
            case 3 -> Bytes.wrap(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80});
            default -> bytes(random.nextInt(60));
        };
    }

    private Value value() {
        return switch (random.nextInt(5)) {
            case 0 -> new Value.Absent();
            case 4 -> blob();
            case 1 -> new Value.Text(bytes(random.nextInt(300)));
            case 2 -> new Value.Opaque(random.nextBoolean() ? "zset" : "hash", bytes(random.nextInt(300)));
            default -> hash();
        };
    }

    private Value blob() {
        boolean isString = random.nextBoolean();
        return new Value.Blob(
                isString ? "string" : "zset",
                isString ? Value.Encoding.RAW : Value.Encoding.DUMP,
                bytes(32),
                random.nextLong(1L << 32),
                LocalDate.ofEpochDay(random.nextInt(40_000)));
    }

    private Value hash() {
        Map<Bytes, Bytes> fields = new LinkedHashMap<>();
        int count = 1 + random.nextInt(8);
        for (int i = 0; i < count; i++) {
            fields.put(bytes(random.nextInt(6)), bytes(random.nextInt(40)));
        }
        for (String name : List.of("chunk_id", "doc_id", "text", "metadata", "other")) {
            if (random.nextBoolean()) {
                fields.put(Bytes.utf8(name), textOrNot());
            }
        }
        if (random.nextInt(3) > 0) {
            fields.put(Bytes.utf8("text_embedding"), embedding());
        }
        List<Value.Field> shuffled = new ArrayList<>();
        fields.forEach((name, value) -> shuffled.add(new Value.Field(name, value)));
        Collections.shuffle(shuffled, random);
        return new Value.Hash(shuffled);
    }

    private Bytes textOrNot() {
        return switch (random.nextInt(4)) {
            case 0 -> Bytes.empty();
            case 1 -> Bytes.utf8("{\"a\": 1, \"a\": \"\u20ac\ud83d\ude00\u0000\"}");
            case 2 -> Bytes.wrap(new byte[] {(byte) 0xc3, (byte) 0x28});
            default -> bytes(random.nextInt(20));
        };
    }

    /** Whole floats with every odd bit pattern there is, or bytes that are none. */
    private Bytes embedding() {
        return switch (random.nextInt(4)) {
            case 0 -> floats();
            case 1 -> bytes(4 * random.nextInt(40));
            default -> bytes(random.nextInt(10));
        };
    }

    private Bytes floats() {
        ByteBuffer buffer = ByteBuffer.allocate(4 * ODD_FLOATS.length);
        for (int bits : ODD_FLOATS) {
            buffer.putInt(bits);
        }
        return Bytes.wrap(buffer.array());
    }

    Bytes bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    /** What is left of a row where nobody asks what hashes hold. */
    static ArchivedRow outline(ArchivedRow row) {
        if (!(row.row() instanceof Change change) || !(change.value() instanceof Value.Hash)) {
            return row;
        }
        return new ArchivedRow(
                row.offset(),
                new Change(
                        change.epoch(),
                        change.timeMicros(),
                        change.touchedAfterMicros(),
                        change.db(),
                        change.key(),
                        new Value.Opaque("hash", Bytes.empty()),
                        change.expireAtMillis(),
                        change.event()));
    }
}
