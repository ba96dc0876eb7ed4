package dev.tidemark.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.Bytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LzfTest {
    private static final int REFERENCE_MAX = 8 << 10;
    private static final int RUN_MAX = 264;
    private static final int LITERALS_MAX = 32;

    private final Random random = new Random(20_261_129);

    /** A string and what it is packed into, made of steps by chance. */
    private record Packed(Bytes packed, Bytes plain) {}

    @Test
    void whateverItIsMadeOfItBecomesWhatItWas() {
        for (int round = 0; round < 20_000; round++) {
            Packed made = make(1 + random.nextInt(40));
            int length = made.packed().length();
            byte[] around = new byte[length + random.nextInt(20)];
            int from = random.nextInt(1 + around.length - length);
            System.arraycopy(made.packed().array(), 0, around, from, length);

            assertThat(Lzf.decompressed(around, from, length, made.plain().length()))
                    .isEqualTo(made.plain().array());
        }
    }

    @Test
    void aStringOfAnySizeBecomesTheSame() throws IOException {
        for (int round = 0; round < 200; round++) {
            Packed made = make(1 + random.nextInt(400));
            ByteArrayOutputStream streamed = new ByteArrayOutputStream();
            StringValue.decode(new ByteArrayInputStream(inSnapshot(made)), streamed);

            assertThat(streamed.toByteArray()).isEqualTo(made.plain().array());
        }
    }

    @Test
    void anotherLengthIsRefusedAndSoIsWhatRefersToNowhere() {
        Packed made = make(20);
        byte[] packed = made.packed().array();
        int plain = made.plain().length();

        for (int wrong : new int[] {0, plain - 1, plain + 1, plain + 100}) {
            assertThatThrownBy(() -> Lzf.decompressed(packed, 0, packed.length, wrong))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Lzf.decompressed(packed, 0, packed.length - 1, plain))
                .isInstanceOf(IllegalArgumentException.class);
        // One literal, and a reference to the byte before it.
        byte[] nowhere = {0, 'x', 1 << 5, 1};
        assertThatThrownBy(() -> Lzf.decompressed(nowhere, 0, nowhere.length, 4))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private Packed make(int steps) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        byte[] plain = new byte[steps * RUN_MAX];
        int length = 0;
        for (int step = 0; step < steps; step++) {
            if (length == 0 || random.nextBoolean()) {
                int run = 1 + random.nextInt(LITERALS_MAX);
                packed.write(run - 1);
                for (int i = 0; i < run; i++) {
                    plain[length] = (byte) random.nextInt();
                    packed.write(plain[length++]);
                }
                continue;
            }
            // Near ones overlap what they become.
            int nearest = random.nextBoolean() ? Math.min(length, 12) : Math.min(length, REFERENCE_MAX);
            int distance = 1 + random.nextInt(nearest);
            int run = 3 + random.nextInt(random.nextBoolean() ? 8 : RUN_MAX - 2);
            refer(packed, distance - 1, run - 2);
            for (int i = 0; i < run; i++, length++) {
                plain[length] = plain[length - distance];
            }
        }
        return new Packed(Bytes.wrap(packed.toByteArray()), Bytes.wrap(Arrays.copyOf(plain, length)));
    }

    private static void refer(ByteArrayOutputStream packed, int back, int run) {
        packed.write(Math.min(run, 7) << 5 | back >>> 8);
        if (run >= 7) {
            packed.write(run - 7);
        }
        packed.write(back);
    }

    private static byte[] inSnapshot(Packed made) {
        return ByteBuffer.allocate(11 + made.packed().length())
                .put((byte) 0xc3)
                .put((byte) 0x80)
                .putInt(made.packed().length())
                .put((byte) 0x80)
                .putInt(made.plain().length())
                .put(made.packed().array())
                .array();
    }
}
