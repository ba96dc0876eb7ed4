package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.Resync.Want;
import dev.tidemark.capture.proof.Doubt;
import dev.tidemark.capture.proof.DoubtCause;
import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.capture.proof.ShardProof;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Walks through a real server's keys, a step whenever the test says so. */
class ResyncTest {
    private static final int KEYS = 20_000;
    private static final Duration SOON = Duration.ofSeconds(60);

    private RedisServer redis;
    private RedisServers servers;
    private LoopFixture loop;
    private Resync resync;
    private SignalLink link;
    private final Found found = new Found();

    @BeforeEach
    void fill() {
        redis = RedisServer.start();
        RedisClient client = RedisClient.create(redis.uri().toString());
        client.connect()
                .sync()
                .eval(
                        "for i = 1, tonumber(ARGV[1]) do redis.call('SET', 'k:' .. i, '1') end",
                        ScriptOutputType.STATUS,
                        new String[0],
                        Integer.toString(KEYS));
        loop = new LoopFixture(redis.uri());
        servers = new RedisServers(RedisSettings.at(redis.uri()), Clock.systemUTC());
        RedisServerLink server = servers.at(servers.configured().get(0));
        String info = client.connect().sync().info("server");
        link = new SilentLink(info.replaceAll("(?s).*run_id:(\\w+).*", "$1"));
        resync = new Resync(server, loop.tools, loop.gauges());
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
    }

    @AfterEach
    void end() {
        resync.close();
        servers.close();
        redis.close();
    }

    /** A doubt comes in the middle of a long walk: its cure must not wait for the end of what cures nothing. */
    @Test
    void aWalkThatNobodyWantsAnyMoreGivesWayToTheNext() {
        Want first = want(0);
        resync.want(first);
        walkUntil(() -> found.touchesOf(first) > 0);

        Want next = want(0);
        found.nobodyWants.add(first);
        resync.want(next);
        walkUntil(() -> found.done.contains(next));

        assertThat(found.touchesOf(first)).as("keys of the first walk").isLessThan(KEYS / 4);
        assertThat(found.done).containsExactly(next);
        assertThat(found.touchesOf(next)).isEqualTo(keysOf(0));
    }

    @Test
    void aWalkThatOneOfItsShardsStillWantsGoesOn() {
        Want gone = want(0);
        Want kept = want(1);
        resync.want(gone);
        resync.want(kept);
        walkUntil(() -> found.touchesOf(kept) > 0);

        found.nobodyWants.add(gone);
        walkUntil(() -> found.done.contains(kept));

        assertThat(found.connected).isEqualTo(1);
        assertThat(found.touchesOf(kept)).isEqualTo(keysOf(1));
    }

    @Test
    void aShardThatAsksWhileTheWalkConnectsComesAlong() {
        Want first = want(0);
        Want second = want(1);
        resync.want(first);
        resync.step(link, true, 1, found);
        assertThat(loop.blocking).as("it connects").hasSize(1);

        resync.want(second);
        walkUntil(() -> found.done.containsAll(Set.of(first, second)));

        assertThat(found.connected).as("walks").isEqualTo(1);
        assertThat(found.touchesOf(second)).isEqualTo(keysOf(1));
    }

    @Test
    void aWalkThatNobodyWantsWhenItHasConnectedIsNone() {
        Want want = want(0);
        resync.want(want);
        resync.step(link, true, 1, found);

        found.nobodyWants.add(want);
        resync.step(link, true, 1, found);
        loop.blocking.remove().run();
        loop.deliver();
        Want next = want(1);
        resync.want(next);
        walkUntil(() -> found.done.contains(next));

        assertThat(found.touchesOf(want)).isZero();
    }

    private void walkUntil(BooleanSupplier reached) {
        Await.until(
                SOON,
                () -> {
                    resync.step(link, true, 1, found);
                    while (!loop.blocking.isEmpty()) {
                        found.connected++;
                        loop.blocking.remove().run();
                    }
                    loop.deliver();
                    return reached.getAsBoolean();
                },
                "the walk comes there");
    }

    private Want want(int shard) {
        ShardProof proof = new ShardProof(shard, new Doubt(DoubtCause.TAKEOVER, "new"), 0, 0, 0);
        proof.lieOn(Set.of("node"));
        return new Want(new OwnedShard(shard, 1, proof), proof.part("node").orElseThrow(), 1);
    }

    private static long keysOf(int shard) {
        Shards shards = new Shards(LoopFixture.SHARDS);
        return IntStream.rangeClosed(1, KEYS)
                .filter(i -> shards.of(Bytes.utf8("k:" + i)) == shard)
                .count();
    }

    private static final class Found implements Resync.Taker {
        private final Map<Want, Set<KeyRef>> touched = new HashMap<>();
        private final Set<Want> done = new HashSet<>();
        private final Set<Want> nobodyWants = new HashSet<>();
        private int connected;

        private long touchesOf(Want want) {
            return touched.getOrDefault(want, Set.of()).size();
        }

        @Override
        public void touch(Want want, KeyRef ref) {
            touched.computeIfAbsent(want, first -> new HashSet<>()).add(ref);
        }

        @Override
        public void done(Want want) {
            done.add(want);
        }

        @Override
        public boolean isVoid(Want want) {
            return nobodyWants.contains(want);
        }
    }
}
