package dev.tidemark.oracle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Realistic and nasty values. */
final class Values {
    private static final String[] WORDS = {
        "tide",
        "mark",
        "harbour",
        "Gezeiten",
        "潮汐",
        "прилив",
        "naïve",
        "\"quoted\"",
        "a\tb",
        "🌊",
        "redis",
        "chunk",
        "vector",
        "{\"x\":1}",
        "…",
        "the",
        "of",
        "and"
    };
    private static final int[] NASTY_FLOAT_BITS = {
        0x00000000,
        0x80000000, // zero, minus zero
        0x00000001,
        0x807fffff, // denormals
        0x7f800000,
        0xff800000, // infinities
        0x7fc00000,
        0x7f800001,
        0xffc0dead, // not numbers: quiet, signalling, with a payload
        0x7f7fffff,
        0x00800000, // the largest, the least normal
        0x0a0d0a0d,
        0x00000a00 // line breaks and NULs as floats
    };
    private static final int EMBEDDING_DIMENSIONS = 256;
    private static final int FIELDS = 12;

    private final Random random;

    Values(Random random) {
        this.random = random;
    }

    /** A value of a string key. */
    byte[] string() {
        return switch (random.nextInt(8)) {
            case 0 -> new byte[0];
            case 1 -> utf8(Long.toString(random.nextLong()));
            case 2 -> binary(1 + random.nextInt(64));
            case 3 -> binary(1 + random.nextInt(20_000));
            case 4 -> utf8(Integer.toString(random.nextInt(100)));
            default -> utf8(text(1 + random.nextInt(200)));
        };
    }

    byte[] binary(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    String text(int charsMin) {
        StringBuilder text = new StringBuilder();
        while (text.length() < charsMin) {
            text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
        }
        return text.toString();
    }

    /** float32, little endian; one dimension in eight is a bit pattern that careless code does not keep. */
    byte[] embedding() {
        ByteBuffer floats =
                ByteBuffer.allocate(EMBEDDING_DIMENSIONS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < EMBEDDING_DIMENSIONS; i++) {
            boolean nasty = random.nextInt(8) == 0;
            // As bits: a float passing through the JVM may lose a signalling NaN.
            floats.putInt(
                    nasty
                            ? NASTY_FLOAT_BITS[random.nextInt(NASTY_FLOAT_BITS.length)]
                            : Float.floatToRawIntBits((float) random.nextGaussian()));
        }
        return floats.array();
    }

    String metadata() {
        return "{\"page\":" + random.nextInt(500) + ", \"score\":1.0, \"tags\":[\"" + WORDS[random.nextInt(4)]
                + "\"],\"n\":1e2,\"page\":2}";
    }

    /** From a small universe, so that operations meet what others wrote. */
    byte[] element() {
        return switch (random.nextInt(6)) {
            case 0 -> utf8(Integer.toString(random.nextInt(16)));
            case 1 -> new byte[] {0, '\n', (byte) random.nextInt(4), (byte) 0xff};
            case 2 -> new byte[0];
            case 3 -> utf8("a longer element than a listpack keeps small ".repeat(2) + random.nextInt(4));
            default -> utf8("e" + random.nextInt(16));
        };
    }

    String field() {
        return fieldName(random.nextInt(FIELDS));
    }

    static String[] allFields() {
        String[] all = new String[FIELDS];
        for (int i = 0; i < FIELDS; i++) {
            all[i] = fieldName(i);
        }
        return all;
    }

    private static String fieldName(int number) {
        return number == 0 ? "" : number == 1 ? "nul\0\n" : "f" + number;
    }

    String score() {
        return switch (random.nextInt(10)) {
            case 0 -> "inf";
            case 1 -> "-inf";
            case 2 -> "-0";
            case 3 -> "5e-324";
            case 4 -> "0.1";
            case 5 -> Double.toString(random.nextGaussian() * 1e17);
            default -> Integer.toString(random.nextInt(100));
        };
    }

    /** Half short enough to pass while others watch, half far beyond any test. */
    long ttlMillis() {
        return random.nextInt(5) < 3 ? 50 + random.nextInt(4_950) : 3_600_000L + random.nextInt(36_000_000);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
