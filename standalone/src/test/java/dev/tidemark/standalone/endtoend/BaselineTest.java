package dev.tidemark.standalone.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.archive.Archive;
import dev.tidemark.capture.Capture;
import dev.tidemark.compactor.baseline.BaselineTaker;
import dev.tidemark.rdb.RdbItem;
import dev.tidemark.rdb.RdbScanner;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.HashSlot;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.Node;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.MatrixServer;
import dev.tidemark.servers.RedisCluster;
import dev.tidemark.servers.RedisSentinels;
import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A baseline of a Redis that is written to all the while, dated by the canary of a real capture. */
@ExtendWith(SharedGround.class)
class BaselineTest {
    private static final AtomicInteger SOURCES = new AtomicInteger();
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int MORE = 2_000;
    private static final int SNAPSHOT_MICROS = 4_000_000;

    @TempDir
    Path directory;

    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void itsDateIsTrueHoweverOldItIs(MatrixServer server, Ground ground) throws Exception {
        assumeTrue(server.isHere(), server::whyNot);
        try (RedisServer primary = RedisServer.start(server.options());
                FaultProxy link = FaultProxy.before(primary);
                RedisServer replica = RedisServer.start(server.options().withReplicaOf(link.port()))) {
            replica.awaitInSync();
            Settings settings = settings(ground, RedisSettings.at(primary.uri()));
            try (Capture capture = Capture.start(settings);
                    DatedWrites writes = new DatedWrites(primary.uri());
                    Archive archive =
                            Archive.open(settings.s3(), settings.source().name())) {
                awaitClaims(settings, capture);
                awaitMore(writes);

                Node fresh = givenBy(replica, take(settings));
                // Its link is silent, and up for all that it knows.
                link.blackHole();
                int stalled = writes.written();
                awaitMore(writes);
                Node late = givenBy(replica, take(settings));
                link.heal();
                replica.awaitInSync();
                int forked;
                Node joined;
                try (RedisSocket somebodyElse = DatedWrites.socket(replica.uri())) {
                    forked = askForASlowSnapshot(somebodyElse, writes);
                    awaitMore(writes);
                    joined = givenBy(replica, take(settings));
                }
                awaitMore(writes);
                Map<Bytes, Long> born = writes.stop();

                assertTrue(fresh, keysIn(archive, fresh), born);
                assertTrue(late, keysIn(archive, late), born);
                assertThat(late.keys()).isLessThan(stalled + MORE);
                assertTrue(joined, keysIn(archive, joined), born);
                assertThat(joined.keys()).isLessThan(forked + MORE);
                assertThat(sizeWhereLoaded(server, archive, joined)).isEqualTo(joined.keys());
            }
        }
    }

    /** On the replica's disk, so that it joins us to what it is already making. */
    private static int askForASlowSnapshot(RedisSocket replica, DatedWrites writes) throws IOException {
        replica.call("CONFIG", "SET", "repl-diskless-sync", "no");
        replica.call("CONFIG", "SET", "rdb-key-save-delay", Integer.toString(SNAPSHOT_MICROS / writes.written()));
        replica.call("REPLCONF", "capa", "eof", "rdb-only", "1");
        replica.send("PSYNC".getBytes(UTF_8), "?".getBytes(UTF_8), "-1".getBytes(UTF_8));
        replica.skipEmptyLines(() -> {});
        return writes.written();
    }

    private static Node givenBy(RedisServer replica, Baseline baseline) {
        Node node = baseline.nodes().get(0);
        assertThat(node.name()).endsWith(":" + replica.port());
        return node;
    }

    private static void awaitMore(DatedWrites writes) {
        int before = writes.written();
        Await.until(LIMIT, () -> writes.written() >= before + MORE, "writes go on");
    }

    @Test
    void sentinelsSeeNobodyNew(Ground ground) throws Exception {
        try (RedisSentinels ha =
                RedisSentinels.start(RedisSentinels.Options.defaults().withReplicas(1))) {
            RedisSettings redis = RedisSettings.sentinel(
                    URI.create("redis://" + ha.addresses().get(0)), ha.masterName(), ha.addresses());
            Settings settings = settings(ground, redis);
            try (Capture capture = Capture.start(settings);
                    DatedWrites writes = new DatedWrites(ha.primary().uri());
                    RedisSocket sentinel = DatedWrites.socket(
                            URI.create("redis://" + ha.addresses().get(0)));
                    Archive archive =
                            Archive.open(settings.s3(), settings.source().name())) {
                awaitClaims(settings, capture);
                // It asks ten times a second whom there is, instead of every ten seconds.
                sentinel.call("SENTINEL", "DEBUG", "INFO-PERIOD", "100");
                List<String> before = replicasSeenBy(sentinel, ha.masterName());

                Baseline baseline = take(settings);

                Node node = baseline.nodes().get(0);
                assertThat(before).containsExactly(node.name());
                awaitMore(writes);
                assertThat(replicasSeenBy(sentinel, ha.masterName())).isEqualTo(before);
                assertTrue(node, keysIn(archive, node), writes.stop());
            }
        }
    }

    @Test
    void aClusterGivesOneOfEachPrimary(Ground ground) throws Exception {
        try (RedisCluster cluster = RedisCluster.start(
                RedisCluster.Options.defaults().withPrimaries(3).withReplicasEach(1))) {
            Settings settings =
                    settings(ground, RedisSettings.cluster(cluster.uris().get(0), cluster.seeds()));
            try (Capture capture = Capture.start(settings);
                    Archive archive =
                            Archive.open(settings.s3(), settings.source().name())) {
                awaitClaims(settings, capture);

                Baseline baseline = take(settings);

                BitSet all = new BitSet();
                for (Node node : baseline.nodes()) {
                    assertThat(keysIn(archive, node)).isNotEmpty().allMatch(ReservedKeys::isReserved);
                    for (int slot = 0; slot < HashSlot.COUNT; slot++) {
                        if (node.slots().contains(slot)) {
                            assertThat(all.get(slot)).isFalse();
                            all.set(slot);
                        }
                    }
                }
                assertThat(baseline.nodes()).hasSize(3);
                assertThat(all.cardinality()).isEqualTo(HashSlot.COUNT);
                assertThat(baseline.beginMicros()).isLessThanOrEqualTo(baseline.forkMicros());
            }
        }
    }

    private static List<String> replicasSeenBy(RedisSocket sentinel, String master) throws IOException {
        sentinel.send("SENTINEL".getBytes(UTF_8), "REPLICAS".getBytes(UTF_8), master.getBytes(UTF_8));
        List<String> names = new ArrayList<>();
        for (int replicas = sentinel.array(); replicas > 0; replicas--) {
            int words = sentinel.array();
            sentinel.skip();
            names.add(sentinel.text());
            for (int i = 2; i < words; i++) {
                sentinel.skip();
            }
        }
        return names;
    }

    /** The truth by the births of the keys. */
    private static void assertTrue(Node node, Set<Bytes> keys, Map<Bytes, Long> born) {
        assertThat(node.beginMicros()).isLessThanOrEqualTo(node.forkMicros());
        // Not by assertThat(keys).contains(key), which looks at every key for each of them.
        List<Long> missing = new ArrayList<>();
        List<Long> early = new ArrayList<>();
        born.forEach((key, micros) -> {
            boolean isThere = keys.contains(key);
            if (micros <= node.beginMicros() && !isThere) {
                missing.add(node.beginMicros() - micros);
            }
            if (micros > node.forkMicros() && isThere) {
                early.add(micros - node.forkMicros());
            }
        });
        assertThat(missing).as("born so many us before the begin").isEmpty();
        assertThat(early).as("born so many us after the fork").isEmpty();
        assertThat(born.values()).anyMatch(micros -> micros <= node.beginMicros());
        assertThat(born.values()).anyMatch(micros -> micros > node.forkMicros());
    }

    private static Baseline take(Settings settings) {
        try (BaselineTaker taker = BaselineTaker.open(settings, Clock.systemUTC())) {
            return taker.fromReplication();
        }
    }

    private static Set<Bytes> keysIn(Archive archive, Node node) throws IOException {
        Set<Bytes> keys = new HashSet<>();
        try (InputStream in =
                archive.baselines().open(node.snapshot(), 0, node.snapshot().bytes())) {
            RdbScanner scanner = RdbScanner.open(in);
            for (RdbItem item = scanner.next(); !(item instanceof RdbItem.End); item = scanner.next()) {
                if (item instanceof RdbItem.Entry entry) {
                    keys.add(entry.key());
                }
            }
        }
        assertThat(keys).hasSize(Math.toIntExact(node.keys()));
        return keys;
    }

    private long sizeWhereLoaded(MatrixServer server, Archive archive, Node node) throws IOException {
        Path data = Files.createDirectories(directory.resolve("loaded"));
        try (InputStream in =
                archive.baselines().open(node.snapshot(), 0, node.snapshot().bytes())) {
            Files.copy(in, data.resolve("dump.rdb"));
        }
        try (RedisServer loaded = RedisServer.start(server.options().withDirectory(data));
                RedisSocket redis = DatedWrites.socket(loaded.uri())) {
            return Long.parseLong(redis.call("DBSIZE"));
        }
    }

    /** A barrier of every shard is known: only then can a canary be dated. */
    private static void awaitClaims(Settings settings, Capture capture) {
        try (ShardLog log =
                new ShardLog(settings.kafka(), LogTopics.first(settings.source().name()), LIMIT)) {
            for (int shard = 0; shard < settings.source().shards(); shard++) {
                int each = shard;
                Await.until(LIMIT, () -> hasTidemark(log, each), "capture claims; its state: " + capture.health());
            }
        }
    }

    private static boolean hasTidemark(ShardLog log, int shard) {
        AtomicBoolean found = new AtomicBoolean();
        log.readTidemarks(
                shard,
                0,
                log.tidemarksEnd(shard),
                (offset, record) -> found.compareAndSet(false, record instanceof Tidemark));
        return found.get();
    }

    private static Settings settings(Ground ground, RedisSettings redis) {
        return Settings.of(
                SourceSettings.of("baseline-" + SOURCES.incrementAndGet(), 2),
                redis,
                KafkaSettings.singleBroker(ground.kafka().bootstrap()),
                S3Settings.at(
                        ground.s3().uri(),
                        ground.s3().bucket(),
                        ground.s3().accessKey(),
                        Secret.of(ground.s3().secretKey())));
    }
}
