package dev.tidemark.capture;

import static dev.tidemark.capture.CaptureFixture.present;
import static dev.tidemark.capture.CaptureFixture.ref;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.EntryId;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.JournalSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A source whose writers keep a journal, on a real Redis that nobody watches. */
@Execution(ExecutionMode.CONCURRENT) // They mostly wait.
@ExtendWith(SharedKafka.class)
class JournalTest {
    private JournalFixture fixture;

    @BeforeEach
    void prepare(KafkaBroker kafka) {
        fixture = new JournalFixture(kafka);
    }

    @AfterEach
    void end() {
        fixture.close();
    }

    @Test
    void whatWritersNameReachesTheLogBelowATidemark() {
        byte[] binary = {0, '\n', (byte) 0xff, ':'};
        fixture.capture.commands.set("before the first start", "1");
        fixture.capture.startAndCover();
        fixture.set("a", "1");
        fixture.set("b", "1");
        fixture.delete("a");
        try (StatefulRedisConnection<byte[], byte[]> connection =
                fixture.capture.client.connect(ByteArrayCodec.INSTANCE)) {
            connection.sync().set(binary, binary);
            connection.sync().rpush("list".getBytes(UTF_8), binary);
            connection
                    .sync()
                    .xadd(
                            JournalFixture.STREAM.getBytes(UTF_8),
                            "key".getBytes(UTF_8),
                            binary,
                            "key".getBytes(UTF_8),
                            "list".getBytes(UTF_8),
                            "the writer's own".getBytes(UTF_8),
                            binary);
        }
        fixture.awaitClaimed();

        assertThat(fixture.capture.logged.statesBelowTidemarks())
                .containsEntry(ref(Bytes.utf8("before the first start")), new Value.Text(Bytes.utf8("1")))
                .containsEntry(ref(Bytes.utf8("a")), new Value.Absent())
                .containsEntry(ref(Bytes.utf8("b")), new Value.Text(Bytes.utf8("1")))
                .containsEntry(ref(Bytes.wrap(binary)), new Value.Text(Bytes.wrap(binary)))
                .containsKey(ref(Bytes.utf8("list")))
                .doesNotContainKey(ref(Bytes.utf8(JournalFixture.STREAM)))
                .hasSize(5);
    }

    /** Nobody hears anything for a while, and nothing is in doubt: the stream kept it. */
    @Test
    void lostConnectionsMakeNoGap() {
        fixture.capture.startAndCover();
        List<String> doubts = fixture.capture.logged.doubts();

        for (int round = 0; round < 3; round++) {
            fixture.set("before:" + round, "1");
            fixture.capture.killClients(CaptureFixture::isCapture);
            fixture.set("between:" + round, "1");
            fixture.delete("before:" + round);
        }
        fixture.awaitClaimed();

        assertThat(fixture.capture.logged.doubts()).isEqualTo(doubts);
        assertThat(present(fixture.capture.logged.statesBelowTidemarks()))
                .containsExactlyInAnyOrder("between:0", "between:1", "between:2");
    }

    @Test
    void whatIsWrittenWhileNoCaptureRunsIsNoGap() {
        Capture first = fixture.capture.startCapture();
        fixture.awaitClaimed();
        List<String> doubts = fixture.capture.logged.doubts();
        fixture.set("before", "1");
        first.close();

        fixture.set("between", "1");
        fixture.delete("before");
        fixture.capture.startAndCover();

        assertThat(fixture.capture.logged.doubts()).isEqualTo(doubts);
        assertThat(present(fixture.capture.logged.statesBelowTidemarks())).containsExactly("between");
    }

    /** Both watches acknowledge, and neither may undo what the other one has done. */
    @Test
    void anAcknowledgementNeverGoesBack() {
        for (int i = 1; i <= 5; i++) {
            fixture.capture.commands.xadd(JournalFixture.STREAM, new XAddArgs().id("1-" + i), "key", "k");
        }
        try (StatefulRedisConnection<byte[], byte[]> connection =
                fixture.capture.client.connect(ByteArrayCodec.INSTANCE)) {
            JournalGroup group = new JournalGroup(connection, JournalFixture.STREAM, "s");
            JournalGroup.Begin first = group.enter();
            group.acknowledge(new EntryId(1, 4)).toCompletableFuture().join();
            long left =
                    group.acknowledge(new EntryId(1, 2)).toCompletableFuture().join();

            assertThat(first).isEqualTo(new JournalGroup.Begin(EntryId.NONE, false, true, false));
            assertThat(left).isEqualTo(2);
            assertThat(group.enter()).isEqualTo(new JournalGroup.Begin(new EntryId(1, 4), true, false, true));
        }
    }

    /** The other side: what no entry can tell of must be a gap, though the stream is whole. */
    @Test
    void aDataSetReplacedWhileNoCaptureRunsIsAGap() {
        Capture first = fixture.capture.startCapture();
        fixture.capture.commands.set("in another database", "1");
        fixture.set("gone", "1");
        fixture.awaitClaimed();
        List<String> doubts = fixture.capture.logged.doubts();
        first.close();

        fixture.capture.commands.select(7);
        fixture.capture.commands.flushdb();
        fixture.capture.commands.select(0);
        fixture.capture.startAndCover();

        assertThat(fixture.capture.logged.doubts()).hasSizeGreaterThan(doubts.size());
    }

    @Test
    void aStreamThatSomebodyElseTrimmedIsAGap() {
        fixture.capture.startAndCover();
        fixture.set("known", "1");
        fixture.awaitClaimed();

        fixture.capture.commands.multi();
        fixture.capture.commands.set("untold", "1");
        fixture.capture.commands.xadd(JournalFixture.STREAM, "key", "untold");
        fixture.capture.commands.xadd(
                JournalFixture.STREAM, new XAddArgs().maxlen(1).exactTrimming(), "key", "told");
        fixture.capture.commands.exec();
        fixture.awaitClaimed();

        assertThat(fixture.capture.logged.doubts()).anyMatch(reason -> reason.contains("trimmed"));
        assertThat(present(fixture.capture.logged.statesBelowTidemarks())).containsExactlyInAnyOrder("known", "untold");
    }

    /** Nothing was ever acknowledged, so there is no entry by which a watch could tell. */
    @Test
    void aStreamThatSomebodyElseTrimmedBeforeItsFirstAcknowledgementIsAGap() {
        Capture first = fixture.capture.startCapture();
        fixture.awaitClaimed();
        List<String> doubts = fixture.capture.logged.doubts();
        first.close();

        fixture.set("untold", "1");
        fixture.capture.commands.xadd(
                JournalFixture.STREAM, new XAddArgs().maxlen(1).exactTrimming(), "key", "told");
        fixture.capture.startAndCover();

        assertThat(present(fixture.capture.logged.statesBelowTidemarks())).containsExactly("untold");
        assertThat(fixture.capture.logged.doubts()).hasSizeGreaterThan(doubts.size());
    }

    @Test
    void aStreamThatSomebodyElseTrimmedBeforeAnythingOfItWasReadIsAGap() {
        fixture.capture.startAndCover();
        List<String> doubts = fixture.capture.logged.doubts();

        fixture.capture.commands.multi();
        fixture.capture.commands.set("untold", "1");
        fixture.capture.commands.xadd(JournalFixture.STREAM, "key", "untold");
        fixture.capture.commands.xadd(
                JournalFixture.STREAM, new XAddArgs().maxlen(1).exactTrimming(), "key", "told");
        fixture.capture.commands.exec();
        fixture.awaitClaimed();

        assertThat(present(fixture.capture.logged.statesBelowTidemarks())).containsExactly("untold");
        assertThat(fixture.capture.logged.doubts()).hasSizeGreaterThan(doubts.size());
    }

    /** Who was not there when the watch began, and may have written since. */
    @Test
    void aForeignWriterWhoComesUpIsADoubtUntilItIsGone() {
        fixture.capture.startAndCover();
        fixture.set("known", "1");

        fixture.capture.redis.aclUser("legacy", "p", "~*", "+@all");
        fixture.capture.commands.set("untold", "1");
        Await.until(
                CaptureFixture.SOON,
                () -> fixture.capture.logged.doubts().stream().anyMatch(reason -> reason.contains("legacy may write")),
                "a doubt about the foreign writer");
        fixture.capture.commands.aclDeluser("legacy");
        fixture.awaitClaimed();

        assertThat(present(fixture.capture.logged.statesBelowTidemarks())).containsExactlyInAnyOrder("known", "untold");
    }

    @Test
    void anEntryThatSaysNothingIsSetAsideOnceAndHoldsNothingUp() {
        fixture.capture.startAndCover();
        fixture.capture.commands.xadd(JournalFixture.STREAM, "kee", "misspelt");
        fixture.set("good", "1");
        fixture.capture.commands.xadd(JournalFixture.STREAM, "key", "k", "db", "zero");
        fixture.capture.commands.xadd(JournalFixture.STREAM, "key", "k", "event", "e".repeat(65));
        fixture.awaitClaimed();

        List<StreamMessage<String, String>> aside =
                fixture.capture.commands.xrange(JournalSettings.asideOf(JournalFixture.STREAM), Range.unbounded());
        assertThat(aside)
                .extracting(entry -> entry.getBody().get("tidemark-reason"))
                .containsExactly("no field is called key", "db is no number", "event is longer than 64 bytes");
        assertThat(aside.get(0).getBody()).containsEntry("kee", "misspelt");
        assertThat(present(fixture.capture.logged.statesBelowTidemarks())).containsExactly("good");
    }

    @Test
    @SuppressWarnings("unchecked") // Lettuce takes its streams as an array.
    void onlyWhatIsClaimedIsTrimmed() {
        fixture.capture.startAndCover();
        fixture.set("first", "1");
        fixture.awaitClaimed();
        String claimed = fixture.capture
                .commands
                .xrange(JournalFixture.STREAM, Range.unbounded())
                .get(0)
                .getId();
        // Somebody else's group, which has taken one entry and not acknowledged it.
        fixture.capture.commands.xgroupCreate(StreamOffset.from(JournalFixture.STREAM, "0-0"), "others");
        fixture.capture.commands.xreadgroup(
                io.lettuce.core.Consumer.from("others", "c"), StreamOffset.lastConsumed(JournalFixture.STREAM));
        IntStream.range(0, 300).forEach(i -> fixture.set("key:" + i, "1"));
        fixture.awaitClaimed();
        fixture.awaitClaimed();

        assertThat(fixture.length()).as("held by the other group").isEqualTo(301);

        fixture.capture.commands.xack(JournalFixture.STREAM, "others", claimed);
        fixture.capture.commands.xgroupDestroy(JournalFixture.STREAM, "others");
        Await.until(CaptureFixture.SOON, () -> fixture.length() == 1, "all but the last acknowledged entry trimmed");
    }
}
