package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.Slots;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.Mode;
import dev.tidemark.schemas.layout.Baseline.Node;
import dev.tidemark.schemas.layout.Baseline.StoredFile;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Requests;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BaselinesTest {
    private static final AtomicInteger SOURCES = new AtomicInteger();
    private static final BaselineKey MANIFEST =
            new BaselineKey(1_795_000_000_000_000L, "0123abcd", BaselineKey.MANIFEST);
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static S3Endpoint s3;
    private Archive archive;
    private Baselines baselines;

    @BeforeAll
    static void start() {
        s3 = S3Endpoint.start();
    }

    @AfterAll
    static void stop() {
        s3.close();
    }

    @BeforeEach
    void open() {
        archive = Archive.open(Stores.of(s3), "source-" + SOURCES.incrementAndGet());
        baselines = archive.baselines();
    }

    @AfterEach
    void close() {
        s3.faults().clear();
        archive.close();
    }

    @Test
    void whatWasPublishedIsReadBack() throws IOException {
        byte[] content = new byte[(33 << 20) + 77];
        new Random(7).nextBytes(content);
        StoredFile snapshot = upload(MANIFEST.snapshotOf(0), content);
        Baseline baseline = baseline(snapshot);
        assertThat(baselines.manifests()).isEmpty();

        baselines.publish(baseline);

        assertThat(baselines.manifests()).containsExactly(MANIFEST);
        assertThat(baselines.read(MANIFEST)).contains(baseline);
        assertThat(baselines.isThere(snapshot)).isTrue();
        try (InputStream part = baselines.open(snapshot, 5_000_000, 33 << 20)) {
            assertThat(part.readAllBytes()).isEqualTo(java.util.Arrays.copyOfRange(content, 5_000_000, 33 << 20));
        }
    }

    @Test
    void theLatestComesFirstAndADamagedOneSaysSo() {
        BaselineKey later = new BaselineKey(MANIFEST.startedMicros() + 1, "00000000", BaselineKey.MANIFEST);
        for (BaselineKey key : List.of(MANIFEST, later)) {
            Baseline of = baseline(file(key.snapshotOf(0)));
            baselines.publish(new Baseline(key, "prod", of.mode(), of.nodes()));
        }

        assertThat(baselines.manifests()).containsExactly(later, MANIFEST);
        BaselineKey broken = new BaselineKey(1, "00000000", BaselineKey.MANIFEST);
        try (PartsUpload upload = baselines.upload(broken)) {
            upload.write('{');
            upload.complete();
        }
        assertThatThrownBy(() -> baselines.read(broken))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("damaged");
        assertThat(baselines.read(new BaselineKey(2, "00000000", BaselineKey.MANIFEST)))
                .isEmpty();
    }

    /** Earlier builds wrote one for readers that find the blocks themselves now. */
    @Test
    void aManifestThatNamesABlockIndexIsReadWithoutIt() {
        Baseline baseline = baseline(file(MANIFEST.snapshotOf(0)));
        String index = ",\"index\":{\"file\":\"n00.index\",\"bytes\":3,\"sha256\":\"" + "00".repeat(32) + "\"}}]";
        byte[] earlier = new String(BaselineJson.of(baseline), StandardCharsets.UTF_8)
                .replace("}}]", "}" + index)
                .getBytes(StandardCharsets.UTF_8);
        try (PartsUpload upload = baselines.upload(MANIFEST)) {
            upload.write(earlier, 0, earlier.length);
            upload.complete();
        }

        assertThat(new String(earlier, StandardCharsets.UTF_8)).contains(index);
        assertThat(baselines.read(MANIFEST)).contains(baseline);
        assertThat(ArchiveKey.parse(MANIFEST.beside("n00.index").path())).contains(MANIFEST.beside("n00.index"));
    }

    @Test
    void anUploadThatIsNotCompletedLeavesNothing() {
        BaselineKey file = MANIFEST.snapshotOf(0);
        try (PartsUpload upload = baselines.upload(file)) {
            upload.write(new byte[17 << 20], 0, 17 << 20);
        }

        assertThat(baselines.isThere(new StoredFile(file, 17 << 20, Bytes.wrap(new byte[32]))))
                .isFalse();
        assertThat(baselines.abortAbandoned()).isZero();
    }

    @Test
    void whatADeadProcessBeganIsAbortedByTheNext() {
        PartsUpload forsaken = baselines.upload(MANIFEST.snapshotOf(0));
        forsaken.write(new byte[17 << 20], 0, 17 << 20);

        assertThat(baselines.abortAbandoned()).isEqualTo(1);

        assertThat(baselines.abortAbandoned()).isZero();
        assertThatThrownBy(forsaken::complete).isInstanceOf(TidemarkError.class);
        forsaken.close();
    }

    @Test
    void aPartThatIsRefusedEndsTheUpload() {
        try (PartsUpload upload = baselines.upload(MANIFEST.snapshotOf(0))) {
            s3.faults().failNext(1, 403, S3Requests.puts());

            assertThatThrownBy(() -> {
                        upload.write(new byte[1 << 20], 0, 1 << 20);
                        upload.complete();
                    })
                    .isInstanceOf(TidemarkError.class)
                    .hasMessageContaining("403");
        }
        assertThat(baselines.isThere(new StoredFile(MANIFEST.snapshotOf(0), 1 << 20, Bytes.wrap(new byte[32]))))
                .isFalse();
    }

    @Test
    void oneHasTheTurnUntilItIsGivenBackOrForsaken() {
        Clock noon = Clock.fixed(NOON, ZoneOffset.UTC);
        BaselineTurn first = baselines.takeTurn("first", noon);
        assertThat(first).isInstanceOf(BaselineTurn.Ours.class);
        assertThat(baselines.takeTurn("second", noon))
                .isEqualTo(new BaselineTurn.Taken("first", NOON.plus(BaselineTurn.LEASE)));

        ((BaselineTurn.Ours) first).close();
        BaselineTurn second = baselines.takeTurn("second", noon);

        assertThat(second).isInstanceOf(BaselineTurn.Ours.class);
        Clock later = Clock.fixed(NOON.plus(BaselineTurn.LEASE).plusSeconds(1), ZoneOffset.UTC);
        assertThat(baselines.takeTurn("third", later)).isInstanceOf(BaselineTurn.Ours.class);
        // Awake again, it gives back what is its own and no more.
        ((BaselineTurn.Ours) second).close();
        assertThat(baselines.takeTurn("fourth", later)).isInstanceOf(BaselineTurn.Taken.class);
    }

    @Test
    void keysAreReadAsTheyAreSpelt() {
        for (ArchiveKey key : List.of(MANIFEST, MANIFEST.snapshotOf(123), new ArchiveKey.TurnKey(7))) {
            assertThat(ArchiveKey.parse(key.path())).contains(key);
        }
        assertThat(MANIFEST.path()).isEqualTo("baselines/dt=2026-11-18/110640.000000-0123abcd/manifest.json");
        assertThat(Optional.of(ArchiveKey.parse(MANIFEST.path().replace("manifest", "other"))))
                .contains(Optional.empty());
        BitSet some = new BitSet();
        some.set(3, 9);
        some.set(16_383);
        assertThat(Slots.of(some)).hasToString("3-8,16383");
        assertThat(Slots.parse("3-8,16383")).isEqualTo(Slots.of(some));
        assertThat(Slots.all()).hasToString("0-16383");
    }

    private StoredFile upload(BaselineKey key, byte[] content) {
        try (PartsUpload upload = baselines.upload(key)) {
            upload.write(content, 0, content.length);
            return new StoredFile(key, content.length, upload.complete());
        }
    }

    private static StoredFile file(BaselineKey key) {
        return new StoredFile(key, 1, Bytes.wrap(new byte[32]));
    }

    private static Baseline baseline(StoredFile snapshot) {
        return new Baseline(
                MANIFEST,
                "prod",
                Mode.REPLICATION,
                List.of(new Node(
                        "127.0.0.1:6379",
                        "run",
                        "repl",
                        "watch",
                        42,
                        Slots.all(),
                        1_000,
                        2_000,
                        11,
                        "7.2.0",
                        13,
                        snapshot)));
    }
}
