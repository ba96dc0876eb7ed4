package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.servers.RedisCluster;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A move of a slot that was given up leaves keys on a node that never had the slot: SCAN tells of them, and no read does. */
@ExtendWith(SharedKafka.class)
class LeftKeyTest {
    private static final String KEY_OF_SLOT_0 = "la2";

    /** Three, so that both shards lie on more than one. */
    private final RedisCluster cluster =
            RedisCluster.start(RedisCluster.Options.defaults().withPrimaries(3).withReplicasEach(0));

    private final RedisClient client = RedisClient.create();
    private final RedisServer owner = cluster.nodeOf(0);
    private final RedisServer other = cluster.nodeOf(8_000);
    private CaptureFixture fixture;

    @BeforeEach
    void prepare(CaptureFixture own) {
        fixture = own;
        fixture.settings =
                fixture.settings.with(RedisSettings.cluster(cluster.uris().get(0), cluster.seeds()));
        on(other, redis -> {
            redis.clusterSetSlotImporting(0, idOf(owner));
            redis.asking();
            redis.set(KEY_OF_SLOT_0, "left");
            redis.clusterSetSlotStable(0);
            assertThat(redis.dbsize()).isOne();
        });
    }

    @AfterEach
    void end() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        cluster.close();
    }

    @Test
    void aKeyThatANodeHasAndMayNotTellHoldsNothingUp() {
        on(owner, redis -> redis.set(KEY_OF_SLOT_0, "owned"));

        fixture.startAndCover();
        on(owner, redis -> redis.set(KEY_OF_SLOT_0, "owned still"));
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(fixture.logged.statesBelowTidemarks())
                .containsEntry(
                        CaptureFixture.ref(Bytes.utf8(KEY_OF_SLOT_0)), new Value.Text(Bytes.utf8("owned still")));
    }

    private String idOf(RedisServer server) {
        String[] id = new String[1];
        on(server, redis -> id[0] = redis.clusterMyId());
        return id[0];
    }

    private void on(RedisServer server, Consumer<RedisCommands<String, String>> what) {
        try (StatefulRedisConnection<String, String> connection = client.connect(RedisURI.create(server.uri()))) {
            what.accept(connection.sync());
        }
    }
}
