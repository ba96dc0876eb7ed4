package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A walk through a real server's keys finds those that are wanted, and tells how far it is by those that it passes. */
class KeyScanTest {
    private static final int WANTED = 50;
    private static final int OTHERS = 7_000;

    private final BlockingQueue<Boolean> pages = new LinkedBlockingQueue<>();
    private final Set<KeyRef> found = new HashSet<>();

    private final class Pages implements KeyScan.Listener {
        @Override
        public void scanned(KeyScan scan, List<KeyRef> keys, boolean last) {
            found.addAll(keys);
            pages.add(last);
        }

        @Override
        public void scanFailed(KeyScan scan, String why) {
            throw new AssertionError(why);
        }
    }

    @Test
    void progressCountsTheKeysThatArePassed() throws InterruptedException {
        try (RedisServer redis = RedisServer.start();
                RedisServers servers = new RedisServers(RedisSettings.at(redis.uri()), Clock.systemUTC())) {
            fill(redis);
            SourceSettings source = new SourceSettings("s", 1, List.of("a:", "b:"), List.of(0, 1));
            RedisServerLink link = servers.at(new NodeAddress("127.0.0.1", redis.port()));
            List<Long> visited = new ArrayList<>();
            try (KeyScan scan = new KeyScan(link, new CapturedKeys(source), runId(link), new Pages())) {
                boolean last = false;
                while (!last) {
                    scan.page();
                    last = pages.take();
                    visited.add(scan.keysVisited());
                }

                assertThat(scan.keysToVisit()).isEqualTo(2 * (WANTED + OTHERS));
                assertThat(visited).isSorted().hasSizeGreaterThan(10);
                assertThat(visited.get(visited.size() / 2)).isBetween(4_000L, 10_000L);
                assertThat(visited.get(visited.size() - 1)).isEqualTo(scan.keysToVisit());
                assertThat(found).hasSize(WANTED);
            }
        }
    }

    /** Between the databases, and between pages that are paced, much time may pass. */
    @Test
    void aServerThatHangsUpOnTheSilentIsThereForTheNextPage() throws InterruptedException {
        try (RedisServer redis =
                        RedisServer.start(RedisServer.Options.defaults().withConfig("timeout 2"));
                RedisServers servers = new RedisServers(RedisSettings.at(redis.uri()), Clock.systemUTC())) {
            fill(redis);
            SourceSettings source = new SourceSettings("s", 1, List.of("a:"), List.of(0, 1));
            RedisServerLink link = servers.at(new NodeAddress("127.0.0.1", redis.port()));
            try (KeyScan scan = new KeyScan(link, new CapturedKeys(source), runId(link), new Pages())) {
                for (int i = 0; i < 50; i++) {
                    scan.stayOnTheLine();
                    Thread.sleep(100);
                }

                Boolean last = false;
                while (!last) {
                    scan.page();
                    last = pages.poll(30, TimeUnit.SECONDS);
                    assertThat(last).as("a page came").isNotNull();
                }
                assertThat(found).hasSize(WANTED);
            }
        }
    }

    private static void fill(RedisServer redis) {
        try (RedisClient client = RedisClient.create(redis.uri().toString());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            connection
                    .sync()
                    .eval(
                            "for i = 1, tonumber(ARGV[1]) do redis.call('SET', 'a:' .. i, 1) end"
                                    + " for i = 1, tonumber(ARGV[2]) do redis.call('SET', 'other:' .. i, 1) end",
                            io.lettuce.core.ScriptOutputType.STATUS,
                            new String[0],
                            Integer.toString(WANTED),
                            Integer.toString(OTHERS));
        }
    }

    private static String runId(RedisServerLink link) {
        try (StatefulRedisConnection<byte[], byte[]> connection = link.commands(0)) {
            return WatchLink.info(connection).text("run_id");
        }
    }
}
