package dev.tidemark.restorer.drill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.restorer.drill.Comparison.Means;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.schemas.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final Hit A = hit("a", 0.9);
    private static final Hit B = hit("b", 0.8);
    private static final Hit C = hit("c", 0.7);

    @Test
    void equalAnswersAgree() {
        assertThat(Comparison.of(Means.COSINE, 2, List.of(A, B), List.of(A, B), Set.of()))
                .isEqualTo(new Comparison(Means.COSINE, 2, 2, 0, true));
    }

    @Test
    void aChunkThatChangedSinceMayPushAnotherOut() {
        assertThat(Comparison.of(Means.COSINE, 2, List.of(B, C), List.of(A, B), Set.of(A.name()))
                        .agrees())
                .isTrue();
    }

    @Test
    void aChunkThatDidNotChangeAndIsNotFoundIsADisagreement() {
        assertThat(Comparison.of(Means.COSINE, 2, List.of(A, B), List.of(B, C), Set.of())
                        .agrees())
                .isFalse();
        assertThat(Comparison.of(Means.COSINE, 2, List.of(A, B), List.of(A, hit("b", 0.81)), Set.of())
                        .agrees())
                .isFalse();
    }

    @Test
    void theNearestAreThoseOfTheSmallestAngleWhateverTheirLength() {
        Nearest nearest = new Nearest(embedding(1, 0), 2);
        add(nearest, "far", embedding(0, 1));
        add(nearest, "long", embedding(100, 1));
        add(nearest, "near", embedding(0.5f, 0.001f));
        add(nearest, "near", embedding(0.5f, 0.001f));

        assertThat(nearest.hits().stream().map(Hit::name)).containsExactly(name("near"), name("long"));
    }

    @Test
    void whatHasNoDirectionIsNoEmbedding() {
        assertThat(Embedding.of(Bytes.wrap(new byte[8]))).isEmpty();
        assertThat(Embedding.of(Bytes.wrap(new byte[7]))).isEmpty();
        assertThat(Embedding.of(embedding(Float.NaN, 1).bytes())).isEmpty();
        assertThat(embedding(1, 0).cosine(new Embedding(Bytes.wrap(new byte[12]))))
                .isEmpty();
    }

    private static void add(Nearest nearest, String key, Embedding embedding) {
        nearest.add(new Hit(name(key), nearest.query().cosine(embedding).orElseThrow()));
    }

    private static Embedding embedding(float one, float other) {
        ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        return new Embedding(Bytes.wrap(bytes.putFloat(one).putFloat(other).array()));
    }

    private static Hit hit(String key, double similarity) {
        return new Hit(name(key), similarity);
    }

    private static ChunkName name(String key) {
        return ChunkName.ofHash(new KeyName(0, Bytes.utf8(key)));
    }
}
