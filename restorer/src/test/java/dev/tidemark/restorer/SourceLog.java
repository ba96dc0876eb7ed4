package dev.tidemark.restorer;

import dev.tidemark.restorer.GeneratedSource.ShardHistory;
import dev.tidemark.schemas.RedisTime;
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
import dev.tidemark.servers.Await;
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

/** A source's log in Kafka, with the rows and the tidemarks that capture writes there. */
final class SourceLog {
    /** Of the one node that all tidemarks tell of. */
    static final String RUN_ID = "0123456789012345678901234567890123456789";

    private static final int RECORD_BYTES_MAX = 2 << 20;
    private static final int MEMORY_BYTES = 8 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration WRITTEN_WITHIN = Duration.ofSeconds(60);

    private final KafkaSettings kafka;
    private final LogTopics topics;
    private final int shards;

    SourceLog(KafkaSettings kafka, String source, int shards) {
        this.kafka = kafka;
        this.topics = LogTopics.first(source);
        this.shards = shards;
    }

    LogTopics topics() {
        return topics;
    }

    TopicIds create() {
        TopicSetup setup = new TopicSetup(kafka, topics, shards, RECORD_BYTES_MAX, PATIENCE);
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

    void delete() throws Exception {
        try (Admin admin = Admin.create(KafkaClients.connection(kafka))) {
            admin.deleteTopics(List.of(topics.changes(), topics.tidemarks()))
                    .all()
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        Await.until(PATIENCE, () -> TopicSetup.ids(kafka, topics, PATIENCE).isEmpty(), "the topics are gone");
    }

    /** All that there is of it, with every claim. */
    void write(GeneratedSource source) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            List<Future<?>> sent = new ArrayList<>();
            for (int shard = 0; shard < shards; shard++) {
                ShardHistory history = source.histories().get(shard);
                sent.addAll(sendRows(producer, shard, history.rows));
                sent.addAll(sendClaims(producer, shard, history.claims));
            }
            await(sent);
        }
    }

    void append(int shard, List<LogRow> rows) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            await(sendRows(producer, shard, rows));
        }
    }

    /** How many rows a shard has. */
    long rows(int shard) {
        try (ShardLog log = new ShardLog(kafka, topics, PATIENCE)) {
            return log.changesEnd(shard);
        }
    }

    private KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(KafkaClients.orderedProducer(kafka, RECORD_BYTES_MAX, MEMORY_BYTES, PATIENCE));
    }

    private List<Future<?>> sendRows(KafkaProducer<byte[], byte[]> producer, int shard, List<LogRow> rows) {
        LogRowCodec codec = new LogRowCodec();
        List<Future<?>> sent = new ArrayList<>();
        for (LogRow row : rows) {
            sent.add(producer.send(new ProducerRecord<>(topics.changes(), shard, null, codec.encode(row))));
        }
        return sent;
    }

    private List<Future<?>> sendClaims(
            KafkaProducer<byte[], byte[]> producer, int shard, List<ClaimInterval> intervals) {
        List<ControlRecord> claims = new ArrayList<>(List.of(new ControlRecord.Claim("test")));
        for (ClaimInterval claim : intervals) {
            claims.add(tidemark(GeneratedSource.EPOCH, claim));
        }
        // From a writer that was fenced: it counts for nobody.
        ClaimInterval last = intervals.get(intervals.size() - 1);
        claims.add(tidemark(
                -2,
                new ClaimInterval(
                        last.base(), RedisTime.micros(Instant.now()), last.offset(), last.exactnessMicros())));
        ControlRecordCodec codec = new ControlRecordCodec();
        List<Future<?>> sent = new ArrayList<>();
        for (ControlRecord claim : claims) {
            sent.add(producer.send(new ProducerRecord<>(topics.tidemarks(), shard, null, codec.encode(claim))));
        }
        return sent;
    }

    private static void await(List<Future<?>> sent) throws Exception {
        for (Future<?> each : sent) {
            each.get(WRITTEN_WITHIN.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static Tidemark tidemark(long epoch, ClaimInterval claim) {
        Beat beat = new Beat("127.0.0.1:1", RUN_ID, "repl", "watch", 1, 1, claim.throughMicros());
        return new Tidemark(
                1, epoch, claim.base(), claim.throughMicros(), claim.offset(), claim.exactnessMicros(), List.of(beat));
    }
}
