package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.settings.Settings;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A value three times as large as the heap. */
class LargeValueMemoryTest {
    private static final String NAME = "large-memory";
    private static final long LENGTH = 200L << 20;

    @TempDir
    private Path directory;

    private RestoreServers on;
    private Settings settings;

    @BeforeEach
    void start() {
        on = new RestoreServers();
        settings = RestoreTest.settings(on.s3, NAME, 1);
    }

    @AfterEach
    void stop() {
        on.close();
    }

    @Test
    void aLargeValueFitsInASmallHeap() throws Exception {
        try (Archive archive = Archive.open(settings.s3(), NAME)) {
            SmallSource source = new SmallSource(archive);
            source.put("large", source.blob("string", new Noise(LENGTH)));
            source.archive();
        }

        SmallHeap.restore(64, on.s3, NAME, on.target, directory);

        assertThat(on.found.redis().strlen(RedisContent.bytes("large"))).isEqualTo(LENGTH);
    }

    /** Bytes that are not all the same, as many as are wanted, out of nothing. */
    private static final class Noise extends InputStream {
        private final byte[] block = block();
        private final long length;
        private long at;

        Noise(long length) {
            this.length = length;
        }

        private static byte[] block() {
            byte[] bytes = new byte[1 << 20];
            new Random(12).nextBytes(bytes);
            return bytes;
        }

        @Override
        public int read() {
            return at == length ? -1 : block[(int) (at++ % block.length)] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int wanted) {
            if (at == length) {
                return -1;
            }
            int offset = (int) (at % block.length);
            int read = (int) Math.min(Math.min(wanted, block.length - offset), length - at);
            System.arraycopy(block, offset, bytes, from, read);
            at += read;
            return read;
        }
    }
}
