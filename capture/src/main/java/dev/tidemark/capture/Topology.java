package dev.tidemark.capture;

import dev.tidemark.schemas.settings.RedisSettings;
import java.util.List;

/** Which nodes take the source's writes, at this moment. Asked again and again; blocks, and throws if nobody answers. */
interface Topology {
    /**
     * What was found.
     *
     * @param sure whether nobody can have replaced a primary before the question; where it is not, nothing can be claimed
     */
    record Answer(List<Primary> primaries, boolean sure) {
        public Answer {
            primaries = List.copyOf(primaries);
        }
    }

    Answer ask();

    /**
     * Whether a primary can be replaced without knowing it, and go on answering: then what it says is not claimed before
     * others vouched for it. A lone server has nobody to replace it. A Cluster's node that lost the others refuses writes, the
     * canary's too, and one that slept through its replacement answers late, which is no proof either.
     */
    default boolean mustVouch() {
        return false;
    }

    default List<Primary> primaries() {
        return ask().primaries();
    }

    static Topology of(RedisSettings settings, RedisServers servers) {
        if (settings.cluster()) {
            return new ClusterTopology(servers);
        }
        if (settings.sentinel().master().isPresent()) {
            return new SentinelTopology(servers, settings.sentinel().master().get());
        }
        Answer alone =
                new Answer(List.of(Primary.ofEverything(servers.configured().get(0))), true);
        return () -> alone;
    }
}
