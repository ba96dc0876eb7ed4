package dev.tidemark.standalone.endtoend;

import dev.tidemark.oracle.Oracle;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.SmallDisk;
import dev.tidemark.standalone.endtoend.Court.Effect;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each disk fills up under services at work: the bucket's, the broker's, and the one that they log to and keep their own files on.
 * Whoever runs them is told what is full, nothing is lost, and all goes on when there is room.
 */
@ExtendWith(OneCourtAtATime.class)
class FullDisksTest {
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final String KAFKA_AWAY = "event=unreachable what=\"Kafka at ";

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_129L));

    /** Kept when the test fails: logs of the servers. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private SmallDisk own;
    private SmallDisk ofBroker;
    private SmallDisk ofBucket;

    @BeforeEach
    void mount() {
        own = ScratchDisk.mount(directory, 8);
        ofBroker = ScratchDisk.mount(directory, 48);
        ofBucket = ScratchDisk.mount(directory, 48);
    }

    @AfterEach
    void unmount() {
        for (SmallDisk disk : new SmallDisk[] {own, ofBroker, ofBucket}) {
            if (disk != null) {
                disk.close();
            }
        }
    }

    @Test
    void aFullDiskIsLatenessAndNothingWorse() {
        KafkaBroker.Options broker =
                KafkaBroker.Options.defaults().withDirectory(ofBroker.path().resolve("kafka"));
        S3Endpoint.Options bucket =
                S3Endpoint.Options.defaults().withDirectory(ofBucket.path().resolve("s3"));
        try (RedisServer redis = RedisServer.start();
                Ground ground = new Ground(KafkaBroker.start(broker), S3Endpoint.start(bucket));
                Deployment deployment = Deployment.start(
                        own.path(), ground, SourceSettings.of("full", 2), RedisSettings.at(redis.uri()));
                Oracle oracle =
                        Oracle.open(redis.uri(), Pace.seeded(random.nextLong()).withoutBigValues());
                Court court = Court.convene(deployment, oracle, RedisServer.Options.defaults(), random)) {
            court.under("a full bucket", Effect.LATE, () -> {
                ofBucket.fill();
                awaitSaid("compact.log", "the store answered 507 InsufficientStorage: no room for");
                ofBucket.makeRoom();
            });
            court.under("a full broker", Effect.LATE, () -> {
                ofBroker.fill();
                Await.until(SOON, () -> !deployment.kafka.isAlive(), "the broker to give up");
                awaitSaid("capture.log", KAFKA_AWAY);
                awaitSaid("compact.log", KAFKA_AWAY);
                ofBroker.makeRoom();
                deployment.kafka.restart();
            });
            court.under("a disk of the services that is full", Effect.LATE, () -> {
                own.fill();
                deployment.awaitArchived(oracle.now());
                long logged = size("compact.log");
                own.makeRoom();
                Await.until(SOON, () -> size("compact.log") > logged, "logs to go on");
            });
            court.adjourn();
        }
    }

    private void awaitSaid(String log, String words) {
        Await.until(SOON, () -> read(log).contains(words), words + " in " + log);
    }

    private String read(String log) {
        try {
            return Files.readString(own.path().resolve(log));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long size(String log) {
        return own.path().resolve(log).toFile().length();
    }
}
