package dev.tidemark.compactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.RollUpRows;
import dev.tidemark.archive.RollUpWriter;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.PrunedKey;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.HourMarker;
import dev.tidemark.schemas.layout.Pruned;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HourRollerTest {
    private static final Hour FIRST = HandmadeArchive.FIRST_HOUR;

    @TempDir
    Path directory;

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private S3Endpoint s3;
    private Archive archive;
    private List<HandmadeArchive> shards;

    @BeforeEach
    void open() {
        s3 = S3Endpoint.start(S3Endpoint.Options.defaults().withDirectory(directory.resolve("s3")));
        archive = Archive.open(S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey())), "rag");
        shards = List.of(new HandmadeArchive(archive, 0, 1), new HandmadeArchive(archive, 1, 2));
    }

    @AfterEach
    void close() {
        archive.close();
        s3.close();
    }

    @Test
    void rollsHoursUpInTheirOrderAsSoonAsEveryShardHasPassedThem() {
        fill(4);
        shards.get(1).hoursPass(3);
        shards.get(1).segment(30);
        shards.get(1).tell();
        assertThat(roller().step())
                .as("the first shard is still in the first hour")
                .isZero();

        shards.get(0).hoursPass(1);
        shards.get(0).segment(30);
        shards.get(0).tell();
        assertThat(roller().step()).isEqualTo(1);
        shards.get(0).hoursPass(1);
        shards.get(0).tell();
        assertThat(roller().step())
                .as("a claim is enough: nothing need be written")
                .isEqualTo(1);

        List<HourMarker> markers = assertRolledUp();
        assertThat(markers).hasSize(2);
        assertThat(markers.get(1).shards().get(0).hasFile()).isTrue();
        assertThat(markers.get(1).shards().get(1).hasFile()).isFalse();
        assertThat(registry.get("tidemark.compactor.rolled.hours").counter().count())
                .isEqualTo(2);
    }

    @Test
    void anHourIsNotRolledUpBeforeItIsOver() {
        fill(2);
        passHour();

        assertThat(roller(FIRST.end().minusSeconds(1), () -> false).step()).isZero();
        assertThat(behindSeconds()).isZero();
        assertThat(roller(FIRST.end().plusSeconds(86_400), () -> false).step()).isEqualTo(1);
        assertThat(archive.rollingBehind(FIRST.end().plusSeconds(60))).isZero();
    }

    @Test
    void tellsHowFarBehindItIs() {
        fill(2);

        roller(FIRST.end().plusSeconds(90_000), () -> false).step();

        assertThat(behindSeconds()).isEqualTo(90_000);
        assertThat(archive.rollingBehind(FIRST.end().plusSeconds(90_000))).isEqualTo(Duration.ofHours(25));
    }

    @Test
    void twoAtOnceAndWhateverTheStoreDoesMakeTheSame() throws Exception {
        List<Thread> rollers = new ArrayList<>();
        for (int hour = 0; hour < 5; hour++) {
            fill(3);
            passHour();
        }
        Injection lost = s3.faults().loseAnswers(4, S3Requests.puts().under("rag/"));
        Injection refused = s3.faults().failRatio(0.2, 503, S3Requests.all().under("rag/"));
        AtomicInteger rolled = new AtomicInteger();
        for (int i = 0; i < 2; i++) {
            rollers.add(new Thread(() -> rolled.addAndGet(insistently(roller()))));
        }
        rollers.forEach(Thread::start);
        for (Thread each : rollers) {
            each.join();
        }
        refused.close();

        assertThat(lost.hits()).isPositive();
        assertThat(refused.hits()).isPositive();
        assertThat(assertRolledUp()).hasSize(5);
    }

    @Test
    void stoppedAnywhereItIsDoneByTheNext() {
        Random random = new Random(7);
        for (int hour = 0; hour < 4; hour++) {
            fill(2);
            passHour();
        }
        int stopped = 0;
        while (archive.rolled().hours(Optional.empty()).size() < 4) {
            AtomicInteger left = new AtomicInteger(random.nextInt(900));
            roller(Instant.now(), () -> left.decrementAndGet() < 0).step();
            stopped++;
        }

        assertThat(stopped).isGreaterThan(3);
        assertThat(assertRolledUp()).hasSize(4);
    }

    @Test
    void aMissingSegmentIsDamageAndNothingIsWrittenOverIt() throws Exception {
        fill(3);
        passHour();
        Path segments = directory.resolve("s3/" + s3.bucket() + "/rag/segments/" + FIRST);
        try (var files = Files.list(segments)) {
            Files.delete(files.sorted().skip(1).findFirst().orElseThrow());
        }

        assertThatThrownBy(() -> roller().step())
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("should begin at offset");
        assertThat(archive.rolled().hours(Optional.empty())).isEmpty();
    }

    @Test
    void aRollerThatSleptUntilItsHourWasGivenUpWritesNothingOfItAndGoesOnWhereTheOthersAre() {
        for (int hour = 0; hour < 4; hour++) {
            fill(2);
            passHour();
        }
        AtomicBoolean hasSlept = new AtomicBoolean();
        List<Pruned> marks = new ArrayList<>();
        HourRoller sleeper = roller(Instant.now(), () -> {
            if (archive.rolled().latest(Optional.empty()).isPresent() && hasSlept.compareAndSet(false, true)) {
                // It is in the middle of the second hour, and here it sleeps for days.
                assertThat(roller().step()).isEqualTo(3);
                marks.add(giveUpAllButTheLastHour());
            }
            return false;
        });

        assertThatThrownBy(sleeper::step).isInstanceOf(TidemarkError.class).hasMessageContaining("is gone");

        Hour kept = marks.get(0).keptHour();
        assertThat(hasSlept).isTrue();
        assertThat(archive.rolled().hours(Optional.empty())).containsExactly(kept);
        fill(2);
        passHour();
        assertThat(sleeper.step()).isEqualTo(1);
        assertThat(archive.rolled().hours(Optional.empty())).containsExactly(kept, kept.next());
    }

    private Pruned giveUpAllButTheLastHour() {
        HourMarker last = archive.rolled()
                .marker(archive.rolled().latest(Optional.empty()).orElseThrow())
                .orElseThrow();
        Pruned mark = new Pruned(
                new PrunedKey(1),
                0,
                0,
                last.hour(),
                HandmadeArchive.GENERATION,
                last.shards().stream().map(RollUp::from).toList(),
                0,
                FIRST.date());
        archive.pruning().mark(mark);
        archive.pruning().delete(mark, outcome -> {});
        return mark;
    }

    private void fill(int segments) {
        for (int i = 0; i < segments; i++) {
            shards.forEach(shard -> shard.segment(60));
        }
        shards.forEach(HandmadeArchive::tell);
    }

    private void passHour() {
        shards.forEach(shard -> {
            shard.hoursPass(1);
            shard.tell();
        });
    }

    private HourRoller roller() {
        return roller(Instant.now(), () -> false);
    }

    /** Of what is scheduled, the first throw is the last turn; that it ended would be seen when hours are missed. */
    @Test
    void aTurnThatLacksMemoryIsFollowedByAnother() {
        AtomicInteger turns = new AtomicInteger();
        BooleanSupplier lacksMemoryAtFirst = () -> {
            if (turns.getAndIncrement() == 0) {
                throw new OutOfMemoryError("as if");
            }
            return false;
        };
        try (Rolling rolling = new Rolling(roller(Instant.EPOCH, () -> false), lacksMemoryAtFirst)) {
            rolling.start();

            Await.until(LiveSource.LIMIT, () -> turns.get() > 1, "another turn");
        }
    }

    private HourRoller roller(Instant now, BooleanSupplier isStopping) {
        Clock clock = Clock.fixed(now, ZoneOffset.UTC);
        PartRoller parts = new PartRoller(
                archive, HandmadeArchive.GENERATION, directory, 20_000, ChunkFields.standard(), isStopping);
        return new HourRoller(parts, shards.size(), clock, new RollingMetrics(registry, clock));
    }

    private static int insistently(HourRoller roller) {
        int rolled = 0;
        for (int i = 0; i < 15; i++) {
            try {
                rolled += roller.step();
            } catch (TidemarkError e) {
                assertThat(e.code().number()).as(e.getMessage()).isEqualTo(7);
            }
        }
        return rolled;
    }

    private double behindSeconds() {
        return registry.get("tidemark.compactor.rolling.behind").gauge().value();
    }

    /** Each row of each rolled hour is in its shard's file, in order, and the parts join. */
    private List<HourMarker> assertRolledUp() {
        List<HourMarker> markers = archive.rolled().markers(archive.rolled().hours(Optional.empty()));
        for (HandmadeArchive shard : shards) {
            long from = 0;
            for (HourMarker marker : markers) {
                RollUp part = marker.shards().get(shard.shard);
                assertThat(part.from()).isEqualTo(from);
                from = part.to();
                assertThat(rows(part))
                        .isEqualTo(shard.rowsOf(marker.hour()).stream()
                                .sorted(RollUpWriter.ORDER)
                                .toList());
            }
        }
        return markers;
    }

    private List<ArchivedRow> rows(RollUp part) {
        List<ArchivedRow> found = new ArrayList<>();
        if (part.hasFile()) {
            try (RollUpRows<ArchivedRow> rows = archive.rolled().rows(part)) {
                rows.forEachRemaining(found::add);
            }
        }
        return found;
    }
}
