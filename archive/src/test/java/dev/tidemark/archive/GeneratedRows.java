package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Value;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;

/** Rows as nasty as Redis allows. */
final class GeneratedRows {
    private static final long NOW_MICROS = 1_763_647_200_000_000L;
    private static final int[] ODD_FLOATS = {0x7fc00001, 0xffc00000, 0x80000000, 0x00000001, 0x7f800000, 0x7f7fffff};

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
        return switch (random.nextInt(12)) {
            case 0 -> new EpochClaimed(epoch, time);
            case 1 ->
                new ResyncBegun(epoch, time, random.nextBoolean() ? "" : "run id changed: \u00e4\u20ac\ud83d\ude00");
            case 2 -> new ResyncEnded(epoch, time, random.nextLong(1L << 40));
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
        return switch (random.nextInt(4)) {
            case 0 -> new Value.Absent();
            case 1 -> new Value.Text(bytes(random.nextInt(300)));
            case 2 -> new Value.Opaque(random.nextBoolean() ? "zset" : "hash", bytes(random.nextInt(300)));
            default -> hash();
        };
    }

    private Value hash() {
        Map<Bytes, Bytes> fields = new LinkedHashMap<>();
        int count = 1 + random.nextInt(8);
        for (int i = 0; i < count; i++) {
            fields.put(bytes(random.nextInt(6)), bytes(random.nextInt(40)));
        }
        fields.put(Bytes.utf8("embedding"), floats());
        return new Value.Hash(fields.entrySet().stream()
                .map(each -> new Value.Field(each.getKey(), each.getValue()))
                .toList());
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
}
