package dev.tidemark.capture;

import static dev.tidemark.capture.CaptureFixture.present;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Value;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.XReadArgs.StreamOffset;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Late is not lost: what may happen to a real server, after which claims go on from the base that they had. */
@ExtendWith(SharedKafka.class)
@Execution(ExecutionMode.CONCURRENT) // They mostly wait.
class LatenessTest {
    private CaptureFixture fixture;

    @BeforeEach
    void prepare(CaptureFixture own) {
        fixture = own;
    }

    @ParameterizedTest
    @EnumSource(Lateness.class)
    void claimsGoOnWithoutAResync(Lateness lateness) {
        fixture.commands.xadd("stream", Map.of("a", "1"));
        fixture.startAndCover();
        fixture.awaitBothCover();
        List<Tidemark> before = fixture.logged.lastTidemarks();
        List<String> doubts = fixture.logged.doubts();

        fixture.commands.set("before", "1");
        lateness.happen(fixture);
        fixture.commands.set("after", "1");
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(fixture.logged.doubts()).isEqualTo(doubts);
        assertThat(fixture.logged.lastTidemarks())
                .extracting(Tidemark::base)
                .isEqualTo(before.stream().map(Tidemark::base).toList());
        Map<KeyRef, Value> states = fixture.logged.statesBelowTidemarks();
        assertThat(Set.copyOf(present(states)).equals(Set.copyOf(fixture.commands.keys("[^t]*"))))
                .as("every key, and no other, is there")
                .isTrue();
        assertThat(states.get(CaptureFixture.ref(Bytes.utf8("stream"))))
                .isEqualTo(new Value.Opaque("stream", Bytes.wrap(fixture.commands.dump("stream"))));
    }

    enum Lateness {
        ONE_TRACKING_CONNECTION_KILLED {
            @Override
            void happen(CaptureFixture fixture) {
                fixture.killOne(CaptureFixture::tracks);
            }
        },
        THE_OTHER_KILLED_JUST_AFTER_THE_FIRST_CAME_UP_AGAIN {
            @Override
            void happen(CaptureFixture fixture) {
                String first = fixture.killOne(CaptureFixture::tracks);
                fixture.awaitTidemarksPast(fixture.redisMicros());
                fixture.awaitWatchers(2);
                fixture.awaitBothCover();
                fixture.commands.set("between", "1");
                fixture.killOne(client -> CaptureFixture.tracks(client) && !client.startsWith("id=" + first + " "));
            }
        },
        /** Before it completed a barrier. */
        ONE_KILLED_AND_ITS_SUCCESSOR_JUST_AFTER_IT_CAME_UP {
            @Override
            void happen(CaptureFixture fixture) {
                fixture.killOne(CaptureFixture::tracks);
                for (int again = 0; again < 3; again++) {
                    fixture.awaitWatchers(2);
                    fixture.commands.set("between:" + again, "1");
                    fixture.killNewest(CaptureFixture::tracks);
                }
            }
        },
        ALL_NOTIFICATIONS_KILLED {
            @Override
            void happen(CaptureFixture fixture) {
                assertThat(fixture.killClients(CaptureFixture::takesNotifications))
                        .isEqualTo(2);
                // Changes no data, so tracking does not tell.
                fixture.commands.xgroupCreate(StreamOffset.from("stream", "0"), "group");
            }
        },
        NOTIFICATIONS_SWITCHED_OFF_FOR_A_WHILE {
            @Override
            void happen(CaptureFixture fixture) {
                fixture.commands.configSet("notify-keyspace-events", "");
                fixture.commands.set("unheard", "1");
                fixture.commands.configSet("notify-keyspace-events", "KA");
            }
        },
        ONE_CANARY_OVERWRITTEN {
            @Override
            void happen(CaptureFixture fixture) {
                fixture.commands.hset(fixture.canaries().get(0), "n", "0");
            }
        },
        ONE_CANARY_DELETED {
            @Override
            void happen(CaptureFixture fixture) {
                fixture.commands.del(fixture.canaries().get(0));
            }
        },
        /** Gone when the next beat looks for it, and nobody evicted it. */
        ONE_CANARY_GIVEN_AN_EXPIRY {
            @Override
            void happen(CaptureFixture fixture) {
                fixture.commands.pexpire(fixture.canaries().get(0), 1);
            }
        },
        ONE_CANARY_OF_SOMEBODY_ELSE {
            @Override
            void happen(CaptureFixture fixture) {
                fixture.commands.hset(fixture.canaries().get(0), "watch", "somebody");
            }
        },
        A_SCRIPT_OF_SECONDS {
            @Override
            void happen(CaptureFixture fixture) {
                // From the fifth on Redis answers everybody with BUSY. So long on any machine: a script of half a
                // minute
                // would be silence, and no lateness any more.
                long loops = 25_000_000;
                Duration took = script(fixture, loops);
                while (took.compareTo(Duration.ofSeconds(6)) < 0) {
                    loops = loops * 7_000 / Math.max(1, took.toMillis());
                    took = script(fixture, loops);
                }
            }

            private Duration script(CaptureFixture fixture, long loops) {
                long began = System.nanoTime();
                fixture.commands.eval(
                        "redis.call('SET', 'slow', '1') local n = 0 for i = 1, %d do n = n + i end".formatted(loops),
                        ScriptOutputType.STATUS);
                return Duration.ofNanos(System.nanoTime() - began);
            }
        },
        /** More than the output buffer of notifications takes; those connections die, tracking does not. */
        A_SCRIPT_OF_400_000_WRITES {
            @Override
            void happen(CaptureFixture fixture) {
                fixture.commands.eval(
                        "for i = 1, 400000 do redis.call('HSET', string.format('burst-%024d', i), 'f', i) end",
                        ScriptOutputType.STATUS);
            }
        },
        /** Somebody claimed, was paused before that reached the log, and has long lost the shard when it does. */
        A_BELATED_CLAIM_OF_ANOTHER {
            @Override
            void happen(CaptureFixture fixture) {
                try (LogWriter belated = new LogWriter(
                        fixture.settings.kafka(), fixture.settings.capture(), fixture.topics, CaptureFixture.SHARDS)) {
                    for (int shard = 0; shard < CaptureFixture.SHARDS; shard++) {
                        belated.control(shard, new ControlRecord.Claim("somebody else"), (metadata, failure) -> {});
                    }
                }
            }
        };

        abstract void happen(CaptureFixture fixture);
    }
}
