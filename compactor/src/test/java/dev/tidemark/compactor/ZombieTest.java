package dev.tidemark.compactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two compactors in processes of their own share the shards, are stopped in the middle of a write, and killed. */
class ZombieTest {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int ROUNDS = 3;

    @TempDir
    Path directory;

    @Test
    void aCompactorThatWasThoughtDeadOrIsNeitherLosesNorDoublesARow() {
        try (KafkaBroker kafka = KafkaBroker.start();
                S3Endpoint s3 = S3Endpoint.start()) {
            Ground ground = new Ground(
                    "zombies", kafka.bootstrap(), s3.uri(), s3.bucket(), s3.accessKey(), s3.secretKey(), directory);
            ground.createTopics();
            try (Archive archive = ground.archive();
                    LiveShard first = new LiveShard(ground.kafka(), ground.topics(), 0, 21);
                    LiveShard second = new LiveShard(ground.kafka(), ground.topics(), 1, 22)) {
                List<LiveShard> shards = List.of(first, second);
                run(ground, s3, archive, shards);
                for (LiveShard shard : shards) {
                    assertThat(ArchiveCheck.checkChain(archive, shard)).isGreaterThan(ROUNDS);
                }
            }
        }
    }

    private void run(Ground ground, S3Endpoint s3, Archive archive, List<LiveShard> shards) {
        CompactorProcess[] pair = {started(ground), started(ground)};
        try {
            for (int round = 0; round < ROUNDS; round++) {
                CompactorProcess zombie = pair[round % 2];
                stopInTheMiddleOfAWrite(ground, s3, zombie, shards);
                produceAndAwait(archive, shards);
                zombie.resume();
                produceAndAwait(archive, shards);

                int victim = (round + 1) % 2;
                pair[victim].kill();
                produceAndAwait(archive, shards);
                pair[victim] = started(ground);
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
