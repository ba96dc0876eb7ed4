package dev.tidemark.compactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.layout.HourMarker;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two compactors in processes of their own share the shards, are stopped in the middle of a write, killed and ended, and the
 * store and the broker fail in between, while hours go by and are rolled up. {@code -Dtidemark.rounds=50} makes a soak of it.
 */
class ZombieTest {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int ROUNDS = Integer.getInteger("tidemark.rounds", 3);
    /** Often, so that there is always an hour to roll up. */
    private static final int STEPS_PER_HOUR_JUMP = 40;

    @TempDir
    Path directory;

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_121L));

    @Test
    void aCompactorThatWasThoughtDeadOrIsNeitherLosesNorDoublesARow() throws Exception {
        try (KafkaBroker kafka = KafkaBroker.start();
                S3Endpoint s3 =
                        S3Endpoint.start(S3Endpoint.Options.defaults().withDirectory(directory.resolve("s3")))) {
            Ground ground = new Ground(
                    "zombies", kafka.bootstrap(), s3.uri(), s3.bucket(), s3.accessKey(), s3.secretKey(), directory);
            ground.createTopics();
            try (Archive archive = ground.archive();
                    LiveShard first = new LiveShard(ground.kafka(), ground.topics(), 0, 21, STEPS_PER_HOUR_JUMP);
                    LiveShard second = new LiveShard(ground.kafka(), ground.topics(), 1, 22, STEPS_PER_HOUR_JUMP);
                    ViewReader reader = new ViewReader(
                            archive,
                            directory.resolve("s3").resolve(s3.bucket()).resolve(ground.source()),
                            List.of(first, second))) {
                List<LiveShard> shards = List.of(first, second);
                run(ground, kafka, s3, archive, shards);
                reader.requireAllWell();
                assertThat(reader.rows()).containsExactlyInAnyOrderElementsOf(accounted(archive, shards));
                requireUnbroken(archive);
                for (LiveShard shard : shards) {
                    assertThat(ArchiveCheck.checkChain(archive, shard)).isGreaterThan(ROUNDS);
                }
            }
        }
    }

    /** Every row that counts, of all shards, as the view tells it. */
    private static List<String> accounted(Archive archive, List<LiveShard> shards) {
        List<String> rows = new ArrayList<>();
        for (LiveShard shard : shards) {
            long end =
                    archive.last(shard.shard, 1, Optional.empty()).orElseThrow().end();
            shard.log.rowsThatCountBelow(end).forEach(row -> rows.add(shard.shard + "|" + row.offset()));
        }
        return rows;
    }

    /** The parts of each hour begin where those of the hour before end. */
    private static void requireUnbroken(Archive archive) {
        List<HourMarker> markers = archive.rolled().markers(archive.rolled().hours(Optional.empty()));
        assertThat(markers).hasSizeGreaterThan(1);
        for (int shard = 0; shard < Ground.SHARDS; shard++) {
            long from = 0;
            for (HourMarker marker : markers) {
                assertThat(marker.shards().get(shard).from()).isEqualTo(from);
                from = marker.shards().get(shard).to();
            }
        }
    }

    private void run(Ground ground, KafkaBroker kafka, S3Endpoint s3, Archive archive, List<LiveShard> shards) {
        CompactorProcess[] pair = {started(ground), started(ground)};
        List<Fault> faults = new ArrayList<>();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                if (faults.isEmpty()) {
                    faults.addAll(List.of(Fault.values()));
                    Collections.shuffle(faults, random);
                }
                Fault fault = faults.remove(0);
                long began = System.nanoTime();
                CompactorProcess zombie = pair[round % 2];
                stopInTheMiddleOfAWrite(ground, s3, zombie, shards);
                fault.amid(() -> shards.forEach(shard -> shard.steps(40)), kafka, s3);
                produceAndAwait(archive, shards);
                zombie.resume();
                produceAndAwait(archive, shards);

                int victim = (round + 1) % 2;
                if (random.nextBoolean()) {
                    pair[victim].kill();
                } else {
                    pair[victim].terminate();
                }
                produceAndAwait(archive, shards);
                pair[victim] = started(ground);
                System.out.printf(
                        "round=%d fault=%s seconds=%d%n",
                        round,
                        fault,
                        Duration.ofNanos(System.nanoTime() - began).toSeconds());
            }
        } finally {
            pair[0].close();
            pair[1].close();
        }
    }

    private static void stopInTheMiddleOfAWrite(
            Ground ground, S3Endpoint s3, CompactorProcess zombie, List<LiveShard> shards) {
        try (Injection held =
                s3.faults().delay(Duration.ofSeconds(20), S3Requests.puts().under(ground.source() + "/segments"))) {
            shards.forEach(shard -> shard.steps(40));
            Await.until(LIMIT, () -> held.hits() > 0, "a segment is being written");
            zombie.pause();
        }
    }

    private static void produceAndAwait(Archive archive, List<LiveShard> shards) {
        for (LiveShard shard : shards) {
            shard.steps(40);
            shard.idle();
        }
        shards.forEach(shard -> ArchiveCheck.awaitAll(archive, shard, LIMIT));
    }

    private CompactorProcess started(Ground ground) {
        return CompactorProcess.start(ground, Path.of("target", "zombie-compactors.log"));
    }
}
