package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A chunk's hash becomes columns, and the columns become the same hash, byte for byte. */
class ChunkRoundTripTest {
    /** A million takes minutes: {@code -Dtidemark.roundtrip.chunks=1000000}. */
    private static final int CHUNKS = Integer.getInteger("tidemark.roundtrip.chunks", 20_000);

    private static final int CHUNKS_A_SEGMENT = 5_000;
    private static final long SEED = 20261120;

    /**
     * What a store of chunks may hold and no schema would allow.
     *
     * @param columns which of its fields become columns all the same
     */
    private record Odd(String name, String columns, List<Field> fields) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static List<Odd> odd() {
        return List.of(
                new Odd(
                        "nothing in any field",
                        "chunk_id:chunk_id,doc_id:doc_id,text:text,*1,metadata:metadata",
                        chunk("", "", "", Bytes.empty(), "")),
                new Odd(
                        "duplicate keys in json",
                        "chunk_id:chunk_id,doc_id:doc_id,text:text,embedding:text_embedding,metadata:metadata",
                        chunk("c", "d", "t", floats(1f), "{\"a\": 1, \"a\": 2,  \"b\":1.0e0}")),
                new Odd(
                        "no json at all",
                        "chunk_id:chunk_id,doc_id:doc_id,text:text,embedding:text_embedding,metadata:metadata",
                        chunk("c", "d", "t", floats(1f), "{'a': None")),
                new Odd(
                        "embedding of 1 byte",
                        "chunk_id:chunk_id,doc_id:doc_id,text:text,*1,metadata:metadata",
                        chunk("c", "d", "t", Bytes.wrap(new byte[] {7}), "{}")),
                new Odd(
                        "embedding of 3 bytes",
                        "chunk_id:chunk_id,doc_id:doc_id,text:text,*1,metadata:metadata",
                        chunk("c", "d", "t", Bytes.wrap(new byte[] {1, 2, 3}), "{}")),
                new Odd(
                        "embedding of one float",
                        "chunk_id:chunk_id,doc_id:doc_id,text:text,embedding:text_embedding,metadata:metadata",
                        chunk("c", "d", "t", floats(-0f), "{}")),
                new Odd(
                        "text that is no utf8",
                        "chunk_id:chunk_id,doc_id:doc_id,*1,embedding:text_embedding,metadata:metadata",
                        chunk(
                                "c",
                                "d",
                                Bytes.wrap(new byte[] {'a', (byte) 0xc3, 0x28, (byte) 0xff}),
                                floats(1f),
                                "{}")),
                new Odd(
                        "text with nuls and planes",
                        "chunk_id:chunk_id,doc_id:doc_id,text:text,embedding:text_embedding,metadata:metadata",
                        chunk("c", "d", "\u0000a\u0000\ud83d\ude00\ufeff\r\n", floats(1f), "{}")),
                new Odd(
                        "text of 20 mb",
                        "chunk_id:chunk_id,doc_id:doc_id,text:text,embedding:text_embedding,metadata:metadata",
                        chunk("c", "d", "tide \u20ac ".repeat(20_000_000 / 9), floats(1f), "{}")),
                new Odd(
                        "nan payloads and signed zeros",
                        "chunk_id:chunk_id,doc_id:doc_id,text:text,embedding:text_embedding,metadata:metadata",
                        chunk(
                                "c",
                                "d",
                                "t",
                                bits(
                                        0x7fc00001,
                                        0xffc00000,
                                        0x7f800001,
                                        0xffa5a5a5,
                                        0x7fffffff,
                                        0x80000000,
                                        0,
                                        1,
                                        0x7f800000,
                                        0xff800000),
                                "{}")),
                new Odd(
                        "the same fields in another order",
                        "metadata:metadata,*2,text:text,*1",
                        List.of(
                                field("metadata", Bytes.utf8("{}")),
                                field("x", Bytes.utf8("1")),
                                field("", Bytes.empty()),
                                field("text", Bytes.utf8("t")),
                                field("text ", Bytes.utf8("another")))));
    }

    @ParameterizedTest
    @MethodSource("odd")
    void everyOddChunkComesBack(Odd odd) {
        Value.Hash hash = new Value.Hash(odd.fields);

        assertThat(new ChunkColumns(ChunkFields.standard()).split(hash).columns())
                .isEqualTo(odd.columns);
        List<ArchivedRow> rows = rows(List.of(hash, hash));
        SegmentFile file = SegmentFiles.write(0, 2, rows);
        assertThat(SegmentFiles.read(file, SegmentFiles.bytesOf(file)).equals(rows))
                .isTrue();
    }

    @Test
    void oddOnesDoNotChangeTheirNeighbours() {
        List<Value.Hash> hashes = new ArrayList<>();
        for (Odd odd : odd()) {
            hashes.add(new Value.Hash(odd.fields));
            hashes.add(new Value.Hash(chunk("c", "d", "ordinary", floats(0.5f, -0.25f), "{}")));
        }

        List<ArchivedRow> rows = rows(hashes);
        SegmentFile file = SegmentFiles.write(0, rows.size(), rows);

        assertThat(SegmentFiles.read(file, SegmentFiles.bytesOf(file)).equals(rows))
                .isTrue();
    }

    @Test
    void everyGeneratedChunkComesBack() {
        Random random = new Random(SEED);

        for (int first = 0; first < CHUNKS; first += CHUNKS_A_SEGMENT) {
            int count = Math.min(CHUNKS_A_SEGMENT, CHUNKS - first);
            List<ArchivedRow> rows = rows(IntStream.range(0, count)
                    .mapToObj(each -> generated(random))
                    .toList());
            SegmentFile file = SegmentFiles.write(0, count, rows);

            List<ArchivedRow> read = SegmentFiles.read(file, SegmentFiles.bytesOf(file));

            assertThat(read).hasSameSizeAs(rows);
            for (int i = 0; i < count; i++) {
                assertThat(read.get(i).equals(rows.get(i)))
                        .as("chunk %d of seed %d".formatted(first + i, SEED))
                        .isTrue();
            }
        }
    }

    /** An ordinary chunk; every tenth of its fields is something else. */
    private static Value.Hash generated(Random random) {
        List<Field> fields = new ArrayList<>(chunk(
                "c" + random.nextInt(1_000_000),
                "d" + random.nextInt(1_000),
                "words ".repeat(random.nextInt(30)) + random.nextInt(),
                embedding(random),
                "{\"page\": %d, \"page\": %d}".formatted(random.nextInt(), random.nextInt())));
        for (int i = 0; i < fields.size(); i++) {
            if (random.nextInt(10) == 0) {
                fields.set(i, new Field(fields.get(i).name(), noise(random, random.nextInt(30))));
            }
        }
        if (random.nextInt(10) == 0) {
            fields.add(random.nextInt(fields.size()), field("extra", noise(random, random.nextInt(30))));
        }
        if (random.nextInt(10) == 0) {
            fields.remove(random.nextInt(fields.size()));
        }
        return new Value.Hash(fields);
    }

    private static Bytes embedding(Random random) {
        float[] floats = new float[random.nextInt(50) == 0 ? 1_536 : 1 + random.nextInt(32)];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) random.nextGaussian();
        }
        return random.nextInt(20) == 0 ? noise(random, 4 * floats.length) : floats(floats);
    }

    private static Bytes noise(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    private static List<ArchivedRow> rows(List<Value.Hash> hashes) {
        return IntStream.range(0, hashes.size())
                .mapToObj(i -> new ArchivedRow(
                        i,
                        new Change(
                                1,
                                1_763_647_200_000_000L + i,
                                1_763_647_199_000_000L + i,
                                0,
                                Bytes.utf8("chunk:" + i),
                                hashes.get(i),
                                OptionalLong.empty(),
                                "hset")))
                .toList();
    }

    private static List<Field> chunk(String chunkId, String docId, String text, Bytes embedding, String metadata) {
        return chunk(chunkId, docId, Bytes.utf8(text), embedding, metadata);
    }

    private static List<Field> chunk(String chunkId, String docId, Bytes text, Bytes embedding, String metadata) {
        return List.of(
                field("chunk_id", Bytes.utf8(chunkId)),
                field("doc_id", Bytes.utf8(docId)),
                field("text", text),
                field("text_embedding", embedding),
                field("metadata", Bytes.utf8(metadata)));
    }

    private static Field field(String name, Bytes value) {
        return new Field(Bytes.utf8(name), value);
    }

    private static Bytes floats(float... values) {
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        return bits(bits);
    }

    private static Bytes bits(int... bits) {
        ByteBuffer buffer = ByteBuffer.allocate(bits.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asIntBuffer().put(bits);
        return Bytes.wrap(buffer.array());
    }
}
