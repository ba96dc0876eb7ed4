package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.BlobKey;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.settings.RestorerSettings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values that lie on S3 beside the segments, into a real Redis and back out of it. */
class LargeValuesTest {
    private static final AtomicInteger SOURCES = new AtomicInteger();
    private static final long FAR_MILLIS = 4_102_444_800_123L;

    private static S3Endpoint s3;
    private static RedisServer target;
    private static RedisContent content;

    @TempDir
    Path directory;

    private String name;
    private Settings settings;
    private Archive archive;
    private SmallSource source;

    @BeforeAll
    static void start() {
        s3 = S3Endpoint.start();
        target = RedisServer.start();
        content = new RedisContent(target.uri());
    }

    @AfterAll
    static void stop() {
        content.close();
        target.close();
        s3.close();
    }

    @BeforeEach
    void begin() {
        content.redis().flushall();
        content.redis().configSet("proto-max-bulk-len", "536870912");
        name = "large-" + SOURCES.incrementAndGet();
        settings =
                RestoreTest.settings(s3, name, 1).with(new RestorerSettings(1_000, 1 << 20, 2, Duration.ofMinutes(5)));
        archive = Archive.open(settings.s3(), name);
        source = new SmallSource(archive);
    }

    @AfterEach
    void close() {
        archive.close();
    }

    @Test
    void stringsOfAnySizeComeBackAndAreProven() throws IOException {
        byte[] large = random(9 * (1 << 20) + 77, 1);
        source.put("empty", source.blob("string", new byte[0]));
        source.put("small", source.blob("string", new byte[] {0}));
        source.put("overwritten", source.blob("string", random(100, 2)));
        source.put(3, "large", source.blob("string", large), OptionalLong.of(FAR_MILLIS));
        source.put("overwritten", source.blob("string", random(1 << 20, 3)));
        source.put("inline", new Value.Text(Bytes.utf8("text")));
        source.archive();

        RestoreReport report = restore();

        assertThat(report.isProven()).as(report.toString()).isTrue();
        assertThat(report.limits()).isEmpty();
        assertThat(report.keysWritten()).isEqualTo(5);
        assertThat(content.redis().get(key("empty"))).isEmpty();
        assertThat(content.redis().get(key("small"))).containsExactly(0);
        assertThat(content.redis().get(key("overwritten"))).isEqualTo(random(1 << 20, 3));
        content.redis().select(3);
        assertThat(content.redis().get(key("large"))).isEqualTo(large);
        assertThat(content.redis().pexpiretime(key("large"))).isEqualTo(FAR_MILLIS);
        content.redis().select(0);
    }

    @Test
    void anyOtherTypeComesBackFromItsDump() throws IOException {
        Object[] scoresAndMembers = new Object[40_000];
        IdentityHashMap<byte[], byte[]> fields = new IdentityHashMap<>();
        for (int i = 0; i < scoresAndMembers.length; i += 2) {
            scoresAndMembers[i] = i / 3.0;
            scoresAndMembers[i + 1] = key("member " + i);
            fields.put(key("field " + i), key("value " + i));
        }
        content.redis().zadd(key("zset"), scoresAndMembers);
        content.redis().hset(key("hash"), fields);
        content.redis().zadd(key("larger"), 1, random(2 << 20, 4));
        byte[] zset = content.redis().dump(key("zset"));
        byte[] hash = content.redis().dump(key("hash"));
        byte[] larger = content.redis().dump(key("larger"));
        Map<GeneratedSource.Name, Object> expected = content.read();
        content.redis().flushall();
        source.put("zset", source.blob("zset", zset));
        source.put("hash", source.blob("hash", hash));
        source.put("larger", source.blob("zset", larger));
        source.archive();

        RestoreReport report = restore();

        assertThat(report.isProven()).as(report.toString()).isTrue();
        assertThat(content.read()).isEqualTo(expected);
        // Larger than what may be held in memory.
        assertThat(report.limits()).singleElement().asString().startsWith("1 keys of types");
    }

    @Test
    void theProofSeesOneByteOfALargeStringThatDiffers() throws IOException {
        source.put("large", source.blob("string", random(3 << 20, 5)));
        source.archive();

        RestoreReport report = restore(progress -> {
            if (progress.phase() == Phase.PROVING && progress.keys() == 0) {
                content.redis().setbit(key("large"), 12_345_678, 1);
                content.redis().setbit(key("large"), 12_345_679, 0);
            }
        });

        assertThat(report.isProven()).isFalse();
    }

    @Test
    void aValueThatIsGoneStopsTheRestoreBeforeItsFirstWrite() throws IOException {
        Blob blob = source.blob("string", random(1 << 20, 6));
        source.put("large", blob);
        source.archive();
        Files.delete(file(blob));

        requireRefusedUntouched("1 of 1 large values are missing");
    }

    @Test
    void aValueThatWasCutOffStopsTheRestoreBeforeItsFirstWrite() throws IOException {
        Blob blob = source.blob("string", random(1 << 20, 7));
        source.put("large", blob);
        source.archive();
        Files.write(file(blob), new byte[100], StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);

        requireRefusedUntouched("missing or have another length");
    }

    @Test
    void aValueThatNoKeyHadAnyMoreMayBeGone() throws IOException {
        Blob blob = source.blob("string", random(1 << 20, 8));
        source.put("large", blob);
        Instant then = source.now();
        source.put("large", new Value.Text(Bytes.utf8("small again")));
        source.archive();
        Files.delete(file(blob));

        RestoreReport report = restore();

        assertThat(report.isProven()).isTrue();
        assertThatThrownBy(() ->
                        restore(Optional.of(then), RestoreOptions.careful().replacing()))
                .hasMessageContaining("large values are missing");
    }

    @Test
    void aDamagedValueIsNeverVisibleInTheTarget() throws IOException {
        byte[] value = random(3 << 20, 9);
        Blob blob = source.blob("string", value);
        source.put("large", blob);
        source.archive();
        value[2 << 20] ^= 1;
        Files.write(file(blob), value, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);

        assertThatThrownBy(this::restore)
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.ARCHIVE_DAMAGED))
                .hasMessageContaining(blob.sha256().toHex());
        assertThat(content.redis().dbsize()).isZero();
    }

    @Test
    void aConnectionLostInTheMiddleOfAStringLeavesNoHalfOfIt() throws IOException {
        source.put("large", source.blob("string", random(30 << 20, 10)));
        source.archive();

        try (FaultProxy proxy = FaultProxy.before(target);
                Restorer restorer = Restorer.open(settings)) {
            // Slow enough that much is still to come when a piece is seen.
            proxy.bandwidth(4 << 20);
            Thread cutter = new Thread(() -> {
                dev.tidemark.servers.Await.until(
                        java.time.Duration.ofSeconds(60),
                        () -> content.redis().exists(ReservedKeys.RESTORE_PIECES.array()) == 1,
                        "a piece is there");
                proxy.cut();
            });
            cutter.start();

            assertThatThrownBy(() -> restorer.restore(
                            restorer.plan(Optional.empty(), false),
                            RestoreTarget.at(proxy.uri("redis")),
                            RestoreOptions.careful(),
                            RestoreListener.silent()))
                    .isInstanceOfSatisfying(TidemarkError.class, error -> assertThat(error.code())
                            .isEqualTo(ExitCode.UNREACHABLE));
        }
        assertThat(content.redis().exists(key("large"))).isZero();
        assertThat(content.redis().exists(ReservedKeys.RESTORE_LOCK.array())).isEqualTo(1);

        RestoreReport again = restoreAfterwards();

        assertThat(again.isProven()).isTrue();
        assertThat(content.redis().exists(ReservedKeys.RESTORE_PIECES.array())).isZero();
    }

    @Test
    void whatAKilledRunLeftOfALargeStringIsTakenAwayByTheNextOne() throws IOException {
        source.put("large", new Value.Text(Bytes.utf8("small yet")));
        Instant then = source.now();
        source.put("large", source.blob("string", random(2 << 20, 13)));
        source.archive();
        byte[] left = ReservedKeys.RESTORE_PIECES.array();
        byte[] ofAPart = key(ReservedKeys.RESTORE_PIECES.asUtf8().orElseThrow() + ":2:{abc}");
        byte[] theirs = key(ReservedKeys.RESTORE_PIECES.asUtf8().orElseThrow() + "-of-somebody-else");
        content.redis().select(3);
        content.redis().set(left, random(1 << 20, 14));
        content.redis().set(ofAPart, random(1 << 20, 14));
        content.redis().set(theirs, key("1"));
        content.redis().select(0);

        RestoreReport report =
                restore(Optional.of(then), RestoreOptions.careful().merging());

        assertThat(report.isProven()).isTrue();
        assertThat(report.limits())
                .contains("2 keys tidemark:restore-pieces, of large strings that a run which died had not ended, were"
                        + " deleted");
        content.redis().select(3);
        assertThat(content.redis().keys("*")).containsExactly(theirs);
        content.redis().select(0);
    }

    /** They are on different machines, and know nothing of each other. */
    @Test
    void partsWriteLargeStringsBesideEachOther() throws Exception {
        settings =
                RestoreTest.settings(s3, name, 2).with(new RestorerSettings(1_000, 1 << 20, 1, Duration.ofMinutes(5)));
        SmallSource other = source.beside(1);
        Map<String, byte[]> expected = new LinkedHashMap<>();
        for (int i = 0; expected.size() < 8; i++) {
            String key = "large " + i;
            byte[] value = random(5 << 20, 20 + i);
            SmallSource its = new Shards(2).of(Bytes.utf8(key)) == 0 ? source : other;
            its.put(key, its.blob("string", value));
            expected.put(key, value);
        }
        source.archive();
        other.archive();
        Instant to;
        try (Restorer restorer = Restorer.open(settings)) {
            to = restorer.plan(Optional.empty(), false).to();
        }
        ExecutorService machines = Executors.newFixedThreadPool(2);
        try {
            List<Future<RestoreReport>> parts = new ArrayList<>();
            for (int number = 1; number <= 2; number++) {
                RestoreOptions options = RestoreOptions.careful().doing(new RestorePart(number, 2));
                parts.add(machines.submit(() -> restore(Optional.of(to), options)));
            }

            for (Future<RestoreReport> part : parts) {
                assertThat(part.get().isProven()).isTrue();
            }
        } finally {
            machines.shutdownNow();
        }
        for (Map.Entry<String, byte[]> each : expected.entrySet()) {
            assertThat(content.redis().get(key(each.getKey()))).isEqualTo(each.getValue());
        }
        assertThat(content.redis().dbsize()).isEqualTo(expected.size());
    }

    @Test
    void aTargetThatFillsUpKeepsNoPiecesOfAString() throws IOException {
        source.put("large", source.blob("string", random(40 << 20, 15)));
        source.archive();
        content.redis().configSet("maxmemory", "20mb");
        try {
            assertThatThrownBy(this::restore).hasMessageContaining("its maxmemory is too small");
        } finally {
            content.redis().configSet("maxmemory", "0");
        }

        assertThat(content.redis().keys("*")).isEmpty();
    }

    private RestoreReport restoreAfterwards() {
        content.redis().del(ReservedKeys.RESTORE_LOCK.array());
        return restore(Optional.empty(), RestoreOptions.careful().replacing());
    }

    @Test
    void aTargetThatCannotTakeTheValueIsRefusedBeforeTheFirstWrite() throws IOException {
        source.put("large", source.blob("string", random(2 << 20, 11)));
        source.archive();
        content.redis().configSet("proto-max-bulk-len", "1048576");

        requireRefusedUntouched("takes values of 1048576 bytes at most");
    }

    private RestoreReport restore() {
        return restore(RestoreListener.silent());
    }

    private RestoreReport restore(RestoreListener listener) {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.restore(
                    restorer.plan(Optional.empty(), false),
                    RestoreTarget.at(target.uri()),
                    RestoreOptions.careful(),
                    listener);
        }
    }

    private RestoreReport restore(Optional<Instant> to, RestoreOptions options) {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.restore(
                    restorer.plan(to, false), RestoreTarget.at(target.uri()), options, RestoreListener.silent());
        }
    }

    private void requireRefusedUntouched(String why) {
        assertThatThrownBy(this::restore)
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining(why)
                .hasMessageContaining("Nothing was written");
        assertThat(content.redis().dbsize()).isZero();
    }

    private Path file(Blob blob) {
        return s3.directory()
                .resolve(s3.bucket())
                .resolve(name)
                .resolve(BlobKey.of(blob).path());
    }

    private static byte[] key(String text) {
        return RedisContent.bytes(text);
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
