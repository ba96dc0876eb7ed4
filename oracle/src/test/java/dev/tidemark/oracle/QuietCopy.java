package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.KeyState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The simplest backup there is, right because nobody writes: every key by DUMP and RESTORE with its expiry. */
final class QuietCopy {
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    private QuietCopy() {}

    /** Makes the target hold what the source holds, and nothing else. */
    static void of(URI source, URI target) {
        of(List.of(source), target);
    }

    /** Likewise, of a cluster: what all its primaries hold together. */
    static void of(List<URI> primaries, URI target) {
        try (RedisConnection to = connect(target)) {
            to.call(Command.of("FLUSHALL"));
            for (URI primary : primaries) {
                copy(primary, to);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void copy(URI source, RedisConnection to) throws IOException {
        try (RedisConnection from = connect(source)) {
            Collection<Key> keys = new KeyReader(from, ServerFacts.of(from)).scan(key -> true);
            Observation observation = new Observation(ServerFacts.of(from));
            for (Key key : keys) {
                restore(from, to, key, observation);
            }
        }
    }

    private static void restore(RedisConnection from, RedisConnection to, Key key, Observation observation)
            throws IOException {
        List<Command> expiry = observation.expiryCommands(key);
        Exchange.send(from, List.of(Command.of("DUMP", key)), expiry);
        from.flush();
        Exchange exchange = Exchange.receive(from, 1, expiry.size());
        if (exchange.performed().get(0) instanceof Reply.Text dump) {
            long expireAt = observation.expireAt(exchange.observed());
            to.call(Command.of("RESTORE", key, expireAt == KeyState.NEVER ? 0 : expireAt, dump.bytes(), "ABSTTL"));
        }
    }

    /** What a server holds under the prefix. */
    static Map<Key, KeyState> states(URI uri, Key prefix) {
        try (RedisConnection connection = connect(uri)) {
            KeyReader reader = new KeyReader(connection, ServerFacts.of(connection));
            Map<Key, KeyState> states = new HashMap<>();
            reader.read(
                    reader.scan(key -> key.startsWith(prefix)),
                    sighting -> states.put(sighting.key(), sighting.state()));
            states.values().removeIf(KeyState::absent);
            return states;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** How many a server has executed, in its own words; the oracle writes by nothing else unless it is plain. */
    static String transactions(URI uri) {
        return call(uri, "INFO", "commandstats")
                .text()
                .lines()
                .filter(line -> line.startsWith("cmdstat_exec:"))
                .map(line -> line.substring(0, line.indexOf(',')))
                .findFirst()
                .orElse("none");
    }

    static Reply call(URI uri, Object... words) {
        try (RedisConnection connection = connect(uri)) {
            return connection.call(Command.of(words));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static RedisConnection connect(URI uri) throws IOException {
        return RedisConnection.open(uri, TIMEOUT);
    }
}
