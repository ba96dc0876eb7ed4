package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.GeneratedSource.ShardHistory;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.KafkaClients;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.kafka.TopicSetup.TopicIds;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.ControlRecordCodec;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRowCodec;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Tidemark.Beat;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What is in Kafka and not yet on S3. */
@TestInstance(Lifecycle.PER_CLASS)
class TailTest {
    private static final int SHARDS = 2;
    private static final int RECORD_BYTES_MAX = 2 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration KAFKA_GONE_COSTS_MAX = Duration.ofSeconds(20);
    private static final String RUN_ID = "0123456789012345678901234567890123456789";

    private S3Endpoint s3;
    private KafkaBroker kafka;
    private RedisServer target;
    private RedisContent content;
    private GeneratedSource source;
    private Settings settings;
    private int sources;

    @BeforeAll
    void start() {
        s3 = S3Endpoint.start();
        kafka = KafkaBroker.start();
        target = RedisServer.start();
        content = new RedisContent(target.uri());
    }

    @BeforeEach
    void writeTheLog(TestInfo test) throws Exception {
        content.redis().flushall();
        source = new GeneratedSource(test.getDisplayName().hashCode(), SHARDS, 100, 900, List.of());
        Settings onS3 = RestoreTest.settings(s3, "source-" + sources++, SHARDS);
        settings = onS3.with(KafkaSettings.singleBroker(kafka.bootstrap()));
        TopicIds ids = createTopics();
        try (Archive archive = archive()) {
            archive.logGenerations().claim(1, ids);
        }
        produce();
    }

    @AfterEach
    void kafkaIsBack() {
        if (!kafka.isAlive()) {
            kafka.restart();
        }
    }

    @AfterAll
    void stop() {
        content.close();
        target.close();
        kafka.close();
        s3.close();
    }

    @Test
    void theTailReachesFurtherThanS3() {
        archiveHalf();

        try (Restorer restorer = Restorer.open(settings)) {
            Points points = restorer.points(true);
            Instant onS3 = restorer.plan(Optional.empty(), false).to();
            RestorePlan plan = restorer.plan(Optional.empty(), true);

            assertThat(points.tail().state()).isEqualTo(TailUse.State.USED);
            assertThat(points.latest()).contains(source.last());
            assertThat(points.rpoNow().orElseThrow())
                    .isLessThan(points.rpoOnS3().orElseThrow());
            assertThat(onS3).isBefore(source.last());
            assertThat(plan.to()).isEqualTo(source.last());
            assertThat(plan.tailRecords()).isPositive();
            assertThat(plan.sourceRunIds()).containsExactly(RUN_ID);
            requireRestored(restorer, plan);
        }
    }

    @Test
    void aTimeBetweenTwoTidemarksOfTheTailIsRestoredExactly() {
        archiveHalf();
        Instant to = source.between(0.83);

        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.of(to), true);

            assertThat(plan.tailRecords()).isPositive();
            requireRestored(restorer, plan);
        }
    }

    @Test
    void aTimeThatS3CoversIsReadFromS3Alone() {
        archiveHalf();

        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.of(source.between(0.2)), true);

            assertThat(plan.tailRecords()).isZero();
            requireRestored(restorer, plan);
        }
    }

    @Test
    void theLogAloneIsEnoughBeforeAnythingIsOnS3() {
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.empty(), true);

            assertThat(plan.files()).isZero();
            assertThat(plan.to()).isEqualTo(source.last());
            requireRestored(restorer, plan);
        }
    }

    @Test
    void aSegmentThatWasLostIsReadFromKafkaWhileItHoldsIt() {
        try (Archive archive = archive()) {
            for (int shard = 0; shard < SHARDS; shard++) {
                source.segment(archive, shard, 0, 100);
                source.segment(archive, shard, 200, 250);
            }
        }

        try (Restorer restorer = Restorer.open(settings)) {
            assertThat(restorer.points(true).holes()).allMatch(hole -> hole.bridged());
            requireRestored(restorer, restorer.plan(Optional.of(source.between(0.4)), true));
        }
    }

    @Test
    void withoutTheTailATimeBeyondS3IsRefused() {
        archiveHalf();

        try (Restorer restorer = Restorer.open(settings)) {
            assertThatThrownBy(() -> restorer.plan(Optional.of(source.last()), false))
                    .isInstanceOfSatisfying(TidemarkError.class, error -> assertThat(error.code())
                            .isEqualTo(ExitCode.NOT_RESTORABLE));
        }
    }

    @Test
    void aKafkaThatIsGoneDelaysNothingForLongAndEndsThePlanAtS3() {
        archiveHalf();
        kafka.kill();

        requireS3AloneSoon();
    }

    @Test
    void aKafkaThatStandsStillDelaysNothingForLongAndEndsThePlanAtS3() {
        archiveHalf();
        kafka.pause();

        try {
            requireS3AloneSoon();
        } finally {
            kafka.resume();
        }
    }

    @Test
    void otherTopicsOfTheSameNameAreNotTheLog() throws Exception {
        archiveHalf();
        try (Archive archive = archive();
                Admin admin = Admin.create(KafkaClients.connection(settings.kafka()))) {
            TopicIds old = archive.logGenerations().topics(1).orElseThrow();
            admin.deleteTopics(List.of(topics().changes(), topics().tidemarks()))
                    .all()
                    .get(30, TimeUnit.SECONDS);
            Await.until(
                    PATIENCE,
                    () -> TopicSetup.ids(settings.kafka(), topics(), PATIENCE).isEmpty(),
                    "the topics are gone");
            assertThat(createTopics()).isNotEqualTo(old);
        }
        produce();

        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.empty(), true);

            assertThat(plan.tail().state()).isEqualTo(TailUse.State.UNUSABLE);
            assertThat(plan.tail().reason()).contains("their ids differ");
            assertThat(plan.to()).isBefore(source.last());
        }
    }

    @Test
    void rowsOfALogThatCameLaterAreNotTakenForTheTail() throws Exception {
        archiveHalf();
        try (Restorer restorer = Restorer.open(settings);
                Admin admin = Admin.create(KafkaClients.connection(settings.kafka()))) {
            RestorePlan plan = restorer.plan(Optional.empty(), true);
            assertThat(plan.tailRecords()).isPositive();
            admin.deleteTopics(List.of(topics().changes(), topics().tidemarks()))
                    .all()
                    .get(30, TimeUnit.SECONDS);
            Await.until(
                    PATIENCE,
                    () -> TopicSetup.ids(settings.kafka(), topics(), PATIENCE).isEmpty(),
                    "the topics are gone");
            createTopics();
            source = new GeneratedSource(4711, SHARDS, 100, 2_500, List.of());
            produce();

            requireRefusedUntouched(restorer, plan, "created again");
        }
    }

    /** As a broker leaves it that lost its last writes and was written on by whoever did not know. */
    @Test
    void aLogThatLostRowsWhichAreArchivedIsNoTail() throws Exception {
        archive(0.9);
        loseTheEndOfTheLogAndWriteOn();

        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.empty(), true);

            assertThat(plan.tail().state()).isEqualTo(TailUse.State.UNUSABLE);
            assertThat(plan.tail().reason()).contains("lost records that had been read");
            assertThat(plan.to()).isBefore(source.last());
            requireRestored(restorer, plan);
        }
    }

    @Test
    void aLogThatLostRowsSinceThePlanIsNotReadOn() throws Exception {
        archive(0.9);
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.empty(), true);
            assertThat(plan.tailRecords()).isPositive();

            loseTheEndOfTheLogAndWriteOn();

            requireRefusedUntouched(restorer, plan, "lost records that had been read");
        }
    }

    /** The log is as long as before, and its topic the same. */
    private void loseTheEndOfTheLogAndWriteOn() throws Exception {
        kafka.killAndLoseEndOf(topics().changes(), 0);
        kafka.restart();
        List<LogRow> rows = source.histories().get(0).rows;
        LogRowCodec codec = new LogRowCodec();
        try (ShardLog log = new ShardLog(settings.kafka(), topics(), PATIENCE);
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        KafkaClients.orderedProducer(settings.kafka(), RECORD_BYTES_MAX, 8 << 20, PATIENCE))) {
            int left = (int) log.changesEnd(0);
            assertThat(left).isLessThan((int) (rows.size() * 0.9));
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (LogRow row : rows.subList(left, rows.size())) {
                sent.add(producer.send(new ProducerRecord<>(topics().changes(), 0, null, codec.encode(row))));
            }
            for (Future<RecordMetadata> each : sent) {
                each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            assertThat(log.changesEnd(0)).isEqualTo(rows.size());
        }
    }

    private void requireRefusedUntouched(Restorer restorer, RestorePlan plan, String why) {
        assertThatThrownBy(() -> restorer.restore(
                        plan, RestoreTarget.at(target.uri()), RestoreOptions.careful(), RestoreListener.silent()))
                .isInstanceOfSatisfying(TidemarkError.class, refused -> {
                    assertThat(refused.code()).isEqualTo(ExitCode.ARCHIVE_DAMAGED);
                    assertThat(refused.getMessage()).contains(why).contains("Plan again");
                });
        assertThat(content.read()).isEmpty();
    }

    private void requireS3AloneSoon() {
        long began = System.nanoTime();
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.empty(), true);

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(KAFKA_GONE_COSTS_MAX);
            assertThat(plan.tail().state()).isEqualTo(TailUse.State.UNUSABLE);
            assertThat(plan.tail().reason()).contains("Kafka at " + kafka.bootstrap());
            assertThat(plan.to()).isBefore(source.last());
            requireRestored(restorer, plan);
            assertThatThrownBy(() -> restorer.plan(Optional.of(source.last()), true))
                    .hasMessageContaining("The tail of the log was not used");
        }
    }

    private void requireRestored(Restorer restorer, RestorePlan plan) {
        RestoreReport report = restorer.restore(
                plan, RestoreTarget.at(target.uri()), RestoreOptions.careful(), RestoreListener.silent());

        assertThat(report.isProven()).isTrue();
        assertThat(content.read()).isEqualTo(content.asRead(source.stateAt(plan.to())));
    }

    private void archiveHalf() {
        archive(0.5);
    }

    private void archive(double share) {
        try (Archive archive = archive()) {
            source.archive(archive, 60, share);
        }
    }

    private Archive archive() {
        return Archive.open(settings.s3(), settings.source().name());
    }

    private LogTopics topics() {
        return LogTopics.first(settings.source().name());
    }

    private TopicIds createTopics() {
        TopicSetup setup = new TopicSetup(settings.kafka(), topics(), SHARDS, RECORD_BYTES_MAX, PATIENCE);
        return Await.value(
                PATIENCE,
                () -> {
                    try {
                        return Optional.of(setup.ensure());
                    } catch (TidemarkError notYet) {
                        return Optional.empty();
                    }
                },
                "the topics are there");
    }

    private void produce() throws Exception {
        LogRowCodec rows = new LogRowCodec();
        ControlRecordCodec controls = new ControlRecordCodec();
        List<Future<?>> sent = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                KafkaClients.orderedProducer(settings.kafka(), RECORD_BYTES_MAX, 8 << 20, PATIENCE))) {
            for (int shard = 0; shard < SHARDS; shard++) {
                ShardHistory history = source.histories().get(shard);
                for (LogRow row : history.rows) {
                    sent.add(producer.send(new ProducerRecord<>(topics().changes(), shard, null, rows.encode(row))));
                }
                List<ControlRecord> claims = new ArrayList<>(List.of(new ControlRecord.Claim("test")));
                for (ClaimInterval claim : history.claims) {
                    claims.add(tidemark(GeneratedSource.EPOCH, claim));
                }
                // From a writer that was fenced: it counts for nobody.
                ClaimInterval last = history.claims.get(history.claims.size() - 1);
                claims.add(tidemark(
                        -2,
                        new ClaimInterval(
                                last.base(), RedisTime.micros(Instant.now()), last.offset(), last.exactnessMicros())));
                for (ControlRecord claim : claims) {
                    sent.add(producer.send(
                            new ProducerRecord<>(topics().tidemarks(), shard, null, controls.encode(claim))));
                }
            }
            for (Future<?> each : sent) {
                each.get(60, TimeUnit.SECONDS);
            }
        }
    }

    private static Tidemark tidemark(long epoch, ClaimInterval claim) {
        Beat beat = new Beat("127.0.0.1:1", RUN_ID, "repl", "watch", 1, 1, claim.throughMicros());
        return new Tidemark(
                1, epoch, claim.base(), claim.throughMicros(), claim.offset(), claim.exactnessMicros(), List.of(beat));
    }
}
