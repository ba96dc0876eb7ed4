package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many values that each fit in memory, and together do not: a baseline holds them as they are, and no list of them. */
class LargeBaselineTest {
    private static final String NAME = "many-large";
    private static final int VALUES = 40;
    private static final int VALUE_BYTES = 8 << 20;

    @Test
    void itsValuesPassThroughASmallHeapOnTheirWayThereAndBack(@TempDir Path directory)
            throws IOException, InterruptedException {
        try (S3Endpoint s3 = S3Endpoint.start();
                RedisServer target = RedisServer.start();
                RedisContent content = new RedisContent(target.uri())) {
            for (int i = 0; i < VALUES; i++) {
                content.redis().setrange(RedisContent.bytes("large:" + i), VALUE_BYTES - 1, RedisContent.bytes("x"));
            }
            content.redis().save();
            Settings settings = RestoreTest.settings(s3, NAME, 1);
            try (Archive archive = Archive.open(settings.s3(), NAME)) {
                SmallSource log = new SmallSource(archive);
                log.put("before", new Value.Absent());
                byte[] rdb = Files.readAllBytes(target.directory().resolve("dump.rdb"));
                SavedBaseline.publish(archive, rdb, log.now(), VALUES);
                log.put("after", new Value.Absent());
                log.archive();
            }
            content.redis().flushall();

            Path said = directory.resolve("child.log");
            Process child = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx192m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            LargeValueMemoryTest.SmallHeap.class.getName(),
                            s3.uri().toString(),
                            s3.bucket(),
                            s3.accessKey(),
                            s3.secretKey(),
                            NAME,
                            target.uri().toString())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            try {
                assertThat(child.waitFor(300, TimeUnit.SECONDS)).isTrue();
                assertThat(child.exitValue()).as(Files.readString(said)).isZero();
                assertThat(content.redis().dbsize()).isEqualTo(VALUES);
            } finally {
                child.destroyForcibly();
            }
        }
    }
}
