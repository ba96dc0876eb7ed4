package dev.tidemark.servers;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;

/**
 * A broker's place among those of its cluster, each of which is a controller too.
 *
 * @param id from 1
 * @param controllers where each of them speaks to the others, in the order of their ids
 * @param clusterId given to data that is new
 */
record BrokerMembership(int id, List<String> controllers, Optional<String> clusterId) {
    private static final int COPIES_MAX = 3;

    BrokerMembership {
        controllers = List.copyOf(controllers);
    }

    /** Of one that is a cluster by itself, under the id of its data if it has any. */
    static BrokerMembership alone() {
        return new BrokerMembership(1, List.of(controller()), Optional.empty());
    }

    static List<BrokerMembership> of(int brokers) {
        List<String> controllers =
                IntStream.range(0, brokers).mapToObj(each -> controller()).toList();
        Optional<String> clusterId = Optional.of(Uuid.randomUuid().toString());
        return IntStream.rangeClosed(1, brokers)
                .mapToObj(id -> new BrokerMembership(id, controllers, clusterId))
                .toList();
    }

    private static String controller() {
        return "127.0.0.1:" + FreePort.next();
    }

    String controllerAddress() {
        return controllers.get(id - 1);
    }

    Map<String, String> settings() {
        String copies = Integer.toString(Math.min(COPIES_MAX, controllers.size()));
        String inSync = Integer.toString(Math.min(COPIES_MAX - 1, controllers.size()));
        return Map.of(
                "node.id",
                Integer.toString(id),
                "controller.quorum.voters",
                IntStream.rangeClosed(1, controllers.size())
                        .mapToObj(voter -> voter + "@" + controllers.get(voter - 1))
                        .collect(Collectors.joining(",")),
                "default.replication.factor",
                copies,
                "offsets.topic.replication.factor",
                copies,
                "transaction.state.log.replication.factor",
                copies,
                "transaction.state.log.min.isr",
                inSync,
                "share.coordinator.state.topic.replication.factor",
                copies,
                "share.coordinator.state.topic.min.isr",
                inSync);
    }
}
