package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.servers.Await;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A topic that is deleted and created again gives its offsets away twice. */
@ExtendWith(SharedKafka.class)
@Execution(ExecutionMode.CONCURRENT) // It mostly waits.
class RecreatedTopicTest {
    @Test
    void nothingFollowsFromWhatWasClaimedOfAnEarlierTopic(CaptureFixture fixture) throws Exception {
        for (int i = 0; i < 100; i++) {
            fixture.commands.set("old:" + i, "1");
        }
        fixture.startAndCover();
        List<Tidemark> before = fixture.logged.lastTidemarks();

        recreateChanges(fixture);
        for (int i = 0; i < 10; i++) {
            fixture.commands.set("new:" + i, "1");
        }
        fixture.awaitTidemarksPast(fixture.redisMicros());

        List<Tidemark> after = fixture.logged.lastTidemarks();
        for (int shard = 0; shard < CaptureFixture.SHARDS; shard++) {
            assertThat(after.get(shard).base().endMicros())
                    .as("shard %d follows from a new resync", shard)
                    .isGreaterThan(before.get(shard).throughMicros());
        }
        assertThat(CaptureFixture.present(fixture.logged.statesBelowTidemarks()))
                .containsExactlyInAnyOrderElementsOf(fixture.commands.keys("[no]*"));
    }

    private static void recreateChanges(CaptureFixture fixture) throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(
                Map.of("bootstrap.servers", fixture.settings.kafka().bootstrap()))) {
            admin.deleteTopics(List.of(fixture.topics.changes())).all().get();
        }
        TopicSetup setup = new TopicSetup(
                fixture.settings.kafka(),
                fixture.topics,
                CaptureFixture.SHARDS,
                LogWriter.recordBytesMax(fixture.settings.capture()),
                Duration.ofSeconds(30));
        Await.until(
                CaptureFixture.SOON,
                () -> {
                    try {
                        setup.ensure();
                        return true;
                    } catch (TidemarkError notYet) {
                        return false;
                    }
                },
                "the topic is there again");
    }
}
