package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.rdb.RdbWriter;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.settings.Settings;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many values that each fit in memory, and together do not: a baseline holds them as they are, and no list of them. */
class LargeBaselineTest {
    private static final String NAME = "many-large";
    private static final int VALUES = 40;
    private static final int VALUE_BYTES = 8 << 20;

    private static final int SMALL_HEAP_MB = 96;
    private static final int CHUNK_BYTES = 7_000;
    private static final int CHUNKS = ((10 * SMALL_HEAP_MB) << 20) / CHUNK_BYTES + 1;

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
    void itsValuesPassThroughASmallHeapOnTheirWayThereAndBack() throws IOException, InterruptedException {
        for (int i = 0; i < VALUES; i++) {
            on.found.redis().setrange(RedisContent.bytes("large:" + i), VALUE_BYTES - 1, RedisContent.bytes("x"));
        }
        on.found.redis().save();
        Path dump = on.target.directory().resolve("dump.rdb");
        archive(VALUES, out -> Files.copy(dump, out));
        on.found.redis().flushall();

        SmallHeap.restore(192, on.s3, NAME, on.target, directory);

        assertThat(on.found.redis().dbsize()).isEqualTo(VALUES);
    }

    @Test
    void chunksTenTimesAsLargeAsTheHeapAreRestoredAndProvenWithinTheDefaultBounds()
            throws IOException, InterruptedException {
        archive(CHUNKS, LargeBaselineTest::writeChunks);

        SmallHeap.restore(SMALL_HEAP_MB, on.s3, NAME, on.target, directory);

        assertThat(on.found.redis().dbsize()).isEqualTo(CHUNKS);
    }

    private void archive(long keys, SavedBaseline.Snapshot snapshot) throws IOException {
        try (Archive archive = Archive.open(settings.s3(), NAME)) {
            SmallSource log = new SmallSource(archive);
            log.put("before", new Value.Absent());
            SavedBaseline.publish(archive, snapshot, log.now(), keys);
            log.put("after", new Value.Absent());
            log.archive();
        }
    }

    /** Nothing of them can be compressed. */
    private static void writeChunks(OutputStream out) throws IOException {
        RdbWriter rdb = RdbWriter.begin(out, Map.of());
        Random random = new Random(12);
        byte[] embedding = new byte[CHUNK_BYTES];
        for (int i = 0; i < CHUNKS; i++) {
            random.nextBytes(embedding);
            Field field = new Field(Bytes.utf8("embedding"), Bytes.wrap(embedding));
            rdb.hash(0, Bytes.utf8("chunk:" + i), OptionalLong.empty(), List.of(field));
        }
        rdb.end();
    }
}
