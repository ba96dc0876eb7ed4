package dev.tidemark.schemas.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRowCodec;
import dev.tidemark.schemas.settings.ClientProperties;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.KafkaBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LogInKafkaTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long RECORD_BYTES_MAX = 4 << 20;

    private static KafkaBroker broker;
    private static KafkaSettings settings;

    @BeforeAll
    static void start() {
        broker = KafkaBroker.start();
        settings = KafkaSettings.singleBroker(broker.bootstrap());
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void missingTopicsAreCreatedAndFoundRightTheNextTime() {
        LogTopics topics = LogTopics.first("fresh");

        TopicSetup.TopicIds made = setup(settings, topics, 3).ensure();
        TopicSetup.TopicIds found = setup(settings, topics, 3).ensure();

        assertThat(found).isEqualTo(made);
        assertThat(TopicSetup.ids(settings, topics, PATIENCE)).contains(made);
    }

    @Test
    void everythingWrongWithTopicsIsSaidAtOnceWithTheMend() throws Exception {
        LogTopics topics = LogTopics.first("wrong");
        create(topics.changes(), 2, Map.of("cleanup.policy", "compact", "max.message.bytes", "1000"));
        create(topics.tidemarks(), 5, Map.of("retention.ms", "1000"));

        assertThatThrownBy(() -> setup(settings, topics, 2).ensure())
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.USAGE))
                .hasMessageContaining("cleanup.policy=compact")
                .hasMessageContaining("--add-config cleanup.policy=delete")
                .hasMessageContaining("max.message.bytes=1000")
                .hasMessageContaining("retention.ms=1000")
                .hasMessageContaining("has 5 partitions where source.shards is 2");
    }

    @Test
    void whereWeMayNotCreateTopicsTheMessageSaysWhatToCreate() {
        KafkaSettings readOnly =
                new KafkaSettings(settings.bootstrap(), true, false, settings.retention(), ClientProperties.none());

        assertThatThrownBy(() -> setup(readOnly, LogTopics.first("absent"), 2).ensure())
                .hasMessageContaining("tidemark.absent.changes.g001 does not exist")
                .hasMessageContaining("2 partitions");
    }

    @Test
    void anUnreachableBrokerIsNamedInBoundedTime() {
        KafkaSettings nobody = KafkaSettings.singleBroker("127.0.0.1:" + FreePort.next());

        assertThatThrownBy(() -> new TopicSetup(nobody, LogTopics.first("x"), 1, 1, Duration.ofSeconds(1)).ensure())
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.UNREACHABLE))
                .hasMessageContaining(nobody.bootstrap());
    }

    @Test
    void aQuestionDoesNotWaitForTheFetchBehindWhatWasRead() throws Exception {
        LogTopics topics = LogTopics.first("asked");
        setup(settings, topics, 1).ensure();
        produce(topics.changes(), 10, index -> new LogRowCodec().encode(new LogRow.EpochClaimed(index, index)));

        try (ShardLog log = new ShardLog(settings, topics, PATIENCE)) {
            // A broker lets a fetch at the end of a log wait for half a second, unless it is told otherwise.
            assertTimeout(Duration.ofSeconds(18), () -> {
                for (int asked = 0; asked < 40; asked++) {
                    log.readChanges(0, 0, 10, (offset, row) -> {});
                    assertThat(log.changesEnd(0)).isEqualTo(10);
                }
            });
        }
    }

    @Test
    void aRangeIsReadExactlyOrNotAtAll() throws Exception {
        LogTopics topics = LogTopics.first("range");
        setup(settings, topics, 1).ensure();
        produce(topics.changes(), 50, index -> new LogRowCodec().encode(new LogRow.EpochClaimed(index, index)));

        try (ShardLog log = new ShardLog(settings, topics, PATIENCE);
                ShardLog impatient = new ShardLog(settings, topics, Duration.ofSeconds(3))) {
            List<Long> offsets = new ArrayList<>();
            log.readChanges(0, 7, 31, (offset, row) -> {
                assertThat(row.epoch()).isEqualTo(offset);
                offsets.add(offset);
            });
            assertThat(offsets)
                    .containsExactlyElementsOf(LongStream.range(7, 31).boxed().toList());

            assertThatThrownBy(() -> impatient.readChanges(0, 40, 60, (offset, row) -> {}))
                    .as("past the end")
                    .isInstanceOfSatisfying(TidemarkError.class, error -> assertThat(error.code())
                            .isEqualTo(ExitCode.UNREACHABLE));

            deleteBelow(topics.changes(), 10);
            assertThatThrownBy(() -> log.readChanges(0, 5, 20, (offset, row) -> {}))
                    .as("below the start")
                    .isInstanceOf(LogUnreadable.class);
        }
    }

    @Test
    void aPoisonRecordStopsTheReaderAndIsNamed() throws Exception {
        LogTopics topics = LogTopics.first("poison");
        setup(settings, topics, 1).ensure();
        produce(
                topics.changes(),
                3,
                index -> index == 1 ? new byte[] {1, 2, 3} : new LogRowCodec().encode(new LogRow.EpochClaimed(0, 0)));

        try (ShardLog log = new ShardLog(settings, topics, PATIENCE)) {
            List<Long> offsets = new ArrayList<>();
            assertThatThrownBy(() -> log.readChanges(0, 0, 3, (offset, row) -> offsets.add(offset)))
                    .isInstanceOf(LogUnreadable.class)
                    .hasMessageContaining("offset 1");
            assertThat(offsets).containsExactly(0L);
        }
    }

    private static TopicSetup setup(KafkaSettings kafka, LogTopics topics, int shards) {
        return new TopicSetup(kafka, topics, shards, RECORD_BYTES_MAX, PATIENCE);
    }

    private static void create(String topic, int partitions, Map<String, String> configs) throws Exception {
        try (Admin admin = Admin.create(KafkaClients.connection(settings))) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs)))
                    .all()
                    .get();
        }
    }

    private static void deleteBelow(String topic, long offset) throws Exception {
        try (Admin admin = Admin.create(KafkaClients.connection(settings))) {
            admin.deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(offset)))
                    .all()
                    .get();
        }
    }

    private static void produce(String topic, int count, java.util.function.IntFunction<byte[]> record)
            throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(KafkaClients.orderedProducer(settings, RECORD_BYTES_MAX, 32 << 20, PATIENCE))) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, 0, null, record.apply(i)))
                        .get();
            }
        }
    }
}
