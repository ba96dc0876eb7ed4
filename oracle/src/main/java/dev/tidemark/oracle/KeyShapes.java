package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Names keys as users do, and as users should not. Every name holds its thread and number, so none comes twice. */
final class KeyShapes {
    private static final int LONG_KEY_BYTES = 4_096;

    private final Key prefix;
    private final int thread;
    private final int threads;
    private final Random random;

    KeyShapes(Key prefix, int thread, int threads, Random random) {
        this.prefix = prefix;
        this.thread = thread;
        this.threads = threads;
        this.random = random;
    }

    Key name(int index) {
        String id = thread + "." + index;
        return switch (index % 20) {
            case 0 -> shortest(index, id);
            case 1 -> key(allByteValues(), utf8(id));
            case 2, 3 -> key(randomBytes(12), utf8(id), randomBytes(6));
            case 4 -> key(utf8("line\nbreak\r\n" + id + "\n"));
            case 5 -> key(utf8("nul\0" + id + "\0"));
            case 6 -> key(utf8("glob[a-z]*?\\" + id));
            case 7 -> key(utf8("{tag" + index % 7 + "}:" + id));
            case 8 -> key(utf8("}{" + id + "}{}{{"));
            case 9 -> key(utf8("{}" + id));
            case 10 -> key(utf8("ключ-鍵-🔑:" + id));
            case 11 -> index % 400 == 11 ? key(randomBytes(LONG_KEY_BYTES), utf8(id)) : key(utf8(" " + id + " "));
            default -> key(utf8("chunk:" + id));
        };
    }

    /** One byte after the prefix, as long as there are bytes to share among the threads. */
    private Key shortest(int index, String id) {
        int value = index / 20 * threads + thread;
        return value < 256 ? key(new byte[] {(byte) value}) : key(utf8("c:" + id));
    }

    private static byte[] allByteValues() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        return all;
    }

    private byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private Key key(byte[]... parts) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(prefix.array());
        for (byte[] part : parts) {
            whole.writeBytes(part);
        }
        return Key.wrap(whole.toByteArray());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
