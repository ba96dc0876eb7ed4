package dev.tidemark.capture;

import dev.tidemark.schemas.settings.RedisSettings;
import java.util.List;
import java.util.Set;

/** Which nodes take the source's writes, at this moment. Asked again and again; blocks, and throws if nobody answers. */
interface Topology {
    /**
     * What was found.
     *
     * @param inForce those that nobody can have replaced before the question; of the others nothing can be claimed
     */
    record Answer(List<Primary> primaries, Set<NodeAddress> inForce) {
        public Answer {
            primaries = List.copyOf(primaries);
            inForce = Set.copyOf(inForce);
        }

        boolean isInForce(String node) {
            return inForce.stream().anyMatch(address -> address.toString().equals(node));
        }
    }

    Answer ask();

    /**
     * Whether a primary can be replaced without knowing it, and go on answering: then what it says is not claimed before
     * others vouched for it. A lone server has nobody to replace it.
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
        NodeAddress server = servers.configured().get(0);
        Answer alone = new Answer(List.of(Primary.ofEverything(server)), Set.of(server));
        return () -> alone;
    }
}
