package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.ObjectStore.Content;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.BlobKey;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Encoding;
import dev.tidemark.schemas.settings.Checksums;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.model.CompletedPart;

class BlobTest {
    private static final LocalDate DAY = LocalDate.of(2026, 11, 20);
    private static final int IN_PARTS = 2 * LargeObjects.PART_BYTES + 12_345;

    private static S3Endpoint s3;
    private static Archive archive;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() {
        s3 = S3Endpoint.start();
        archive = Archive.open(Stores.of(s3), "blobs");
    }

    @AfterEach
    void heal() {
        s3.faults().clear();
    }

    @AfterAll
    static void stop() {
        archive.close();
        s3.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1 << 20, LargeObjects.PART_BYTES, LargeObjects.PART_BYTES + 1, IN_PARTS})
    void aValueComesBackAsItWas(int length) throws IOException {
        byte[] value = value(length, 1);

        Blob blob = put(value);

        assertThat(archive.missing(List.of(blob))).isEmpty();
        assertThat(fetched(blob)).isEqualTo(value);
    }

    @Test
    void itIsWrittenAgainThoughItIsThere() throws IOException {
        byte[] value = value(5_000, 2);
        Blob blob = put(value);
        Files.write(file(blob), new byte[7], StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);

        put(value);

        assertThat(fetched(blob)).isEqualTo(value);
    }

    @Test
    void partsOutliveRefusals() throws IOException {
        byte[] value = value(IN_PARTS, 3);
        Injection refused = s3.faults().failNext(2, 503, S3Requests.puts());

        Blob blob = put(value);

        assertThat(refused.isUsedUp()).isTrue();
        assertThat(fetched(blob)).isEqualTo(value);
    }

    @Test
    void aLostAnswerToTheLastRequestOfAnUploadIsNoFailure() {
        byte[] content = {1, 2, 3};
        Map<String, String> metadata =
                Map.of(ObjectStore.SHA256, ObjectBody.of(content).sha256Hex());
        try (ObjectStore store = ObjectStore.open(Stores.of(s3))) {
            ObjectInParts upload = store.beginParts("in-parts", metadata);
            CompletedPart part = upload.put(1, new Content(3, () -> new ByteArrayInputStream(content)));
            Injection lost = s3.faults().loseAnswers(1, S3Requests.of("POST"));

            upload.complete(List.of(part), new ObjectHead(metadata, 3));

            assertThat(lost.isUsedUp()).isTrue();
            assertThat(store.get("in-parts", 10)).contains(content);
        }
    }

    /** As Ceph 16 answers to whoever completes an upload for the second time. */
    @Test
    void aLostAnswerIsNoFailureWhereTheNextOneIsAnErrorOfTheStore() {
        byte[] content = {1, 2, 3};
        Map<String, String> metadata =
                Map.of(ObjectStore.SHA256, ObjectBody.of(content).sha256Hex());
        try (ObjectStore store = ObjectStore.open(Stores.of(s3))) {
            ObjectInParts upload = store.beginParts("in-parts-500", metadata);
            CompletedPart part = upload.put(1, new Content(3, () -> new ByteArrayInputStream(content)));
            Injection lost = s3.faults().loseAnswers(1, S3Requests.of("POST"));
            Injection refused = s3.faults().failNext(1_000, 500, S3Requests.of("POST"));

            assertThat(upload.complete(List.of(part), new ObjectHead(metadata, 3)))
                    .isEqualTo(Creation.CREATED);

            assertThat(lost.isUsedUp()).isTrue();
            assertThat(refused.hits()).isEqualTo(1);
        }
    }

    @Test
    void anUploadToWhereThereIsAnObjectIsGivenUpWithItsParts() throws IOException {
        try (ObjectStore store = ObjectStore.open(Stores.of(s3))) {
            LargeObjects large = new LargeObjects(store);

            assertThat(create(large, 6)).isEqualTo(Creation.CREATED);
            assertThat(create(large, 7)).isEqualTo(Creation.EXISTS);
            assertThat(create(large, 6)).as("the same bytes").isEqualTo(Creation.CREATED);

            assertThat(store.abandonedParts("")).isEmpty();
            assertThat(store.get("large", IN_PARTS)).contains(value(IN_PARTS, 6));
        }
    }

    @Test
    void anUploadIsNotCompletedOverAnObjectThoughTheStoreWouldDoIt() throws IOException {
        try (OldStore old = new OldStore();
                ObjectStore store = ObjectStore.open(
                        Stores.of(s3, old.uri(), Duration.ofSeconds(20), 3, Checksums.WHEN_SUPPORTED))) {
            store.put("large", ObjectBody.of(new byte[] {1}), Map.of());

            assertThat(create(new LargeObjects(store), 8)).isEqualTo(Creation.EXISTS);

            assertThat(old.completed()).isZero();
        }
    }

    private Creation create(LargeObjects large, long seed) throws IOException {
        try (Spool spool = Spool.in(directory)) {
            spool.write(value(IN_PARTS, seed));
            return large.create("large", spool, Map.of());
        }
    }

    @Test
    void whatCannotBeWrittenIsNeverVisible() throws IOException {
        s3.faults().failNext(1_000, 403, S3Requests.puts());

        assertThatThrownBy(() -> put(value(IN_PARTS, 4))).isInstanceOf(TidemarkError.class);
        s3.faults().clear();

        assertThat(archive.missing(List.of(blobOf(value(IN_PARTS, 4))))).hasSize(1);
    }

    @Test
    void damageOfAnyKindIsFoundWhenItIsRead() throws IOException {
        byte[] value = value(3 << 20, 5);
        Blob blob = put(value);
        byte[] flipped = value.clone();
        flipped[2 << 20] ^= 1;

        overwrite(blob, flipped);
        requireDamaged(blob, "SHA-256");
        assertThat(archive.missing(List.of(blob))).isEmpty();

        overwrite(blob, Arrays.copyOf(value, 1_500_000));
        requireDamaged(blob, "1500000 bytes");
        assertThat(archive.missing(List.of(blob))).containsExactly(blob);

        Files.delete(file(blob));
        requireDamaged(blob, "it is gone");
        assertThat(archive.missing(List.of(blob))).containsExactly(blob);
    }

    private Blob put(byte[] value) throws IOException {
        try (Spool spool = Spool.in(directory)) {
            spool.write(value);
            Blob blob = blobOf(value);
            archive.put(blob, spool);
            return blob;
        }
    }

    private byte[] fetched(Blob blob) throws IOException {
        try (Spool copy = archive.fetch(blob, directory)) {
            return copy.open(0, copy.sizeBytes()).readAllBytes();
        }
    }

    private void requireDamaged(Blob blob, String how) {
        assertThatThrownBy(() -> fetched(blob))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.ARCHIVE_DAMAGED))
                .hasMessageContaining(how)
                .hasMessageContaining(blob.sha256().toHex());
    }

    private static Blob blobOf(byte[] value) {
        return new Blob(
                "string", Encoding.RAW, Bytes.wrap(ObjectBody.newSha256().digest(value)), value.length, DAY);
    }

    private static byte[] value(int length, long seed) {
        byte[] value = new byte[length];
        new Random(seed).nextBytes(value);
        return value;
    }

    private static Path file(Blob blob) {
        return s3.directory()
                .resolve(s3.bucket())
                .resolve("root/blobs")
                .resolve(BlobKey.of(blob).path());
    }

    private static void overwrite(Blob blob, byte[] bytes) throws IOException {
        Files.write(file(blob), bytes, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }
}
