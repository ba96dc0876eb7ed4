package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.KeyState;
import dev.tidemark.oracle.judge.ValueType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Reads keys that nobody writes meanwhile; they may expire. */
final class KeyReader {
    private static final int PAGE_KEYS = 32;
    private static final int SCAN_COUNT = 500;

    private final RedisConnection connection;
    private final Observation observation;

    KeyReader(RedisConnection connection, ServerFacts server) {
        this.connection = connection;
        this.observation = new Observation(server);
    }

    /** Every key of the selected database that passes, each once. */
    Set<Key> scan(Predicate<Key> wanted) throws IOException {
        Set<Key> found = new HashSet<>();
        String cursor = "0";
        do {
            List<Reply> page = connection
                    .call(Command.of("SCAN", cursor, "COUNT", SCAN_COUNT))
                    .items();
            for (Reply name : page.get(1).items()) {
                Key key = Key.wrap(name.bytes());
                if (wanted.test(key)) {
                    found.add(key);
                }
            }
            cursor = page.get(0).text();
        } while (!cursor.equals("0"));
        return found;
    }

    void read(Collection<Key> keys, Consumer<Sighting> seen) throws IOException {
        List<Key> page = new ArrayList<>(PAGE_KEYS);
        for (Key key : keys) {
            page.add(key);
            if (page.size() == PAGE_KEYS) {
                readPage(page, seen);
                page.clear();
            }
        }
        readPage(page, seen);
    }

    private void readPage(List<Key> page, Consumer<Sighting> seen) throws IOException {
        List<Reply> types = connection.callAll(
                page.stream().map(key -> Command.of("TYPE", key)).toList());
        List<Set<ValueType>> mayHold = new ArrayList<>();
        List<Integer> widths = new ArrayList<>();
        for (int i = 0; i < page.size(); i++) {
            mayHold.add(EnumSet.of(ValueType.named(typeOf(page.get(i), types.get(i)))));
            List<Command> reading = observation.commands(page.get(i), mayHold.get(i));
            widths.add(reading.size());
            Exchange.send(connection, List.of(), reading);
        }
        connection.flush();
        for (int i = 0; i < page.size(); i++) {
            Exchange exchange = Exchange.receive(connection, 0, widths.get(i));
            if (exchange.refused() != null) {
                throw new IOException("Redis refused to read a key: " + exchange.refused());
            }
            Iterator<Reply> replies = exchange.observed();
            KeyState state = observation.state(replies, mayHold.get(i));
            seen.accept(new Sighting(page.get(i), state, exchange.fromMicros(), exchange.throughMicros()));
        }
    }

    private static String typeOf(Key key, Reply reply) throws IOException {
        if (reply instanceof Reply.Failure failure) {
            throw new IOException("Redis refused to tell the type of " + key + ": " + failure.message());
        }
        return reply.text();
    }
}
