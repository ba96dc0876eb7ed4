package dev.tidemark.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.log.ClaimsInForce;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.RowsInForce;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.CaptureSettings;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Capture between a real Redis and a real Kafka. */
class CaptureTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int SHARDS = 2;
    private static int sources;

    private static KafkaBroker kafka;
    private RedisServer redis;
    private RedisClient client;
    private StatefulRedisConnection<String, String> connection;
    private RedisCommands<String, String> commands;
    private Settings settings;
    private Capture capture;
    private LogTopics topics;

    @BeforeAll
    static void startKafka() {
        kafka = KafkaBroker.start();
    }

    @AfterAll
    static void stopKafka() {
        kafka.close();
    }

    @BeforeEach
    void startRedis() {
        redis = RedisServer.start();
        client = RedisClient.create(redis.uri().toString());
        connection = client.connect();
        commands = connection.sync();
        String source = "test-" + ++sources;
        topics = LogTopics.first(source);
        settings = Settings.of(
                        SourceSettings.of(source, SHARDS),
                        RedisSettings.at(redis.uri()),
                        KafkaSettings.singleBroker(kafka.bootstrap()),
                        S3Settings.defaults())
                .with(quick());
    }

    private void startCapture() {
        capture = Capture.start(settings);
    }

    private static CaptureSettings quick() {
        CaptureSettings defaults = CaptureSettings.defaults();
        return new CaptureSettings(
                Duration.ofMillis(200),
                defaults.openBytesMax(),
                defaults.readsInFlightMax(),
                defaults.bytesInFlightMax(),
                defaults.valueBytesMax(),
                defaults.resyncKeysPerSecond());
    }

    @AfterEach
    void stopCaptureAndRedis() {
        if (capture != null) {
            capture.close();
        }
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        redis.close();
    }

    @Test
    void whatIsThereAndWhatComesReachesTheLogBelowATidemark() {
        commands.set("before", "1");
        commands.hset("hash", Map.of("a", "1", "b", "2"));
        commands.rpush("list", "x", "y");
        commands.set("volatile", "v", SetArgs.Builder.px(3_600_000));

        startCapture();
        awaitTidemarksPast(redisMicros());
        commands.set("after", "2");
        commands.del("before");
        long changed = redisMicros();
        awaitTidemarksPast(changed);

        Map<KeyRef, Value> states = statesBelowTidemarks();
        assertThat(states.get(ref(Bytes.utf8("before")))).isInstanceOf(Value.Absent.class);
        assertThat(states.get(ref(Bytes.utf8("after")))).isEqualTo(new Value.Text(Bytes.utf8("2")));
        assertThat(states.get(ref(Bytes.utf8("hash"))))
                .isInstanceOfSatisfying(
                        Value.Hash.class, hash -> assertThat(hash.fields()).hasSize(2));
        assertThat(states.get(ref(Bytes.utf8("list"))))
                .isInstanceOfSatisfying(
                        Value.Opaque.class, list -> assertThat(list.type()).isEqualTo("list"));
        assertThat(states.keySet()).noneMatch(ref -> ReservedKeys.isReserved(ref.key()));
    }

    @Test
    void keysMayHoldAnyByte() throws Exception {
        byte[] key = new byte[256];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) i;
        }
        startCapture();
        try (StatefulRedisConnection<byte[], byte[]> binary = client.connect(ByteArrayCodec.INSTANCE)) {
            awaitTidemarksPast(redisMicros());
            binary.sync().set(key, key);
            binary.sync().set("__keyspace@0__:x:*[?]\\\n".getBytes(UTF_8), key);
            awaitTidemarksPast(redisMicros());

            Map<KeyRef, Value> states = statesBelowTidemarks();
            assertThat(states)
                    .containsEntry(ref(Bytes.wrap(key)), new Value.Text(Bytes.wrap(key)))
                    .containsEntry(ref(Bytes.utf8("__keyspace@0__:x:*[?]\\\n")), new Value.Text(Bytes.wrap(key)));
        }
    }

    @Test
    void onlyThePrefixesAndDatabasesAskedForAreCaptured() {
        settings = new Settings(
                new SourceSettings(settings.source().name(), SHARDS, List.of("rag[1]:", "doc:"), List.of(0, 3)),
                settings.redis(),
                settings.kafka(),
                settings.s3(),
                settings.capture(),
                settings.compactor(),
                settings.restorer());
        commands.set("rag[1]:old", "v");
        commands.set("rag1:old", "v");
        startCapture();
        awaitTidemarksPast(redisMicros());
        commands.set("rag[1]:new", "v");
        commands.set("rag1:new", "v");
        commands.set("other", "v");
        commands.select(3);
        commands.set("doc:in-3", "v");
        commands.select(5);
        commands.set("doc:in-5", "v");
        awaitTidemarksPast(redisMicros());

        assertThat(present(statesBelowTidemarks())).containsExactlyInAnyOrder("rag[1]:old", "rag[1]:new", "doc:in-3");
    }

    /** Somebody claimed, was paused before that reached the log, and has long lost the shard when it does. */
    @Test
    void aBelatedClaimOfAnotherIsAnsweredByAClaim() {
        startCapture();
        awaitTidemarksPast(redisMicros());

        try (LogWriter belated = new LogWriter(settings.kafka(), settings.capture(), topics)) {
            for (int shard = 0; shard < SHARDS; shard++) {
                belated.control(shard, new ControlRecord.Claim("somebody else"), (metadata, failure) -> {});
            }
        }
        commands.set("after it", "1");
        awaitTidemarksPast(redisMicros());

        assertThat(present(statesBelowTidemarks())).containsExactly("after it");
    }

    /** I2: a doubt stops tidemarks until its cure has ended, and the cure knows what is there and what is gone. */
    @ParameterizedTest
    @EnumSource(Doubt.class)
    void aDoubtIsCuredByAResync(Doubt doubt) {
        for (int i = 0; i < 500; i++) {
            commands.set("kept:" + i, "1");
            commands.set("lost:" + i, "1");
        }
        startCapture();
        awaitTidemarksPast(redisMicros());
        List<Tidemark> before = lastTidemarks();

        doubt.happen(this);
        long cured = redisMicros();
        awaitTidemarksPast(cured);

        assertThat(doubts()).anyMatch(reason -> reason.contains(doubt.reason));
        for (int shard = 0; shard < SHARDS; shard++) {
            assertThat(lastTidemarks().get(shard).base().beginOffset())
                    .as("shard %d follows from a new resync", shard)
                    .isGreaterThan(before.get(shard).base().endOffset());
        }
        assertThat(present(statesBelowTidemarks())).containsExactlyInAnyOrderElementsOf(commands.keys("[kl]*"));
    }

    /** What may happen to a real server, after which nothing can be claimed until everything was read again. */
    enum Doubt {
        TRACKING_CONNECTION_KILLED("tracking connection lost") {
            @Override
            void happen(CaptureTest test) {
                test.killClients(true);
            }
        },
        NOTIFICATION_CONNECTION_KILLED("notification connection lost") {
            @Override
            void happen(CaptureTest test) {
                test.killClients(false);
            }
        },
        FLUSHED("data set replaced") {
            @Override
            void happen(CaptureTest test) {
                test.commands.flushall();
                test.commands.set("kept:0", "2");
            }
        },
        SWAPPED_AND_STATISTICS_RESET("reset") {
            @Override
            void happen(CaptureTest test) {
                // A beat has to see the counter above zero first, or there is nothing that can fall.
                test.commands.select(9);
                test.commands.flushdb();
                test.commands.select(0);
                test.awaitTidemarksPast(test.redisMicros());
                test.commands.swapdb(0, 1);
                test.commands.configResetstat();
                test.commands.set("kept:swapped", "2");
            }
        },
        CANARY_OVERWRITTEN("canary says beat 0") {
            @Override
            void happen(CaptureTest test) {
                test.commands.hset(test.canary(), "n", "0");
            }
        },
        CANARY_DELETED("canary gone") {
            @Override
            void happen(CaptureTest test) {
                test.commands.del(test.canary());
            }
        },
        ANOTHER_CAPTURES_CANARY("another capture") {
            @Override
            void happen(CaptureTest test) {
                test.commands.hset(test.canary(), "watch", "somebody");
            }
        },
        RESTARTED_WITH_OLDER_DATA("connection lost") {
            @Override
            void happen(CaptureTest test) {
                test.commands.save();
                for (int i = 0; i < 100; i++) {
                    test.commands.set("kept:newer:" + i, "1");
                }
                test.awaitTidemarksPast(test.redisMicros());
                test.redis.kill();
                test.redis.restart(true);
                test.reconnect();
            }
        },
        RESTARTED_EMPTY("connection lost") {
            @Override
            void happen(CaptureTest test) {
                test.redis.kill();
                test.redis.restart(false);
                test.reconnect();
                test.commands.set("kept:0", "2");
            }
        };

        private final String reason;

        Doubt(String reason) {
            this.reason = reason;
        }

        abstract void happen(CaptureTest test);
    }

    /** Kills one kind of signal connection, while keys vanish and come that it does not tell of. */
    private void killClients(boolean tracking) {
        commands.del("lost:1", "lost:2");
        for (String line : commands.clientList().lines().toList()) {
            boolean subscribesPatterns = !line.contains(" psub=0 ");
            boolean subscribes = !line.contains(" sub=0 ");
            if (tracking ? subscribes : subscribesPatterns) {
                String id = line.replaceAll("^id=(\\d+) .*", "$1");
                commands.clientKill(KillArgs.Builder.id(Long.parseLong(id)));
            }
        }
        commands.del("lost:3", "lost:4");
        commands.set("kept:new", "1");
    }

    private String canary() {
        return commands.keys("tidemark:canary:*").get(0);
    }

    private void reconnect() {
        connection.close();
        connection = client.connect();
        commands = connection.sync();
    }

    private List<String> doubts() {
        List<String> reasons = new ArrayList<>();
        try (ShardLog log = new ShardLog(settings.kafka(), topics, SOON)) {
            log.readTidemarks(0, 0, log.tidemarksEnd(0), (offset, record) -> {
                if (record instanceof ControlRecord.Doubt doubt) {
                    reasons.add(doubt.reason());
                }
            });
        }
        return reasons;
    }

    private static KeyRef ref(Bytes key) {
        return new KeyRef(0, key);
    }

    private static List<String> present(Map<KeyRef, Value> states) {
        return states.entrySet().stream()
                .filter(entry -> !(entry.getValue() instanceof Value.Absent))
                .map(entry -> entry.getKey().key().asUtf8().orElseThrow())
                .toList();
    }

    private long redisMicros() {
        List<String> time = commands.time();
        return Long.parseLong(time.get(0)) * 1_000_000 + Long.parseLong(time.get(1));
    }

    private void awaitTidemarksPast(long micros) {
        Await.until(
                SOON,
                () -> lastTidemarks().stream()
                                .filter(last -> last.throughMicros() > micros)
                                .count()
                        == SHARDS,
                "a tidemark of every shard past " + micros);
    }

    private List<Tidemark> lastTidemarks() {
        List<Tidemark> last = new ArrayList<>();
        try (ShardLog log = new ShardLog(settings.kafka(), topics, SOON)) {
            for (int shard = 0; shard < SHARDS; shard++) {
                Tidemark[] found = new Tidemark[1];
                ClaimsInForce inForce = new ClaimsInForce();
                log.readTidemarks(shard, 0, log.tidemarksEnd(shard), (offset, record) -> {
                    if (inForce.counts(offset, record) && record instanceof Tidemark tidemark) {
                        found[0] = tidemark;
                    }
                });
                if (found[0] != null) {
                    last.add(found[0]);
                }
            }
        }
        return last;
    }

    /** What a restore to the last tidemarks would find: the last row of each key since the base. */
    private Map<KeyRef, Value> statesBelowTidemarks() {
        Map<KeyRef, Value> states = new HashMap<>();
        List<Tidemark> tidemarks = lastTidemarks();
        try (ShardLog log = new ShardLog(settings.kafka(), topics, SOON)) {
            for (int shard = 0; shard < SHARDS; shard++) {
                Tidemark last = tidemarks.get(shard);
                RowsInForce inForce = new RowsInForce(RowsInForce.NO_EPOCH);
                log.readChanges(shard, 0, last.offset(), (offset, row) -> {
                    if (inForce.counts(row)
                            && row instanceof LogRow.Change change
                            && offset > last.base().beginOffset()) {
                        states.put(new KeyRef(change.db(), change.key()), change.value());
                    }
                });
            }
        }
        return states;
    }
}
