package dev.tidemark.capture;

import static dev.tidemark.capture.CaptureFixture.present;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.SmallDisk;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a running capture writes to a disk of its own are large values on their way to S3, and nothing else. */
@ExtendWith(SharedKafka.class)
class FullSpoolTest {
    @TempDir
    private Path directory;

    @Test
    void aDiskThatFillsUpIsLatenessForItsShardAndNoGap(CaptureFixture fixture) {
        Optional<SmallDisk> mounted = SmallDisk.mount(directory, 4);
        assumeTrue(mounted.isPresent(), SmallDisk.NEEDS);
        try (SmallDisk disk = mounted.get();
                SaidByCapture said = new SaidByCapture();
                S3Endpoint s3 = S3Endpoint.start();
                Archive archive = fixture.archiveOn(s3)) {
            fixture.spoolIn(disk.path());
            fixture.startAndCover();
            List<Tidemark> before = fixture.logged.lastTidemarks();
            List<String> doubts = fixture.logged.doubts();

            disk.fill();
            fixture.commands.set("large", "x".repeat(2 << 20));
            long written = fixture.redisMicros();
            fixture.commands.set("small", "1");
            Await.until(
                    CaptureFixture.SOON,
                    () -> said.has("in " + disk.path() + ": No space left on device. Make room", "capture.spool-dir"),
                    "capture to say what is full");

            int late = new Shards(CaptureFixture.SHARDS).of(Bytes.utf8("large"));
            assertThat(fixture.logged.lastTidemarks().get(late).throughMicros())
                    .as("a claim past a value that lies nowhere yet")
                    .isLessThan(written);

            disk.makeRoom();
            fixture.awaitTidemarksPast(fixture.redisMicros());
            assertThat(fixture.logged.doubts()).isEqualTo(doubts);
            assertThat(fixture.logged.lastTidemarks())
                    .extracting(Tidemark::base)
                    .isEqualTo(before.stream().map(Tidemark::base).toList());
            assertThat(present(fixture.logged.statesBelowTidemarks())).containsExactlyInAnyOrder("large", "small");
            Blob blob = (Blob) fixture.logged.statesBelowTidemarks().get(CaptureFixture.ref(Bytes.utf8("large")));
            assertThat(blob.length()).isEqualTo(2 << 20);
            assertThat(archive.missing(List.of(blob))).isEmpty();
            assertThat(disk.path()).isEmptyDirectory();
        }
    }
}
