package dev.tidemark.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HashSlotTest {
    private static final int KEYS = 10_000;

    @Test
    void agreesWithARealServer() throws Exception {
        List<Bytes> keys = oddKeys(new Random(4));

        List<Long> slots = new ArrayList<>();
        try (RedisServer redis =
                RedisServer.start(RedisServer.Options.defaults().withConfig("cluster-enabled yes"))) {
            RedisClient client = RedisClient.create(redis.uri().toString());
            try (StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE)) {
                List<RedisFuture<Long>> answers = new ArrayList<>();
                for (Bytes key : keys) {
                    answers.add(connection
                            .async()
                            .dispatch(
                                    CommandType.CLUSTER,
                                    new IntegerOutput<>(ByteArrayCodec.INSTANCE),
                                    new CommandArgs<>(ByteArrayCodec.INSTANCE)
                                            .add("KEYSLOT")
                                            .add(key.array())));
                }
                for (RedisFuture<Long> answer : answers) {
                    slots.add(answer.get());
                }
            } finally {
                client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
            }
        }

        for (int i = 0; i < keys.size(); i++) {
            assertThat(HashSlot.of(keys.get(i)))
                    .as(keys.get(i).toHex())
                    .isEqualTo(slots.get(i).intValue());
        }
    }

    @Test
    void everyShardIsARangeOfSlotsAndNoneIsEmpty() {
        for (int count : new int[] {1, 2, 3, 8, 64}) {
            Shards shards = new Shards(count);
            boolean[] seen = new boolean[count];
            for (Bytes key : oddKeys(new Random(count))) {
                int shard = shards.of(key);
                assertThat(shard).isBetween(0, count - 1);
                assertThat(shard).isEqualTo(HashSlot.of(key) * count / HashSlot.COUNT);
                seen[shard] = true;
            }
            assertThat(seen).doesNotContain(false);
        }
    }

    /** Binary keys with more braces than anybody would write: none, open, closed the wrong way round, empty, nested. */
    private static List<Bytes> oddKeys(Random random) {
        List<Bytes> keys = new ArrayList<>(List.of(
                Bytes.empty(),
                Bytes.utf8("{}"),
                Bytes.utf8("{}{a}"),
                Bytes.utf8("}{"),
                Bytes.utf8("{{a}}"),
                Bytes.utf8("{a")));
        while (keys.size() < KEYS) {
            byte[] key = new byte[random.nextInt(24)];
            random.nextBytes(key);
            for (int i = 0; i < key.length; i++) {
                int dice = random.nextInt(8);
                if (dice < 2) {
                    key[i] = (byte) (dice == 0 ? '{' : '}');
                }
            }
            keys.add(Bytes.wrap(key));
        }
        return keys;
    }
}
