package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.TopicSetup.TopicIds;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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
    private static final Duration KAFKA_GONE_COSTS_MAX = Duration.ofSeconds(20);

    private S3Endpoint s3;
    private KafkaBroker kafka;
    private RedisServer target;
    private RedisContent content;
    private GeneratedSource source;
    private Settings settings;
    private SourceLog log;
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
        log = new SourceLog(settings.kafka(), settings.source().name(), SHARDS);
        TopicIds ids = log.create();
        try (Archive archive = archive()) {
            archive.logGenerations().claim(1, ids);
        }
        log.write(source);
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
            assertThat(plan.sourceRunIds()).containsExactly(SourceLog.RUN_ID);
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
        try (Archive archive = archive()) {
            TopicIds old = archive.logGenerations().topics(1).orElseThrow();
            log.delete();
            assertThat(log.create()).isNotEqualTo(old);
        }
        log.write(source);

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
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.empty(), true);
            assertThat(plan.tailRecords()).isPositive();
            log.delete();
            log.create();
            source = new GeneratedSource(4711, SHARDS, 100, 2_500, List.of());
            log.write(source);

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
        kafka.killAndLoseEndOf(log.topics().changes(), 0);
        kafka.restart();
        List<LogRow> rows = source.histories().get(0).rows;
        int left = (int) log.rows(0);
        assertThat(left).isLessThan((int) (rows.size() * 0.9));
        log.append(0, rows.subList(left, rows.size()));
        assertThat(log.rows(0)).isEqualTo(rows.size());
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
}
