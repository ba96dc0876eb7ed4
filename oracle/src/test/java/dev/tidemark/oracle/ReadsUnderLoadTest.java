package dev.tidemark.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.oracle.judge.Judge;
import dev.tidemark.oracle.judge.Judgement;
import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.KeyState;
import dev.tidemark.oracle.judge.ValueType;
import dev.tidemark.oracle.judge.Window;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The histories against another reader: what it saw in the midst of the writes, at an instant known to some
 * microseconds, must be what the histories say of that instant.
 */
class ReadsUnderLoadTest {
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(1);
    private static final Set<ValueType> ANY = EnumSet.range(ValueType.STRING, ValueType.STREAM);
    private static final int ROUNDS = 60;
    private static final int READS_A_ROUND = 300;

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void whateverIsReadWasTrueWhenItWasRead(WriteMode mode) throws IOException {
        try (RedisServer source = RedisServer.start();
                FaultProxy proxy = FaultProxy.before(source);
                Oracle oracle = open(mode, proxy);
                RedisConnection reader = RedisConnection.open(source.uri(), Duration.ofSeconds(10))) {
            oracle.resume();
            List<Sighting> sightings = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                oracle.awaitWrites(100, LONG_ENOUGH);
                read(oracle, reader, new Random(round), sightings);
                if (round % 10 == 9) {
                    proxy.cut();
                }
            }
            oracle.pause();

            assertThat(wrong(oracle, sightings, 0)).isEmpty();
            assertThat(count(oracle, sightings, Judgement.Undecided.class))
                    .as("undecided of " + sightings.size())
                    .isLessThan(sightings.size() / 20);
            // And the histories do not simply allow everything.
            assertThat(wrong(oracle, sightings, 1_000_000)).hasSizeGreaterThan(sightings.size() / 20);
            assertThat(wrong(oracle, sightings, -1_000_000)).hasSizeGreaterThan(sightings.size() / 20);
        }
    }

    private static Oracle open(WriteMode mode, FaultProxy proxy) {
        OracleOptions options = OracleOptions.seeded(77).withThreads(2).withKeysPerThread(100);
        return Oracle.open(
                proxy.uri("redis"),
                mode == WriteMode.PLAIN
                        ? options.plain().withOpsPerSecondMax(2_000)
                        : options.withOpsPerSecondMax(2_000));
    }

    private static void read(Oracle oracle, RedisConnection reader, Random random, List<Sighting> sightings)
            throws IOException {
        Observation observation = new Observation(ServerFacts.of(reader));
        List<Key> keys = List.copyOf(oracle.chronicle().histories().keySet());
        for (int i = 0; i < READS_A_ROUND; i++) {
            Key key = keys.get(random.nextInt(keys.size()));
            List<Command> reading = observation.commands(key, ANY);
            Exchange.send(reader, List.of(), reading);
            reader.flush();
            Exchange exchange = Exchange.receive(reader, 0, reading.size());
            KeyState state = observation.state(exchange.observed(), ANY);
            sightings.add(new Sighting(key, state, exchange.fromMicros(), exchange.throughMicros()));
        }
    }

    private static List<Map.Entry<Sighting, Judgement>> wrong(
            Oracle oracle, List<Sighting> sightings, long shiftMicros) {
        return sightings.stream()
                .map(sighting -> Map.entry(sighting, judge(oracle, sighting, shiftMicros)))
                .filter(entry -> entry.getValue() instanceof Judgement.Wrong)
                .toList();
    }

    private static long count(Oracle oracle, List<Sighting> sightings, Class<? extends Judgement> kind) {
        return sightings.stream()
                .filter(sighting -> kind.isInstance(judge(oracle, sighting, 0)))
                .count();
    }

    private static Judgement judge(Oracle oracle, Sighting sighting, long shiftMicros) {
        Window window = new Window(sighting.fromMicros() + shiftMicros, sighting.throughMicros() + shiftMicros);
        return new Judge(window, window.throughMicros(), 0)
                .judge(oracle.chronicle().historyOf(sighting.key()).past(), sighting.state());
    }
}
