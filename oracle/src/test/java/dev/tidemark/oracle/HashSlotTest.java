package dev.tidemark.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.oracle.judge.Key;
import dev.tidemark.servers.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HashSlotTest {
    @Test
    void isWhatRedisSays() {
        List<Key> keys = new ArrayList<>();
        for (String text :
                List.of("123456789", "a{foo}b{bar}", "foo{}{bar}", "foo{{bar}}zap", "}{foo", "{", "{}", "")) {
            keys.add(Key.utf8(text));
        }
        KeyShapes shapes = new KeyShapes(Key.utf8("p:{7}"), 0, 1, new Random(1));
        for (int index = 0; index < 20; index++) {
            keys.add(shapes.name(index));
        }

        try (RedisServer redis =
                RedisServer.start(RedisServer.Options.defaults().withConfig("cluster-enabled yes"))) {
            assertThat(keys).allSatisfy(key -> assertThat((long) HashSlot.of(key))
                    .isEqualTo(QuietCopy.call(redis.uri(), "CLUSTER", "KEYSLOT", key)
                            .number()));
        }
        assertThat(keys.subList(8, keys.size()).stream().map(HashSlot::of).distinct())
                .hasSize(1);
    }
}
