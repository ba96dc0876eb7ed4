package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PieceSumsTest {
    private final Random random = new Random(20261128);

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, PieceSums.PIECE_BYTES, PieceSums.PIECE_BYTES + 1, 3 * PieceSums.PIECE_BYTES})
    void anyPartIsReadAsItWasWritten(int size) throws IOException {
        byte[] file = file(size);
        PieceSums sums = written(file);

        for (int i = 0; i < 50; i++) {
            int from = random.nextInt(size);
            int to = i == 0 ? size : from + random.nextInt(size - from + 1);

            assertThat(read(sums, file, from, to)).isEqualTo(Arrays.copyOfRange(file, from, to));
        }
    }

    @Test
    void nothingOfAPieceThatChangedIsHandedOut() throws IOException {
        byte[] file = file(3 * PieceSums.PIECE_BYTES + 77);
        PieceSums sums = written(file);
        byte[] changed = file.clone();
        changed[PieceSums.PIECE_BYTES + 5] ^= 1;

        try (InputStream in = open(sums, changed, 10, changed.length)) {
            assertThat(in.readNBytes(PieceSums.PIECE_BYTES - 10)).hasSize(PieceSums.PIECE_BYTES - 10);
            assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessageContaining("1048576");
        }
        int after = 2 * PieceSums.PIECE_BYTES;
        assertThat(read(sums, changed, after, changed.length))
                .isEqualTo(Arrays.copyOfRange(file, after, changed.length));
    }

    @Test
    void aFileThatBecameShorterIsNoEnd() {
        byte[] file = file(PieceSums.PIECE_BYTES + 77);
        PieceSums sums = written(file);
        byte[] cut = Arrays.copyOf(file, PieceSums.PIECE_BYTES + 76);

        assertThatThrownBy(() -> read(sums, cut, PieceSums.PIECE_BYTES, file.length))
                .isInstanceOf(IOException.class);
    }

    private byte[] file(int size) {
        byte[] file = new byte[size];
        random.nextBytes(file);
        return file;
    }

    private PieceSums written(byte[] file) {
        PieceSums sums = new PieceSums();
        for (int at = 0; at < file.length; ) {
            int part = Math.min(file.length - at, 1 + random.nextInt(300_000));
            sums.write(file, at, part);
            at += part;
        }
        sums.close();
        return sums;
    }

    private static InputStream open(PieceSums sums, byte[] file, int from, int to) throws IOException {
        return sums.open((begin, end) -> new ByteArrayInputStream(file, (int) begin, (int) (end - begin)), from, to);
    }

    private static byte[] read(PieceSums sums, byte[] file, int from, int to) throws IOException {
        try (InputStream in = open(sums, file, from, to)) {
            return in.readAllBytes();
        }
    }
}
