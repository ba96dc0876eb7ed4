package dev.tidemark.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.JournalPosition;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandType;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A stream of a real Redis. */
class JournalStreamTest {
    private static final String STREAM = "journal";
    private static final int ENTRIES = 200;
    private static final int ENTRY_BYTES = 256 << 10;
    private static final int PAGE = 1_000;
    private static final int PAGES = 3;
    private static final Duration BUSY_FOR = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(60);

    private final Mailbox mailbox = new Mailbox();
    /** How many keys came at a time: all that are alike on a page come together. */
    private final List<Integer> pages = new CopyOnWriteArrayList<>();

    /** How many had come when all was read that there was at its begin. */
    private final List<Integer> keysAtProofs = new ArrayList<>();

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
            JournalStream stream = stream(connection);

            stream.tick(System.nanoTime());
            while (pages.stream().mapToInt(Integer::intValue).sum() < ENTRIES) {
                mailbox.deliver(5, 100);
                stream.tick(System.nanoTime());
            }
        }

        assertThat(Collections.max(pages)).isLessThanOrEqualTo(32);
        assertThat(pages.get(pages.size() / 2)).isLessThanOrEqualTo(16);
    }

    /** What a script holds up is late, and nothing is lost. */
    @Test
    void aProofWaitsWhileAScriptRuns() throws InterruptedException {
        RedisServer.Options soonBusy = RedisServer.Options.defaults().withConfig("busy-reply-threshold 100");
        try (RedisServer redis = RedisServer.start(soonBusy);
                RedisClient client = RedisClient.create(redis.uri().toString());
                StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE);
                BusyScript script = new BusyScript(client)) {
            connection.sync().xadd(bytes(STREAM), bytes("key"), bytes("k"));
            JournalStream stream = stream(connection);
            script.begin();

            stream.prove();
            long beganNanos = System.nanoTime();
            while (System.nanoTime() - beganNanos < BUSY_FOR.toNanos()) {
                mailbox.deliver(5, 100);
                stream.tick(System.nanoTime());
            }
            assertThat(keysAtProofs).isEmpty();

            script.end();
            Await.until(
                    SOON,
                    () -> {
                        deliver();
                        stream.tick(System.nanoTime());
                        return !keysAtProofs.isEmpty();
                    },
                    "all is read that was there");
            assertThat(keysAtProofs).containsExactly(1);
        }
    }

    /** Where the end was at the last proof says nothing of this one. */
    @Test
    void aProofThatDoesNotKnowTheEndReadsUpToTheLastPage() {
        try (RedisServer redis = RedisServer.start();
                RedisClient client = RedisClient.create(redis.uri().toString());
                StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE)) {
            AtomicBoolean isLate = new AtomicBoolean();
            JournalStream stream = stream(connection, withLateEnds(connection.async(), isLate));
            add(connection, 1);
            prove(stream);

            isLate.set(true);
            add(connection, PAGES * PAGE);
            prove(stream);
        }

        assertThat(keysAtProofs).containsExactly(1, 1 + PAGES * PAGE);
        assertThat(pages).hasSizeGreaterThanOrEqualTo(1 + PAGES);
    }

    private static void add(StatefulRedisConnection<byte[], byte[]> connection, int entries) {
        for (int i = 0; i < entries; i++) {
            connection.sync().xadd(bytes(STREAM), bytes("key"), bytes("k" + i));
        }
    }

    private void prove(JournalStream stream) {
        int before = keysAtProofs.size();
        stream.prove();
        Await.until(
                SOON,
                () -> {
                    deliver();
                    stream.tick(System.nanoTime());
                    return keysAtProofs.size() > before;
                },
                "a proof");
    }

    /** The same commands, but where the end is told never, as by a server that is busy each time. */
    @SuppressWarnings("unchecked")
    private static RedisAsyncCommands<byte[], byte[]> withLateEnds(
            RedisAsyncCommands<byte[], byte[]> commands, AtomicBoolean isLate) {
        return (RedisAsyncCommands<byte[], byte[]>) Proxy.newProxyInstance(
                JournalStreamTest.class.getClassLoader(),
                new Class<?>[] {RedisAsyncCommands.class},
                (self, method, arguments) -> isLate.get() && method.getName().equals("xrevrange")
                        ? new AsyncCommand<>(new Command<>(CommandType.XREVRANGE, null))
                        : method.invoke(commands, arguments));
    }

    private void deliver() {
        try {
            mailbox.deliver(5, 100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private JournalStream stream(StatefulRedisConnection<byte[], byte[]> connection) {
        return stream(connection, connection.async());
    }

    private JournalStream stream(
            StatefulRedisConnection<byte[], byte[]> connection, RedisAsyncCommands<byte[], byte[]> commands) {
        JournalGroup group = new JournalGroup(connection, STREAM, "rag");
        return new JournalStream(
                commands,
                STREAM,
                group,
                group.enter(),
                0,
                OptionalInt.empty(),
                new JournalPosition(Set.of(0)),
                mailbox,
                new Heard());
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
        public void drained() {
            keysAtProofs.add(pages.stream().mapToInt(Integer::intValue).sum());
        }

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
