package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.capture.proof.Beats;
import dev.tidemark.capture.proof.Coverage;
import dev.tidemark.capture.proof.Doubt;
import dev.tidemark.capture.proof.DoubtCause;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A primary becomes a replica of one that has all it has: nothing is replaced, no connection is lost, and no beat is taken any more. */
class DemotedTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final RedisServer redis = RedisServer.start();
    private final RedisServer heir = RedisServer.start();
    private final RedisClient client = RedisClient.create();
    private final LoopFixture loop = new LoopFixture(redis.uri());
    private final RedisServers servers = new RedisServers(RedisSettings.at(redis.uri()), Clock.systemUTC());
    private final RedisServerLink server = servers.at(servers.configured().get(0));
    private final List<Doubt> doubts = new ArrayList<>();
    private Watcher watcher;

    @BeforeEach
    void prepare() {
        watcher = new Watcher(server.node(), "w", loop.tools, loop.gauges(), new Watcher.Listener() {
            @Override
            public void touched(Watcher heard, int db, List<Bytes> keys, String event) {}

            @Override
            public void over(Watcher heard, Doubt doubt) {
                doubts.add(doubt);
            }
        });
    }

    @AfterEach
    void end() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        servers.close();
        heir.close();
        redis.close();
    }

    @Test
    void aWatchOfItIsOverForTheServerChanged() {
        Coverage coverage = new Coverage(server.node(), LoopFixture.SHARDS, new Beats());
        watcher.watching(connect(), coverage);
        tickUntil(() -> coverage.lastComplete() != Beats.NONE, "a first barrier");

        demote();
        tickUntil(() -> !doubts.isEmpty(), "a doubt");

        assertThat(doubts.get(0))
                .isEqualTo(new Doubt(DoubtCause.SERVER_CHANGED, "the node is a replica now, not a primary"));
        watcher.end();
    }

    @Test
    void nobodyWatchesItAgain() {
        demote();

        assertThatThrownBy(this::connect).hasMessageContaining("is a replica");
    }

    @Test
    void nobodyReadsItsJournal() {
        demote();

        assertThatThrownBy(() -> new JournalLink(server, loop.tools, Optional.empty(), "w", watcher, loop.gauges()))
                .hasMessageContaining("is a replica");
    }

    private SignalLink connect() {
        return new WatchLink(server, loop.tools.keys(), Optional.empty(), "rag", "w", loop.mailbox::post, watcher);
    }

    private void demote() {
        try (StatefulRedisConnection<String, String> old = client.connect(uri(redis));
                StatefulRedisConnection<String, String> next = client.connect(uri(heir))) {
            next.sync().replicaof("127.0.0.1", redis.port());
            heir.awaitInSync();
            next.sync().replicaofNoOne();
            old.sync().replicaof("127.0.0.1", heir.port());
        }
    }

    private static RedisURI uri(RedisServer of) {
        return RedisURI.create(of.uri());
    }

    private void tickUntil(BooleanSupplier reached, String what) {
        Await.until(
                SOON,
                () -> {
                    watcher.tick();
                    loop.deliver();
                    return reached.getAsBoolean();
                },
                what);
    }
}
