package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.settings.CaptureSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.Await;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** FUNCTION libraries of a real server in the log, and bases that are renewed by a schedule. */
@ExtendWith(SharedKafka.class)
@Execution(ExecutionMode.CONCURRENT) // They mostly wait.
class DefinitionsTest {
    private CaptureFixture fixture;

    @BeforeEach
    void prepare(CaptureFixture own) {
        fixture = own;
    }

    @Test
    void librariesAreLoggedAfterEachBeginOfAResync() {
        load("one");
        fixture.startAndCover();

        assertThat(payloads()).containsExactly(dump());
        Tidemark before = fixture.logged.lastTidemarks().get(0);

        load("two");
        fixture.commands.flushall();
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(fixture.logged.lastTidemarks().get(0).base().beginOffset())
                .isGreaterThan(before.base().endOffset());
        assertThat(payloads()).containsExactly(dump());
    }

    @Test
    void aSourceWithoutLibrariesLogsNone() {
        fixture.startAndCover();

        assertThat(fixture.logged.definitionsBelowTidemarks()).isEmpty();
    }

    @Test
    void aRefusalIsSaidAndHoldsNothingUp() {
        load("one");
        fixture.redis.aclUser("backup", "pw", "~*", "&*", "+@all", "-function");
        fixture.settings =
                fixture.settings.with(RedisSettings.at(fixture.redis.uri()).as("backup", Secret.of("pw")));
        try (SaidByCapture said = new SaidByCapture()) {
            fixture.startAndCover();

            assertThat(fixture.logged.definitionsBelowTidemarks()).isEmpty();
            assertThat(said.has("event=definitions-not-covered", "NOPERM", "next=\"give the right"))
                    .isTrue();
        }
    }

    /** No right would help. */
    @Test
    void whatDoesNotFitIntoTheLogIsSaidAndHoldsNothingUp() {
        Random random = new Random(1);
        fixture.commands.functionLoad(
                "#!lua name=large\n-- %s\nredis.register_function('large', function() return 1 end)"
                        .formatted(random.ints(3_000, 'a', 'z')
                                .mapToObj(Character::toString)
                                .collect(Collectors.joining())));
        fixture.settings = fixture.settings.with(inline(1_024));
        try (SaidByCapture said = new SaidByCapture()) {
            fixture.startAndCover();

            assertThat(fixture.logged.definitionsBelowTidemarks()).isEmpty();
            assertThat(
                            said.has(
                                    "event=definitions-not-covered",
                                    "more than capture.inline-bytes-max",
                                    "next=\"raise capture.inline-bytes-max if they are too large for it, or keep a copy elsewhere\""))
                    .isTrue();
        }
    }

    private static CaptureSettings inline(int bytesMax) {
        CaptureSettings defaults = CaptureSettings.defaults();
        return new CaptureSettings(
                defaults.barrierInterval(),
                defaults.openBytesMax(),
                defaults.readsInFlightMax(),
                defaults.bytesInFlightMax(),
                bytesMax,
                defaults.spoolDir(),
                defaults.blobBytesPerSecond(),
                defaults.resyncKeysPerSecond(),
                defaults.resyncBytesPerSecond(),
                defaults.resyncInterval());
    }

    @Test
    void anOldBaseIsRenewedWhileClaimsGoOn() {
        for (int i = 0; i < 300; i++) {
            fixture.commands.set("k:" + i, "1");
        }
        fixture.settings = fixture.settings.with(CaptureFixture.quick(50_000, Duration.ofSeconds(2)));
        fixture.startAndCover();
        List<Tidemark> before = fixture.logged.lastTidemarks();
        List<String> doubts = fixture.logged.doubts();

        Await.until(
                CaptureFixture.SOON,
                () -> {
                    List<Tidemark> now = fixture.logged.lastTidemarks();
                    return IntStream.range(0, CaptureFixture.SHARDS)
                            .allMatch(shard -> now.get(shard).base().beginOffset()
                                    > before.get(shard).base().endOffset());
                },
                "a new base of each shard");
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(fixture.logged.doubts()).isEqualTo(doubts);
        assertThat(CaptureFixture.present(fixture.logged.statesBelowTidemarks()))
                .hasSize(300);
    }

    private void load(String library) {
        fixture.commands.functionLoad(
                "#!lua name=%s\nredis.register_function('%s', function() return 1 end)".formatted(library, library));
    }

    private Bytes dump() {
        return Bytes.wrap(fixture.commands.functionDump());
    }

    private List<Bytes> payloads() {
        return fixture.logged.definitionsBelowTidemarks().stream()
                .filter(each -> each.kind().equals(Definitions.FUNCTIONS))
                .map(Definitions::payload)
                .toList();
    }
}
