package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.servers.Await;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** When a capture may ask for shards. */
@ExtendWith(SharedKafka.class)
class JoiningTest {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long MICROS_OF_MANY_BARRIERS = 4_000_000;

    private final Joining joining = new Joining(2);

    @Test
    void whoDoesNotWatchWaits() {
        joining.alone(true);

        assertThat(joining.mayJoin(false, 0)).isFalse();
        assertThat(joining.mayJoin(false, seconds(100))).isFalse();
    }

    /** Its shards are about to go to whoever stands by. */
    @Test
    void whileOneShardOfTwoIsClaimedTheOthersOwnerMayHaveDied() {
        joining.mayJoin(true, 0);
        joining.covers(0);

        assertThat(joining.mayJoin(true, seconds(20))).isFalse();
        joining.covers(1);
        assertThat(joining.mayJoin(true, seconds(21))).isTrue();
    }

    @Test
    void whereNobodyIsNobodyIsWaitedFor() {
        assertThat(joining.mayJoin(true, 0)).isFalse();
        joining.alone(true);
        assertThat(joining.mayJoin(true, 1)).isTrue();
    }

    @Test
    void anOwnerThatClaimsNothingMayBeLate() {
        joining.mayJoin(true, 0);
        joining.alone(false);

        assertThat(joining.mayJoin(true, seconds(20))).isFalse();
    }

    @Test
    void nobodyWaitsForEver() {
        joining.mayJoin(true, 0);
        joining.covers(0);

        assertThat(joining.mayJoin(true, seconds(31))).isTrue();
    }

    /** A member that is late, as an owner is whose Redis or Kafka is slow: it is there, and claims nothing for a while. */
    @Test
    void aNewcomerTakesNothingFromAMemberThatIsLate(CaptureFixture fixture) {
        new TopicSetup(
                        fixture.settings.kafka(),
                        fixture.topics,
                        CaptureFixture.SHARDS,
                        LogWriter.recordBytesMax(fixture.settings.capture()),
                        CaptureFixture.SOON)
                .ensure();
        try (KafkaConsumer<byte[], byte[]> member = member(fixture)) {
            Await.until(
                    CaptureFixture.SOON,
                    () -> {
                        member.poll(POLL);
                        return member.assignment().size() == CaptureFixture.SHARDS;
                    },
                    "the member has every shard");
            fixture.startCapture();
            fixture.awaitWatchers(2);
            long watchedMicros = fixture.redisMicros();

            Await.until(
                    CaptureFixture.SOON,
                    () -> {
                        member.poll(POLL);
                        return fixture.redisMicros() - watchedMicros > MICROS_OF_MANY_BARRIERS;
                    },
                    "barriers to pass");

            assertThat(member.assignment()).hasSize(CaptureFixture.SHARDS);
        }
        fixture.awaitTidemarksPast(fixture.redisMicros());
    }

    private static KafkaConsumer<byte[], byte[]> member(CaptureFixture fixture) {
        KafkaConsumer<byte[], byte[]> member = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        fixture.settings.kafka().bootstrap(),
                        "group.id",
                        fixture.topics.captureGroup(),
                        "partition.assignment.strategy",
                        "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
                        "auto.offset.reset",
                        "latest",
                        "enable.auto.commit",
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        member.subscribe(List.of(fixture.topics.tidemarks()));
        return member;
    }

    private static long seconds(long seconds) {
        return Duration.ofSeconds(seconds).toNanos();
    }
}
