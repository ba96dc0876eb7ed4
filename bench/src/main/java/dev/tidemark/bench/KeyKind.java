package dev.tidemark.bench;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;

/** What the keys of a data set look like. The same number gives the same value in every run. */
enum KeyKind {
    /** A RAG chunk: 1 kB of text, an embedding of 1,536 floats, ids and metadata. */
    CHUNK("rag:chunk:") {
        @Override
        Value value(int number) {
            Random random = new Random(number);
            byte[] embedding = new byte[EMBEDDING_BYTES];
            // Random bits: nothing that compresses may flatter us.
            random.nextBytes(embedding);
            return chunk(number, random, field("embedding", Bytes.wrap(embedding)));
        }
    },

    /** The same with what a model gives: a unit vector, whose floats compress a little. Its fields become columns. */
    VECTOR("rag:vector:") {
        @Override
        Value value(int number) {
            Random random = new Random(number);
            ByteBuffer embedding = ByteBuffer.allocate(EMBEDDING_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            double scale = 1 / Math.sqrt(EMBEDDING_BYTES / Float.BYTES);
            while (embedding.hasRemaining()) {
                embedding.putFloat((float) (random.nextGaussian() * scale));
            }
            return chunk(number, random, field("text_embedding", Bytes.wrap(embedding.array())));
        }
    },

    /** A plain string of 100 bytes. */
    STRING("small:") {
        @Override
        Value value(int number) {
            byte[] bytes = new byte[STRING_BYTES];
            new Random(number).nextBytes(bytes);
            return new Value.Text(Bytes.wrap(bytes));
        }
    };

    private static final int EMBEDDING_BYTES = 6_144;
    private static final int TEXT_CHARS = 1_000;
    static final int STRING_BYTES = 100;
    private static final int CHUNKS_A_DOCUMENT = 40;
    private static final List<String> WORDS = List.of(
            "tide",
            "harbour",
            "vector",
            "restore",
            "moment",
            "chunk",
            "index",
            "the",
            "of",
            "a",
            "backup",
            "segment",
            "gap",
            "claim",
            "proof",
            "shard",
            "retrieval",
            "answer",
            "question",
            "model",
            "and",
            "is",
            "not",
            "when");

    private final String prefix;

    KeyKind(String prefix) {
        this.prefix = prefix;
    }

    abstract Value value(int number);

    Bytes key(int number) {
        return Bytes.utf8("%s%08d".formatted(prefix, number));
    }

    private static Value chunk(int number, Random random, Value.Field embedding) {
        String document = "doc-%08d".formatted(number / CHUNKS_A_DOCUMENT);
        return new Value.Hash(List.of(
                field("chunk_id", Bytes.utf8("%s#%d".formatted(document, number % CHUNKS_A_DOCUMENT))),
                field("doc_id", Bytes.utf8(document)),
                field("text", Bytes.utf8(text(random))),
                embedding,
                field(
                        "metadata",
                        Bytes.utf8("{\"page\":%d,\"lang\":\"en\",\"source\":\"handbook.pdf\",\"version\":%d}"
                                .formatted(random.nextInt(500), random.nextInt(9))))));
    }

    private static Value.Field field(String name, Bytes value) {
        return new Value.Field(Bytes.utf8(name), value);
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder(TEXT_CHARS + 16);
        while (text.length() < TEXT_CHARS) {
            text.append(WORDS.get(random.nextInt(WORDS.size()))).append(' ');
        }
        return text.substring(0, TEXT_CHARS);
    }
}
