package dev.tidemark.capture;

import static dev.tidemark.capture.CaptureFixture.present;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.servers.RedisServer;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What may happen to a real server, after which nothing can be claimed until everything was read again. */
@ExtendWith(SharedKafka.class)
@Execution(ExecutionMode.CONCURRENT) // They mostly wait.
class DoubtTest {
    private CaptureFixture fixture;

    @BeforeEach
    void prepare(CaptureFixture own) {
        fixture = own;
    }

    /** I2: a doubt stops tidemarks until its cure has ended, and the cure knows what is there and what is gone. */
    @ParameterizedTest
    @EnumSource(Doubt.class)
    void aDoubtIsCuredByAResync(Doubt doubt) {
        for (int i = 0; i < 500; i++) {
            fixture.commands.set("kept:" + i, "1");
            fixture.commands.set("lost:" + i, "1");
        }
        fixture.startAndCover();
        List<Tidemark> before = fixture.logged.lastTidemarks();

        doubt.happen(fixture);
        long happened = fixture.redisMicros();
        fixture.awaitTidemarksPast(happened);

        assertThat(fixture.logged.doubts()).anyMatch(reason -> reason.matches(".*(" + doubt.reason + ").*"));
        for (int shard = 0; shard < CaptureFixture.SHARDS; shard++) {
            long basedBefore = before.get(shard).base().endOffset();
            assertThat(fixture.logged.tidemarksPast(shard, happened))
                    .as("what shard %d claims of any time since", shard)
                    .isNotEmpty()
                    .allMatch(tidemark -> tidemark.base().beginOffset() > basedBefore, "follows from a new resync");
        }
        assertThat(present(fixture.logged.statesBelowTidemarks()))
                .containsExactlyInAnyOrderElementsOf(fixture.commands.keys("[kl]*"));
    }

    enum Doubt {
        ALL_COVERAGE_KILLED("tracking connection lost") {
            @Override
            void happen(CaptureFixture fixture) {
                fixture.commands.del("lost:1", "lost:2");
                fixture.killClients(CaptureFixture::tracks);
                fixture.commands.del("lost:3", "lost:4");
                fixture.commands.set("kept:new", "1");
            }
        },
        EVERY_CONNECTION_KILLED("connection lost") {
            @Override
            void happen(CaptureFixture fixture) {
                fixture.killClients(CaptureFixture::isCapture);
                fixture.commands.del("lost:3", "lost:4");
            }
        },
        FLUSHED("data set replaced") {
            @Override
            void happen(CaptureFixture fixture) {
                fixture.commands.flushall();
                fixture.commands.set("kept:0", "2");
            }
        },
        FLUSHED_IN_A_SCRIPT("data set replaced") {
            @Override
            void happen(CaptureFixture fixture) {
                fixture.commands.eval(
                        "redis.call('FLUSHDB', 'ASYNC') redis.call('SET', 'kept:0', '2')",
                        io.lettuce.core.ScriptOutputType.STATUS);
            }
        },
        FLUSHED_IN_A_TRANSACTION("data set replaced") {
            @Override
            void happen(CaptureFixture fixture) {
                fixture.commands.multi();
                fixture.commands.set("kept:0", "2");
                fixture.commands.flushdb();
                fixture.commands.set("kept:1", "2");
                fixture.commands.exec();
            }
        },
        SWAPPED("data set replaced") {
            @Override
            void happen(CaptureFixture fixture) {
                fixture.commands.swapdb(0, 1);
                fixture.commands.set("kept:swapped", "2");
            }
        },
        SWAPPED_AND_STATISTICS_RESET("reset") {
            @Override
            void happen(CaptureFixture fixture) {
                // A beat has to see the counter above zero first, or there is nothing that can fall.
                fixture.commands.select(9);
                fixture.commands.flushdb();
                fixture.commands.select(0);
                fixture.awaitTidemarksPast(fixture.redisMicros());
                // At one instant: a beat between the two sees the swap.
                fixture.commands.multi();
                fixture.commands.swapdb(0, 1);
                fixture.commands.configResetstat();
                fixture.commands.exec();
                fixture.commands.set("kept:swapped", "2");
            }
        },
        /** A beat that its heir has not heard of any more makes the copy a full one, which is seen first. */
        DEMOTED("a replica now|data set replaced") {
            @Override
            void happen(CaptureFixture fixture) {
                try (RedisServer heir = RedisServer.start()) {
                    fixture.demoteBelow(heir);
                    fixture.awaitDoubt("a replica now|data set replaced");
                    fixture.commands.replicaofNoOne();
                }
                fixture.commands.del("lost:5");
            }
        },
        RESTARTED_WITH_OLDER_DATA("connection lost|run id changed") {
            @Override
            void happen(CaptureFixture fixture) {
                fixture.commands.save();
                for (int i = 0; i < 100; i++) {
                    fixture.commands.set("kept:newer:" + i, "1");
                }
                fixture.awaitTidemarksPast(fixture.redisMicros());
                fixture.redis.kill();
                fixture.redis.restart(true);
                fixture.reconnect();
            }
        },
        RESTARTED_EMPTY("connection lost|run id changed") {
            @Override
            void happen(CaptureFixture fixture) {
                fixture.redis.kill();
                fixture.redis.restart(false);
                fixture.reconnect();
                fixture.commands.set("kept:0", "2");
            }
        };

        private final String reason;

        Doubt(String reason) {
            this.reason = reason;
        }

        abstract void happen(CaptureFixture fixture);
    }
}
