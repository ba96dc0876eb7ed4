package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.settings.CaptureSettings;
import dev.tidemark.servers.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedKafka.class)
class LogWriterTest {
    private static final int RECORDS = 200;

    /** A broker that goes down tells of no topics, and whoever asked it then knows of none: the loop must not wait for that. */
    @Test
    @Timeout(90)
    void recordsOfATopicThatNoBrokerKnowsWaitInTheirOrderAndKeepNobody(CaptureFixture fixture) {
        LogTopics topics = LogTopics.first("unknown");
        List<String> owners = IntStream.range(0, RECORDS)
                .mapToObj(number -> "owner " + number)
                .toList();
        AtomicInteger acknowledged = new AtomicInteger();
        try (LogWriter writer =
                new LogWriter(fixture.settings.kafka(), CaptureSettings.defaults(), topics, CaptureFixture.SHARDS)) {
            for (String owner : owners) {
                writer.control(0, new ControlRecord.Claim(owner), (metadata, failure) -> {
                    assertThat(failure).isNull();
                    acknowledged.incrementAndGet();
                });
            }
            assertThat(acknowledged).hasValue(0);

            new TopicSetup(fixture.settings.kafka(), topics, CaptureFixture.SHARDS, 1 << 20, Duration.ofSeconds(30))
                    .ensure();
            Await.until(CaptureFixture.SOON, () -> acknowledged.get() == RECORDS, "every record to be in the log");
        }

        List<String> found = new ArrayList<>();
        try (ShardLog log = new ShardLog(fixture.settings.kafka(), topics, CaptureFixture.SOON)) {
            log.readTidemarks(
                    0, 0, log.tidemarksEnd(0), (offset, record) -> found.add(((ControlRecord.Claim) record).owner()));
        }
        assertThat(found).isEqualTo(owners);
    }

    @Test
    void whatIsSentToAClosedLogHasAnOutcomeToo(CaptureFixture fixture) {
        List<Exception> outcomes = new ArrayList<>();
        LogWriter writer = new LogWriter(
                fixture.settings.kafka(), CaptureSettings.defaults(), LogTopics.first("closed"), CaptureFixture.SHARDS);
        writer.control(0, new ControlRecord.Claim("before"), (metadata, failure) -> outcomes.add(failure));
        writer.close();
        writer.control(0, new ControlRecord.Claim("after"), (metadata, failure) -> outcomes.add(failure));

        assertThat(outcomes).hasSize(2).doesNotContainNull();
    }
}
