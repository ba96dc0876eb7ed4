package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The whole source, or what was restored of it, at one time: all servers that answer for keys.
 *
 * @param replicas ids of the nodes that answer for none as yet
 */
record Survey(List<Station> stations, Set<String> replicas) implements AutoCloseable {
    Survey {
        stations = List.copyOf(stations);
        replicas = Set.copyOf(replicas);
    }

    /** Reads all that is there and passes, and these keys whether they are there or not. */
    void read(Predicate<Key> wanted, Set<Key> known, Consumer<Sighting> seen) throws IOException {
        for (Station station : stations) {
            KeyReader reader = new KeyReader(station.connection(), station.server());
            Set<Key> keys = new HashSet<>(reader.scan(wanted.and(station.owns())));
            known.stream().filter(station.owns()).forEach(keys::add);
            reader.read(keys, seen);
        }
    }

    Station.Home homeOf(Key key) throws IOException {
        for (Station station : stations) {
            if (station.owns().test(key)) {
                return station.home();
            }
        }
        throw new IOException("no server of the source answers for the key " + key);
    }

    /** By the ids of their nodes. */
    Map<String, String> runIds() {
        Map<String, String> runIds = new HashMap<>();
        stations.forEach(station -> runIds.put(station.node(), station.server().runId()));
        return runIds;
    }

    /** The source's clock; a Cluster's is the latest of its nodes'. */
    long timeMicros() throws IOException {
        long latest = Long.MIN_VALUE;
        for (Station station : stations) {
            latest = Math.max(latest, station.connection().timeMicros());
        }
        return latest;
    }

    ServerFacts anyServer() {
        return stations.get(0).server();
    }

    @Override
    public void close() {
        stations.forEach(Station::close);
    }
}
