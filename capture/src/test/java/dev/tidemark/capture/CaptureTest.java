package dev.tidemark.capture;

import static dev.tidemark.capture.CaptureFixture.present;
import static dev.tidemark.capture.CaptureFixture.ref;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Requests;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What is captured, from a real Redis into a real Kafka. */
@ExtendWith(SharedKafka.class)
@Execution(ExecutionMode.CONCURRENT) // They mostly wait.
class CaptureTest {
    private CaptureFixture fixture;
    private RedisCommands<String, String> commands;

    @BeforeEach
    void prepare(CaptureFixture own) {
        fixture = own;
        commands = fixture.commands;
    }

    @Test
    void whatIsThereAndWhatComesReachesTheLogBelowATidemark() {
        commands.set("before", "1");
        commands.hset("hash", Map.of("a", "1", "b", "2"));
        commands.rpush("list", "x", "y");
        commands.set("volatile", "v", SetArgs.Builder.px(3_600_000));

        fixture.startAndCover();
        commands.set("after", "2");
        commands.del("before");
        fixture.awaitTidemarksPast(fixture.redisMicros());

        Map<KeyRef, Value> states = fixture.logged.statesBelowTidemarks();
        assertThat(states.get(ref(Bytes.utf8("before")))).isInstanceOf(Value.Absent.class);
        assertThat(states.get(ref(Bytes.utf8("after")))).isEqualTo(new Value.Text(Bytes.utf8("2")));
        assertThat(states.get(ref(Bytes.utf8("hash"))))
                .isInstanceOfSatisfying(
                        Value.Hash.class, hash -> assertThat(hash.fields()).hasSize(2));
        assertThat(states.get(ref(Bytes.utf8("list"))))
                .isInstanceOfSatisfying(
                        Value.Opaque.class, list -> assertThat(list.type()).isEqualTo("list"));
        assertThat(states.keySet()).noneMatch(key -> ReservedKeys.isReserved(key.key()));
    }

    /** Each event that Redis tells costs the writer, so it is asked for those only that tracking does not make up for. */
    @Test
    void whyAKeyIsGoneIsToldAndPlainWritesAreNotToldTwice() {
        fixture.startAndCover();
        commands.set("deleted", "1");
        commands.set("expired", "1");
        fixture.awaitTidemarksPast(fixture.redisMicros());
        commands.del("deleted");
        commands.pexpire("expired", 1);
        Await.until(CaptureFixture.SOON, () -> commands.dbsize() == 2, "only the canaries are left");
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(fixture.logged.eventsOf("deleted")).doesNotContain("set").contains("del");
        assertThat(fixture.logged.eventsOf("expired")).doesNotContain("set").contains("expired");
        assertThat(commands.configGet("notify-keyspace-events").get("notify-keyspace-events"))
                .matches(KeyspaceFlags::suffice)
                .doesNotContain("A");
    }

    /** There when capture starts, and written later: the log takes neither, and goes on. */
    @Test
    void aNameThatTheLogCannotTakeHoldsNothingUp() {
        String tooLong = "n".repeat(3 << 20);
        commands.set(tooLong, "1");
        commands.set("before", "1");

        fixture.startAndCover();
        commands.set(tooLong, "2");
        commands.set("after", "1");
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(present(fixture.logged.statesBelowTidemarks())).containsExactlyInAnyOrder("before", "after");
    }

    /** Whoever may publish can say what Redis never would: no event of that length goes into a row, or stays in memory. */
    @Test
    void anEventThatSomebodyMadeUpHoldsNothingUp() {
        fixture.startAndCover();
        List<String> doubts = fixture.logged.doubts();
        List<Long> epochs =
                fixture.logged.lastTidemarks().stream().map(Tidemark::epoch).toList();
        commands.set("key", "1");
        commands.publish("__keyspace@0__:key", "e".repeat(3 << 20));
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(fixture.logged.lastTidemarks()).extracting(Tidemark::epoch).isEqualTo(epochs);
        assertThat(fixture.logged.doubts()).isEqualTo(doubts);
        assertThat(fixture.logged.eventsOf("key")).isNotEmpty().allMatch(event -> event.length() < 100);
    }

    @Test
    void keysMayHoldAnyByte() {
        byte[] key = new byte[256];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) i;
        }
        fixture.startAndCover();
        try (StatefulRedisConnection<byte[], byte[]> binary = fixture.client.connect(ByteArrayCodec.INSTANCE)) {
            binary.sync().set(key, key);
            binary.sync().set("__keyspace@0__:x:*[?]\\\n".getBytes(UTF_8), key);
        }
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(fixture.logged.statesBelowTidemarks())
                .containsEntry(ref(Bytes.wrap(key)), new Value.Text(Bytes.wrap(key)))
                .containsEntry(ref(Bytes.utf8("__keyspace@0__:x:*[?]\\\n")), new Value.Text(Bytes.wrap(key)));
    }

    @Test
    void onlyThePrefixesAndDatabasesAskedForAreCaptured() {
        fixture.settings = fixture.settings.with(new SourceSettings(
                fixture.settings.source().name(), CaptureFixture.SHARDS, List.of("rag[1]:", "doc:"), List.of(0, 3)));
        commands.set("rag[1]:old", "v");
        commands.set("rag1:old", "v");
        fixture.startAndCover();
        commands.set("rag[1]:new", "v");
        commands.set("rag1:new", "v");
        commands.set("other", "v");
        commands.select(3);
        commands.set("doc:in-3", "v");
        commands.select(5);
        commands.set("doc:in-5", "v");
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(present(fixture.logged.statesBelowTidemarks()))
                .containsExactlyInAnyOrder("rag[1]:old", "rag[1]:new", "doc:in-3");
    }

    /** Tracking names no database, and neither of the two keys is written by a command of its own. */
    @Test
    void aKeyThatMovesToAnotherDatabaseIsGoneFromTheOneAndThereInTheOther() {
        fixture.settings = fixture.settings.with(new SourceSettings(
                fixture.settings.source().name(),
                CaptureFixture.SHARDS,
                fixture.settings.source().prefixes(),
                List.of(0, 3)));
        commands.set("moved", "v", SetArgs.Builder.ex(600));
        fixture.startAndCover();
        commands.move("moved", 3);
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(fixture.logged.statesBelowTidemarks())
                .containsEntry(new KeyRef(0, Bytes.utf8("moved")), new Value.Absent())
                .containsEntry(new KeyRef(3, Bytes.utf8("moved")), new Value.Text(Bytes.utf8("v")));
        assertThat(fixture.logged.eventsOf("moved")).contains("move_from", "move_to");
    }

    /** It goes to S3, and while that is away everything else of the shard is written, but nothing newer is claimed. */
    @Test
    void aLargeValueIsClaimedOnlyWhenItLiesOnS3() {
        try (S3Endpoint s3 = S3Endpoint.start()) {
            fixture.keepLargeValuesOn(s3);
            fixture.startAndCover();
            s3.faults().failNext(2, 503, S3Requests.all());
            byte[] large = new byte[3 << 20];
            new Random(7).nextBytes(large);
            try (StatefulRedisConnection<byte[], byte[]> binary = fixture.client.connect(ByteArrayCodec.INSTANCE)) {
                binary.sync().set("large".getBytes(UTF_8), large);
                binary.sync().rpush("list".getBytes(UTF_8), large);
            }
            commands.set("small", "1");
            fixture.awaitTidemarksPast(fixture.redisMicros());

            Map<KeyRef, Value> states = fixture.logged.statesBelowTidemarks();
            assertThat(states.get(ref(Bytes.utf8("large")))).isInstanceOfSatisfying(Value.Blob.class, blob -> {
                assertThat(blob.length()).isEqualTo(large.length);
                assertThat(blob.encoding()).isEqualTo(Value.Encoding.RAW);
            });
            assertThat(states.get(ref(Bytes.utf8("list"))))
                    .isInstanceOfSatisfying(
                            Value.Blob.class, blob -> assertThat(blob.type()).isEqualTo("list"));
            assertThat(states.get(ref(Bytes.utf8("small")))).isEqualTo(new Value.Text(Bytes.utf8("1")));
        }
    }

    /** An orderly end claims what was changed before it, and the next one goes on from there. */
    @Test
    void aStandbyGoesOnWithoutAGapWhenTheOwnerEnds() {
        Capture owner = fixture.startCapture();
        fixture.awaitTidemarksPast(fixture.redisMicros());
        fixture.startCapture();
        commands.set("before", "1");
        fixture.awaitTidemarksPast(fixture.redisMicros());
        List<String> doubts = fixture.logged.doubts();

        commands.set("just before the end", "1");
        long ended = fixture.redisMicros();
        owner.close();
        fixture.awaitTidemarksPast(ended);
        commands.set("after", "1");
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(fixture.logged.doubts()).as("no doubt since").isEqualTo(doubts);
        assertThat(present(fixture.logged.statesBelowTidemarks()))
                .containsExactlyInAnyOrder("before", "just before the end", "after");
    }

    /** It watched what it was told to, and has never read what was there and not captured. */
    @Test
    void aStandbyThatCapturesOtherKeysReadsThemAllFirst() {
        commands.set("a:1", "1");
        commands.set("b:1", "1");
        Capture owner = fixture.startCapture(capturing("a:"), new SimpleMeterRegistry());
        fixture.awaitTidemarksPast(fixture.redisMicros());
        fixture.startCapture(capturing("a:", "b:"), new SimpleMeterRegistry());
        fixture.awaitTidemarksPast(fixture.redisMicros());

        owner.close();
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(fixture.logged.doubts()).anySatisfy(doubt -> assertThat(doubt)
                .contains("other prefixes or databases were captured until the last tidemark"));
        assertThat(present(fixture.logged.statesBelowTidemarks())).containsExactlyInAnyOrder("a:1", "b:1");
    }

    private Settings capturing(String... prefixes) {
        SourceSettings all = fixture.settings.source();
        return fixture.settings.with(new SourceSettings(all.name(), all.shards(), List.of(prefixes), List.of(0)));
    }

    /** The server's counter, by which watches compare what they saw, then looks as if the new one had come first. */
    @Test
    void statisticsResetWhileNobodyWatchedHideNoGap() {
        for (int i = 0; i < 3_000; i++) {
            commands.set("counted", "1");
        }
        Capture before = fixture.startCapture();
        fixture.awaitTidemarksPast(fixture.redisMicros());
        before.close();
        commands.set("unseen", "1");
        commands.configResetstat();

        fixture.startCapture();
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(present(fixture.logged.statesBelowTidemarks())).contains("unseen");
    }

    /** Whoever put it there, and whatever for. */
    @Test
    void somethingElseAtACanarysPlaceKeepsNobodyFromWatching() {
        for (int place = 0; place < 12; place++) {
            commands.set("tidemark:canary:" + fixture.settings.source().name() + ":" + place, "no hash");
        }

        fixture.startAndCover();

        assertThat(fixture.logged.lastTidemarks()).hasSize(CaptureFixture.SHARDS);
    }
}
