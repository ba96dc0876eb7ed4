package dev.tidemark.standalone.demo;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Embeddings that nobody computed: each is its chunk's alone, so that a search has one right answer. */
final class Vectors {
    static final int DIMENSIONS = 384;
    private static final float NOISE = 0.2f;

    private Vectors() {}

    static float[] of(int document, int chunk, int version) {
        return gaussian(new Random((document * 1_000L + chunk) * 1_000L + version));
    }

    /** What a question about a chunk would look like: near to it, and not the same. */
    static float[] near(float[] embedding) {
        float[] noise = gaussian(new Random(DIMENSIONS));
        float[] near = new float[DIMENSIONS];
        for (int i = 0; i < DIMENSIONS; i++) {
            near[i] = embedding[i] + NOISE * noise[i];
        }
        return near;
    }

    private static float[] gaussian(Random random) {
        float[] floats = new float[DIMENSIONS];
        for (int i = 0; i < DIMENSIONS; i++) {
            floats[i] = (float) random.nextGaussian();
        }
        return floats;
    }

    static byte[] bytes(float[] floats) {
        ByteBuffer bytes = ByteBuffer.allocate(floats.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(floats);
        return bytes.array();
    }

    /** Cosine, of an embedding as Redis holds it. */
    static double similarity(float[] query, byte[] embedding) {
        ByteBuffer bytes = ByteBuffer.wrap(embedding).order(ByteOrder.LITTLE_ENDIAN);
        double product = 0;
        double lengthA = 0;
        double lengthB = 0;
        for (float a : query) {
            float b = bytes.getFloat();
            product += (double) a * b;
            lengthA += (double) a * a;
            lengthB += (double) b * b;
        }
        return product / Math.sqrt(lengthA * lengthB);
    }
}
