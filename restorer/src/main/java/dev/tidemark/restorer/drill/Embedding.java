package dev.tidemark.restorer.drill;

import dev.tidemark.schemas.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/** A vector of 32-bit floats, little endian, as retrieval systems keep it in a field of a hash. */
public record Embedding(Bytes bytes) {
    /** Nothing where these bytes can be no such vector, or one without a direction. */
    public static Optional<Embedding> of(Bytes bytes) {
        if (bytes.length() == 0 || bytes.length() % Float.BYTES != 0) {
            return Optional.empty();
        }
        Embedding embedding = new Embedding(bytes);
        double norm = embedding.norm();
        return norm > 0 && Double.isFinite(norm) ? Optional.of(embedding) : Optional.empty();
    }

    /** The same of numbers that a server tells. */
    public static Optional<Embedding> of(List<Double> values) {
        ByteBuffer floats = ByteBuffer.allocate(values.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        values.forEach(value -> floats.putFloat(value.floatValue()));
        return of(Bytes.wrap(floats.array()));
    }

    public int dimensions() {
        return bytes.length() / Float.BYTES;
    }

    public float at(int index) {
        return floats().getFloat(index * Float.BYTES);
    }

    public double norm() {
        return Math.sqrt(product(this));
    }

    /** The cosine of the angle between both; nothing for vectors of another length. */
    public Optional<Double> cosine(Embedding other) {
        return other.dimensions() == dimensions()
                ? Optional.of(product(other) / (norm() * other.norm()))
                : Optional.empty();
    }

    private double product(Embedding other) {
        ByteBuffer mine = floats();
        ByteBuffer its = other.floats();
        double product = 0;
        for (int i = 0; i < bytes.length(); i += Float.BYTES) {
            product += (double) mine.getFloat(i) * its.getFloat(i);
        }
        return product;
    }

    private ByteBuffer floats() {
        return ByteBuffer.wrap(bytes.array()).order(ByteOrder.LITTLE_ENDIAN);
    }
}
