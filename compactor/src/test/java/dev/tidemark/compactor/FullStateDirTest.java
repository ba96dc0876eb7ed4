package dev.tidemark.compactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.SmallDisk;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** compactor.state-dir without room: segments go on, hours wait for room and say so. */
class FullStateDirTest {
    @RegisterExtension
    static LiveSource source = new LiveSource();

    private final ListAppender<ILoggingEvent> said = new ListAppender<>();

    @TempDir
    private Path directory;

    private SmallDisk disk;

    @BeforeEach
    void mount() {
        Optional<SmallDisk> mounted = SmallDisk.mount(directory, 2);
        assumeTrue(mounted.isPresent(), SmallDisk.NEEDS);
        disk = mounted.get();
    }

    @AfterEach
    void unmount() {
        if (disk != null) {
            disk.close();
        }
    }

    @Test
    void segmentsNeedNoDiskOfThisMachine() {
        source.ground = source.ground.withStateDir(disk.path());
        disk.fill();

        try (Compactor compactor = source.start("one", LiveSource.SEGMENT_BYTES_MAX)) {
            source.produce(200);
            source.finish();
            Await.until(LiveSource.LIMIT, () -> compactor.health().isReady(), "it is ready");
        }

        source.assertArchived();
    }

    @Test
    void anHourThatCannotBeSortedWaitsForRoom() {
        Logger log = (Logger) LoggerFactory.getLogger(Rolling.class);
        said.start();
        log.addAppender(said);
        try (S3Endpoint s3 = S3Endpoint.start();
                Archive archive = Archive.open(
                        S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey())), "rag")) {
            HandmadeArchive shard = new HandmadeArchive(archive, 0, 1);
            shard.segment(60);
            shard.segment(60);
            shard.hoursPass(1);
            shard.tell();
            disk.fill();

            try (Rolling rolling = new Rolling(roller(archive), () -> true)) {
                rolling.start();
                Await.until(LiveSource.LIMIT, this::saysWhatIsFull, "the roller to say what is full");
                assertThat(archive.rolled().hours(Optional.empty())).isEmpty();

                disk.makeRoom();
                Await.until(
                        LiveSource.LIMIT,
                        () -> archive.rolled().hours(Optional.empty()).size() == 1,
                        "the hour to be rolled up");
            }
            assertThat(disk.path()).isEmptyDirectory();
        } finally {
            log.detachAppender(said);
        }
    }

    private HourRoller roller(Archive archive) {
        Clock clock = Clock.systemUTC();
        PartRoller parts = new PartRoller(
                archive, HandmadeArchive.GENERATION, disk.path(), 20_000, ChunkFields.standard(), () -> false);
        return new HourRoller(parts, 1, clock, new RollingMetrics(new SimpleMeterRegistry(), clock));
    }

    private boolean saysWhatIsFull() {
        return List.copyOf(said.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .anyMatch(line -> line.startsWith("event=rolling-retrying")
                        && line.contains("in " + disk.path() + ": No space left on device")
                        && line.contains("compactor.state-dir"));
    }
}
