package dev.tidemark.standalone.demo;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * What a store held, seen from outside.
 *
 * @param fingerprint SHA-256 over every byte of every key and field
 * @param nearest to the query, the nearest first, by comparing all
 */
record Look(long chunks, String fingerprint, List<Hit> nearest) {
    static final String EMBEDDING = "text_embedding";
    private static final int TEXT_SHOWN = 40;
    private static final int FINGERPRINT_SHOWN = 16;

    Look {
        nearest = List.copyOf(nearest);
    }

    /** A chunk that a vector search found. */
    record Hit(String chunk, double similarity, String text) {
        private static final Comparator<Hit> NEAREST_LAST =
                Comparator.comparingDouble(Hit::similarity).thenComparing(Hit::chunk);

        @Override
        public String toString() {
            return "%s  similarity %.3f  \"%s...\""
                    .formatted(chunk, similarity, text.substring(0, Math.min(TEXT_SHOWN, text.length())));
        }
    }

    String shortFingerprint() {
        return fingerprint.substring(0, FINGERPRINT_SHOWN);
    }

    /** Takes the keys in order, one by one: what it holds does not grow with the store. */
    static final class Builder {
        private final float[] query;
        private final int wanted;
        private final MessageDigest digest = sha256();
        private final PriorityQueue<Hit> nearest = new PriorityQueue<>(Hit.NEAREST_LAST);
        private long chunks;

        Builder(float[] query, int wanted) {
            this.query = query.clone();
            this.wanted = wanted;
        }

        void add(byte[] key, Map<byte[], byte[]> fields) {
            chunks++;
            digested(key);
            fields.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey(Arrays::compareUnsigned))
                    .forEach(field -> {
                        digested(field.getKey());
                        digested(field.getValue());
                    });
            nearest.add(new Hit(
                    new String(key, StandardCharsets.UTF_8),
                    Vectors.similarity(query, field(fields, EMBEDDING)),
                    new String(field(fields, "text"), StandardCharsets.UTF_8)));
            if (nearest.size() > wanted) {
                nearest.remove();
            }
        }

        private static byte[] field(Map<byte[], byte[]> fields, String name) {
            byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
            return fields.entrySet().stream()
                    .filter(field -> Arrays.equals(field.getKey(), wanted))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("a chunk without " + name));
        }

        /** With its length, so that no byte can change sides. */
        private void digested(byte[] bytes) {
            digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
            digest.update(bytes);
        }

        Look built() {
            return new Look(
                    chunks,
                    HexFormat.of().formatHex(digest.digest()),
                    nearest.stream().sorted(Hit.NEAREST_LAST.reversed()).toList());
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        }
    }
}
