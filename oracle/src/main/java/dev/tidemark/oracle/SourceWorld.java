package dev.tidemark.oracle;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** Which processes' data the histories are about. Replaced only by whoever occupies the gate. */
final class SourceWorld {
    private final List<Station.Home> homes;
    private volatile Map<String, String> runIds;
    private volatile Set<String> replicas;
    private volatile long sinceMicros;
    private volatile String gaveUp;

    /** @param homes of each scribe's keys */
    SourceWorld(Survey survey, List<Station.Home> homes, long sinceMicros) {
        this.homes = new CopyOnWriteArrayList<>(homes);
        this.runIds = survey.runIds();
        this.replicas = survey.replicas();
        this.sinceMicros = sinceMicros;
    }

    Station.Home home(int scribe) {
        return homes.get(scribe);
    }

    /** The keys of this scribe moved, and nothing was lost. */
    void moved(int scribe, Station.Home home) {
        homes.set(scribe, home);
    }

    /** Whether it cannot have lost anything since all keys were read: no replica then, and the same process still. */
    boolean isUnbroken(Station.Home home) {
        return !replicas.contains(home.node())
                && runIds.getOrDefault(home.node(), home.runId()).equals(home.runId());
    }

    /** All keys were read by then. */
    long sinceMicros() {
        return sinceMicros;
    }

    void replaced(Survey survey, List<Station.Home> newHomes, long micros) {
        for (int scribe = 0; scribe < newHomes.size(); scribe++) {
            homes.set(scribe, newHomes.get(scribe));
        }
        runIds = survey.runIds();
        replicas = survey.replicas();
        sinceMicros = micros;
        gaveUp = null;
    }

    void gaveUp(String why) {
        gaveUp = why;
    }

    /** Why a thread stopped trying to reach the source; null if none did. */
    String gaveUp() {
        return gaveUp;
    }
}
