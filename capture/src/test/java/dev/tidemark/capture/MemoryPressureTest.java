package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.servers.Await;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.SetArgs;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A real server whose memory is full: it refuses to write, or evicts what it likes. Claims go on from the base they had. */
@ExtendWith(SharedKafka.class)
@Execution(ExecutionMode.CONCURRENT) // They mostly wait.
class MemoryPressureTest {
    private CaptureFixture fixture;
    private List<Tidemark> before;
    private List<String> doubts;

    @BeforeEach
    void prepare(CaptureFixture own) {
        fixture = own;
        for (int i = 0; i < 100; i++) {
            fixture.commands.set("k:" + i, "1");
        }
    }

    @Test
    void barriersGoOnWhereNothingMayBeWritten() {
        cover();

        full("noeviction");
        fixture.awaitTidemarksPast(fixture.redisMicros());
        relieved();
        fixture.commands.set("k:new", "1");
        fixture.awaitTidemarksPast(fixture.redisMicros());

        nothingIsInDoubtAndAllIsThere();
    }

    @Test
    void whatIsDeletedOrExpiresWhileNothingMayBeWrittenIsClaimed() {
        fixture.commands.set("k:volatile", "1");
        cover();

        fixture.commands.pexpire("k:volatile", 2_000);
        full("noeviction");
        fixture.commands.del("k:1", "k:2");
        Await.until(CaptureFixture.SOON, () -> fixture.commands.exists("k:volatile") == 0, "an expiry");
        fixture.awaitTidemarksPast(fixture.redisMicros());
        nothingIsInDoubtAndAllIsThere();

        relieved();
        fixture.commands.set("k:1", "2");
        fixture.awaitTidemarksPast(fixture.redisMicros());
        nothingIsInDoubtAndAllIsThere();
    }

    /** With keys that may be evicted, and too few of them. */
    @Test
    void aServerThatMayEvictOnlyOthersKeysIsFullToo() {
        fixture.commands.set("k:volatile", "1", SetArgs.Builder.ex(600));
        cover();

        full("volatile-lru");
        Await.until(
                CaptureFixture.SOON,
                () -> {
                    // Each command evicts some, and the canaries have no expiry.
                    fixture.commands.exists("k:1");
                    return evicted() > 0;
                },
                "an eviction");
        fixture.awaitTidemarksPast(fixture.redisMicros());
        relieved();
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(fixture.logged.eventsOf("k:volatile")).contains("evicted");
        nothingIsInDoubtAndAllIsThere();
    }

    @Test
    void anEvictedCanaryIsWrittenAnew() {
        fixture.commands.configSet("notify-keyspace-events", "KA");
        cover();
        AtomicInteger canaries = new AtomicInteger();
        try (StatefulRedisPubSubConnection<String, String> evictions = fixture.client.connectPubSub()) {
            evictions.addListener(new RedisPubSubAdapter<String, String>() {
                @Override
                public void message(String pattern, String channel, String message) {
                    if (message.equals("evicted")) {
                        canaries.incrementAndGet();
                    }
                }
            });
            evictions.sync().psubscribe("__keyspace@0__:tidemark:canary:*");
            fixture.commands.configSet("maxmemory-policy", "allkeys-random");
            Await.until(
                    CaptureFixture.SOON,
                    () -> {
                        fixture.commands.configSet("maxmemory", Long.toString(usedMemory() - 8_000));
                        fixture.commands.exists("k:1");
                        relieved();
                        fixture.commands.set("k:again:" + evicted(), "1");
                        return canaries.get() >= 2;
                    },
                    "canaries that are evicted");
        }
        fixture.awaitTidemarksPast(fixture.redisMicros());

        nothingIsInDoubtAndAllIsThere();
    }

    private void cover() {
        fixture.startAndCover();
        fixture.awaitBothCover();
        before = fixture.logged.lastTidemarks();
        doubts = fixture.logged.doubts();
    }

    private void full(String policy) {
        fixture.commands.configSet("maxmemory-policy", policy);
        fixture.commands.configSet("maxmemory", "1");
        if (policy.equals("noeviction")) {
            assertThatThrownBy(() -> fixture.commands.set("k:refused", "1"))
                    .isInstanceOf(RedisCommandExecutionException.class)
                    .hasMessageStartingWith("OOM");
        }
    }

    private void relieved() {
        fixture.commands.configSet("maxmemory", "0");
    }

    private long evicted() {
        return info("evicted_keys:");
    }

    private long usedMemory() {
        return info("used_memory:");
    }

    private long info(String name) {
        return fixture.commands
                .info()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.substring(name.length()).strip()))
                .findFirst()
                .orElseThrow();
    }

    private void nothingIsInDoubtAndAllIsThere() {
        assertThat(fixture.logged.doubts()).isEqualTo(doubts);
        assertThat(fixture.logged.lastTidemarks())
                .extracting(Tidemark::base)
                .isEqualTo(before.stream().map(Tidemark::base).toList());
        assertThat(CaptureFixture.present(fixture.logged.statesBelowTidemarks()))
                .containsExactlyInAnyOrderElementsOf(fixture.commands.keys("k:*"));
    }
}
