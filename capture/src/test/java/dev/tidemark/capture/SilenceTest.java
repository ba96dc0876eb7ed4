package dev.tidemark.capture;

import static dev.tidemark.capture.CaptureFixture.present;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.RedisServer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A connection on which nothing arrives any more, though nobody closed it, is given up; whether that is a gap is the others' to say. */
@ExtendWith(SharedKafka.class)
@Execution(ExecutionMode.CONCURRENT) // They wait for deadlines.
class SilenceTest {
    @ParameterizedTest
    @EnumSource(Silent.class)
    void aSilentConnectionIsGivenUpAndMakesNoGap(Silent silent, KafkaBroker kafka) {
        RedisServer redis = RedisServer.start();
        try (FaultProxy proxy = FaultProxy.before(redis);
                CaptureFixture fixture = new CaptureFixture(kafka, redis, direct -> proxy.uri("redis"))) {
            fixture.commands.set("before", "1");
            fixture.startAndCover();
            fixture.awaitBothCover();
            List<Tidemark> before = fixture.logged.lastTidemarks();
            List<String> doubts = fixture.logged.doubts();

            String line = fixture.commands
                    .clientList()
                    .lines()
                    .filter(CaptureFixture::isCapture)
                    .filter(silent::is)
                    .findFirst()
                    .orElseThrow();
            proxy.silence(Integer.parseInt(line.replaceAll(".* addr=[^ ]*:(\\d+) .*", "$1")));
            fixture.commands.set("meanwhile", "1");
            fixture.awaitTidemarksPast(fixture.redisMicros());

            String id = line.substring(0, line.indexOf(' ') + 1);
            Await.until(
                    CaptureFixture.SOON,
                    () -> fixture.commands.clientList().lines().noneMatch(each -> each.startsWith(id)),
                    "the silent connection is closed");
            assertThat(fixture.logged.doubts()).isEqualTo(doubts);
            assertThat(fixture.logged.lastTidemarks())
                    .extracting(Tidemark::base)
                    .isEqualTo(before.stream().map(Tidemark::base).toList());
            assertThat(present(fixture.logged.statesBelowTidemarks())).containsExactlyInAnyOrder("before", "meanwhile");
        }
    }

    /** Nobody closed any, so nothing but time tells that what is written is heard by nobody. */
    @Test
    void whereAllAreSilentThatIsADoubtUntilEverythingWasReadAgain(KafkaBroker kafka) {
        RedisServer redis = RedisServer.start();
        try (FaultProxy proxy = FaultProxy.before(redis);
                CaptureFixture fixture = new CaptureFixture(kafka, redis, direct -> proxy.uri("redis"))) {
            fixture.commands.set("before", "1");
            fixture.startAndCover();
            fixture.awaitBothCover();
            List<Tidemark> before = fixture.logged.lastTidemarks();

            proxy.blackHole();
            fixture.commands.del("before");
            fixture.commands.set("meanwhile", "1");
            long unheard = fixture.redisMicros();
            fixture.awaitDoubt("silent for");
            proxy.heal();
            fixture.awaitTidemarksPast(fixture.redisMicros());

            for (int shard = 0; shard < CaptureFixture.SHARDS; shard++) {
                long basedBefore = before.get(shard).base().endOffset();
                assertThat(fixture.logged.tidemarksPast(shard, unheard))
                        .isNotEmpty()
                        .allMatch(tidemark -> tidemark.base().beginOffset() > basedBefore, "follows from a new resync");
            }
            assertThat(present(fixture.logged.statesBelowTidemarks())).containsExactly("meanwhile");
        }
    }

    enum Silent {
        TRACKING {
            @Override
            boolean is(String client) {
                return CaptureFixture.tracks(client);
            }
        },
        NOTIFICATIONS {
            @Override
            boolean is(String client) {
                return CaptureFixture.takesNotifications(client);
            }
        },
        READS {
            @Override
            boolean is(String client) {
                // Keys are read on plain sockets; all else speaks RESP3.
                return client.contains(" resp=2");
            }
        };

        abstract boolean is(String client);
    }
}
