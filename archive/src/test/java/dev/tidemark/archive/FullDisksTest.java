package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.RollUpKey;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.SmallDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full disk is named, whether it is the store's or ours, and each is told from the other. */
class FullDisksTest {
    /** More than a socket holds, less than what a client asks leave to send. */
    private static final ObjectBody BODY = ObjectBody.of(new byte[900_000]);

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
    void aStoreThatIsFullSaysSoAndTakesTheSameWhenThereIsRoom() {
        S3Endpoint.Options onDisk =
                S3Endpoint.Options.defaults().withDirectory(disk.path().resolve("s3"));
        try (S3Endpoint s3 = S3Endpoint.start(onDisk);
                ObjectStore store = ObjectStore.open(Stores.of(s3))) {
            store.create("before", BODY, Map.of());
            disk.fill();

            assertThatThrownBy(() -> store.create("during", BODY, Map.of()))
                    .isInstanceOf(TidemarkError.class)
                    .hasMessageContaining("the store answered 507 InsufficientStorage: no room for")
                    .hasMessageContaining("on the disk of " + s3.directory())
                    .hasMessageContaining("make room on its disk");
            assertThat(store.head("during")).isEmpty();
            assertThat(store.get("before", 900_000)).isPresent();

            disk.makeRoom();
            assertThat(store.create("during", BODY, Map.of())).isEqualTo(Creation.CREATED);
        }
    }

    @Test
    void aCopyThatDoesNotFitIsNoFaultOfTheStore() throws IOException {
        try (S3Endpoint s3 = S3Endpoint.start();
                ObjectStore store = ObjectStore.open(Stores.of(s3))) {
            store.create("rows", BODY, Map.of());
            disk.fill();

            assertThatThrownBy(() ->
                            new Downloads(store, disk.path()).verified("rows", BODY.sizeBytes(), BODY.sha256Hex()))
                    .isInstanceOfSatisfying(
                            TidemarkError.class, full -> assertThat(full.code()).isEqualTo(ExitCode.UNEXPECTED))
                    .hasMessageContaining("in " + disk.path() + ": No space left on device")
                    .hasMessageContaining("-Djava.io.tmpdir");
            assertThat(openFiles()).isEmpty();

            disk.makeRoom();
            try (Spool copy = new Downloads(store, disk.path()).verified("rows", BODY.sizeBytes(), BODY.sha256Hex())) {
                assertThat(copy.sizeBytes()).isEqualTo(BODY.sizeBytes());
                assertThat(disk.path())
                        .as("whatever kills this process, nobody's rows stay behind")
                        .isEmptyDirectory();
            }
        }
    }

    @Test
    void aRollUpThatDoesNotFitHoldsNoFileOpen() throws IOException {
        RollUpKey key = new RollUpKey(Hour.of(1_800_000_000_000_000L), 0);
        disk.fill();

        assertThatThrownBy(() -> new RollUpWriter("rag", key, 1, 0, 10, ChunkFields.standard(), disk.path()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("No space left on device");

        assertThat(openFiles()).isEmpty();
    }

    /** Of this disk, also those that have no name any more. */
    private List<Path> openFiles() throws IOException {
        try (Stream<Path> ours = Files.list(Path.of("/proc/self/fd"))) {
            return ours.flatMap(each -> fileOf(each).stream())
                    .filter(file -> file.startsWith(disk.path()))
                    .toList();
        }
    }

    private static Optional<Path> fileOf(Path descriptor) {
        try {
            return Optional.of(Files.readSymbolicLink(descriptor));
        } catch (IOException closedMeanwhile) {
            return Optional.empty();
        }
    }
}
