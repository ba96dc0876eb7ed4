package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.KeyHistory;
import dev.tidemark.oracle.judge.KeyState;
import dev.tidemark.oracle.judge.Trial;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Everything that was restored and is ours to judge, be it in one server or in many.
 *
 * @param elsewhere keys of ours in databases where they have no business
 * @param readAtMicros the clock once all was read
 * @param server one of those that were read
 */
record Inspection(Map<Key, KeyState> found, Set<Key> elsewhere, long readAtMicros, ServerFacts server) {

    static Inspection of(Survey restored, int database, Predicate<Key> ours) throws IOException {
        Set<Key> elsewhere = new HashSet<>();
        for (Station station : restored.stations()) {
            elsewhere.addAll(elsewhere(station, database, ours));
        }
        Map<Key, KeyState> found = new HashMap<>();
        restored.read(ours, Set.of(), sighting -> {
            if (!sighting.state().absent()) {
                found.put(sighting.key(), sighting.state());
            }
        });
        return new Inspection(found, elsewhere, restored.timeMicros(), restored.anyServer());
    }

    private static Set<Key> elsewhere(Station station, int database, Predicate<Key> ours) throws IOException {
        RedisConnection connection = station.connection();
        KeyReader reader = new KeyReader(connection, station.server());
        Set<Key> found = new HashSet<>();
        for (int other : databases(connection)) {
            if (other != database) {
                connection.call(Command.of("SELECT", other));
                found.addAll(reader.scan(ours));
            }
        }
        connection.call(Command.of("SELECT", database));
        return found;
    }

    /** Every key found, and every key that should have been. */
    void hear(Trial trial, Map<Key, KeyHistory> histories, Predicate<Key> ours) {
        elsewhere.forEach(key -> trial.hearUnknownKey(key, "a key in a database never written to"));
        found.forEach((key, state) -> {
            if (!histories.containsKey(key)) {
                trial.hearUnknownKey(key, state.toString());
            }
        });
        histories.forEach((key, history) -> {
            if (ours.test(key)) {
                trial.hear(key, history.past(), found.getOrDefault(key, KeyState.ABSENT));
            }
        });
    }

    private static Collection<Integer> databases(RedisConnection connection) throws IOException {
        Set<Integer> databases = new HashSet<>();
        for (String line :
                connection.call(Command.of("INFO", "keyspace")).text().split("\r\n", -1)) {
            if (line.startsWith("db")) {
                databases.add(Integer.parseInt(line.substring(2, line.indexOf(':'))));
            }
        }
        return databases;
    }
}
