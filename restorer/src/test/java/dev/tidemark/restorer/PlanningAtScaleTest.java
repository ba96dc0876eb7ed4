package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.SegmentFile;
import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.ArchiveKey.RollUpKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.HourMarker;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Thirty days of sixteen shards: more than a million segments, were they asked for one by one. */
class PlanningAtScaleTest {
    private static final int DAYS = 30;
    private static final int HOURS = DAYS * 24;
    private static final int SHARDS = 16;
    private static final int SEGMENTS_NOT_ROLLED = 4;
    private static final int ROWS_AN_HOUR = 1_000;
    private static final int REQUESTS_MAX = 2_000;
    private static final byte[] CONTENT = {1, 2, 3};
    private static final Hour FIRST = Hour.of(RedisTime.micros(Instant.parse("2026-09-01T00:00:00Z")));
    private static final Base BASE = new Base(0, 1, RedisTime.micros(FIRST.start()));

    @Test
    void aPlanAsksForAMarkerAnHourAndForTheSegmentsThatAreNotRolledUp() {
        try (S3Endpoint s3 = S3Endpoint.start()) {
            Settings settings = RestoreTest.settings(s3, "prod-rag", SHARDS);
            try (Archive archive = Archive.open(settings.s3(), "prod-rag")) {
                write(s3, archive);
            }

            try (Restorer restorer = Restorer.open(settings)) {
                Injection requests = s3.faults().delay(Duration.ZERO, S3Requests.all());
                long beganNanos = System.nanoTime();
                RestorePlan plan = restorer.plan(Optional.empty(), false);
                System.out.printf(
                        "a plan of %d days and %d shards: %d requests, %d ms%n",
                        DAYS, SHARDS, requests.hits(), (System.nanoTime() - beganNanos) / 1_000_000);

                assertThat(requests.hits()).isBetween((long) HOURS, (long) REQUESTS_MAX);
                assertThat(plan.files()).isEqualTo((long) SHARDS * (HOURS + SEGMENTS_NOT_ROLLED));
                assertThat(plan.holes()).isEmpty();
                assertThat(plan.damage()).isEmpty();
                assertThat(plan.to()).isEqualTo(RedisTime.instant(hourEnd(HOURS)));
            }
        }
    }

    private static void write(S3Endpoint s3, Archive archive) {
        Path root = s3.directory().resolve(s3.bucket()).resolve("prod-rag");
        IntStream.range(0, HOURS).parallel().forEach(number -> {
            Hour hour = Hour.of(hourEnd(number) - 1);
            List<RollUp> rollUps = new ArrayList<>();
            for (int shard = 0; shard < SHARDS; shard++) {
                rollUps.add(rollUp(hour, shard, number));
                create(root.resolve(rollUps.get(shard).path()));
            }
            archive.rolled().put(new HourMarker(hour, 1, rollUps));
        });
        for (int shard = 0; shard < SHARDS; shard++) {
            for (int i = 0; i < SEGMENTS_NOT_ROLLED; i++) {
                archive.put(segment(archive, shard, HOURS * ROWS_AN_HOUR + i));
            }
            long end = HOURS * ROWS_AN_HOUR + SEGMENTS_NOT_ROLLED;
            archive.writeProgress(new Progress(
                    shard, 1, end, Optional.empty(), Optional.of(new ClaimInterval(BASE, hourEnd(HOURS), end, 1))));
        }
    }

    private static RollUp rollUp(Hour hour, int shard, int number) {
        long from = (long) number * ROWS_AN_HOUR;
        long to = from + ROWS_AN_HOUR;
        return new RollUp(
                new RollUpKey(hour, shard),
                1,
                from,
                to,
                0,
                hourEnd(number) - 1,
                ROWS_AN_HOUR,
                0,
                List.of(new ClaimInterval(BASE, hourEnd(number), to, 1)),
                CONTENT.length,
                "0".repeat(64),
                Segment.LAYOUT);
    }

    private static SegmentFile segment(Archive archive, int shard, int offset) {
        long micros = hourEnd(HOURS - 1) + 1;
        SegmentWriter writer = new SegmentWriter(archive.source(), new SegmentKey(Hour.of(micros), shard, 1, offset));
        writer.add(offset, new EpochClaimed(0, micros));
        return writer.finish(offset + 1L, 0, micros, List.of());
    }

    private static long hourEnd(int number) {
        return RedisTime.micros(FIRST.start().plus(number + 1L, ChronoUnit.HOURS));
    }

    private static void create(Path file) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, CONTENT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
