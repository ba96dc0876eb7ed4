package dev.tidemark.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.JournalPosition;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** A stream of a real Redis. */
class JournalStreamTest {
    private static final String STREAM = "journal";
    private static final int ENTRIES = 200;
    private static final int ENTRY_BYTES = 256 << 10;

    private final Mailbox mailbox = new Mailbox();
    /** How many keys came at a time: all that are alike on a page come together. */
    private final List<Integer> pages = new CopyOnWriteArrayList<>();

    /** A writer may put what it wrote into the entry too. */
    @Test
    void ofLargeEntriesFewAreAskedForAtATime() throws InterruptedException {
        try (RedisServer redis = RedisServer.start();
                RedisClient client = RedisClient.create(redis.uri().toString());
                StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE)) {
            for (int i = 0; i < ENTRIES; i++) {
                connection
                        .sync()
                        .xadd(bytes(STREAM), bytes("key"), bytes("k" + i), bytes("text"), new byte[ENTRY_BYTES]);
            }
            JournalGroup group = new JournalGroup(connection, STREAM, "rag");
            JournalStream stream = new JournalStream(
                    connection.async(),
                    STREAM,
                    group,
                    group.enter(),
                    0,
                    OptionalInt.empty(),
                    new JournalPosition(Set.of(0)),
                    mailbox,
                    new Heard());

            stream.tick(System.nanoTime());
            while (pages.stream().mapToInt(Integer::intValue).sum() < ENTRIES) {
                mailbox.deliver(5, 100);
                stream.tick(System.nanoTime());
            }
        }

        assertThat(Collections.max(pages)).isLessThanOrEqualTo(32);
        assertThat(pages.get(pages.size() / 2)).isLessThanOrEqualTo(16);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private final class Heard implements JournalStream.Listener {
        @Override
        public void touched(int db, List<Bytes> keys, String event) {
            pages.add(keys.size());
        }

        @Override
        public void setAside(String reason, String notKept) {
            throw new AssertionError(reason);
        }

        @Override
        public void read() {}

        @Override
        public void drained() {}

        @Override
        public void bypassed(String how) {
            throw new AssertionError(how);
        }

        @Override
        public void unreadable(String why) {
            throw new AssertionError(why);
        }
    }
}
