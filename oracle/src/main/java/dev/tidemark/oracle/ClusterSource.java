package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A Redis Cluster. The keys of a scribe share a hash tag, so that each of its operations is one slot's and goes to one
 * node; the tags are spread over the slots as evenly as can be. Who owns a slot is asked of the seeds, each time anew.
 *
 * <p>Nothing is sent after an ASK, for no transaction can be: while a slot is migrating, operations on keys that have
 * gone before are refused, and not performed.
 */
final class ClusterSource implements Source {
    private final List<URI> seeds;
    private final OracleOptions options;
    private volatile int firstSeed;

    ClusterSource(List<URI> seeds, OracleOptions options) {
        if (seeds.isEmpty()) {
            throw new IllegalArgumentException("a cluster needs a seed");
        }
        if (new String(options.prefix().array(), StandardCharsets.ISO_8859_1).contains("{")) {
            throw new IllegalArgumentException(
                    "the prefix " + options.prefix() + " has a brace; on a cluster the hash tags are the oracle's");
        }
        this.seeds = List.copyOf(seeds);
        this.options = options;
    }

    @Override
    public Key prefix(int scribe) {
        int from = (int) ((long) HashSlot.COUNT * scribe / options.threads());
        int to = (int) ((long) HashSlot.COUNT * (scribe + 1) / options.threads());
        for (int tag = 0; ; tag++) {
            Key tagged = tagged(tag);
            int slot = HashSlot.of(tagged);
            if (slot >= from && slot < to) {
                return tagged;
            }
        }
    }

    @Override
    public Station open(int scribe) throws IOException {
        Key prefix = prefix(scribe);
        return fromAnySeed((seed, nodes) -> {
            for (ClusterNode node : nodes) {
                if (node.isPrimary() && node.owns(prefix)) {
                    Station station = open(seed, node);
                    if (station.owns().test(prefix)) {
                        return station;
                    }
                    station.close();
                    throw new IOException("the node " + node.host() + ":" + node.port() + " was said to own slot "
                            + HashSlot.of(prefix) + " and does not");
                }
            }
            throw new IOException("nobody owns slot " + HashSlot.of(prefix));
        });
    }

    @Override
    public Survey survey() throws IOException {
        return fromAnySeed((seed, nodes) -> {
            List<Station> stations = new ArrayList<>();
            Set<String> replicas = new HashSet<>();
            try {
                for (ClusterNode node : nodes) {
                    if (node.isPrimary()) {
                        stations.add(open(seed, node));
                    } else {
                        replicas.add(node.id());
                    }
                }
                return new Survey(stations, replicas);
            } catch (IOException | RuntimeException failed) {
                stations.forEach(Station::close);
                throw failed;
            }
        });
    }

    /** The slot moved and its former owner is as it was. After a failover that one is gone, or a replica. */
    @Override
    public boolean inherited(Station station, Station.Home before) throws IOException {
        return !station.node().equals(before.node())
                && ClusterNode.all(station.connection()).stream()
                        .anyMatch(node -> node.id().equals(before.node()) && node.isPrimary());
    }

    @Override
    public long timeMicros() throws IOException {
        try (Survey survey = survey()) {
            return survey.timeMicros();
        }
    }

    @Override
    public int database() {
        return 0;
    }

    private Key tagged(int tag) {
        byte[] suffix = ("{" + tag + "}").getBytes(StandardCharsets.US_ASCII);
        byte[] prefix = options.prefix().array();
        byte[] all = new byte[prefix.length + suffix.length];
        System.arraycopy(prefix, 0, all, 0, prefix.length);
        System.arraycopy(suffix, 0, all, prefix.length, suffix.length);
        return Key.wrap(all);
    }

    /** A node that is cut off from the others answers too, but says that the cluster is down. */
    private Station open(URI seed, ClusterNode node) throws IOException {
        RedisConnection connection = RedisConnection.open(address(seed, node), options.replyTimeout());
        try {
            String info = connection.call(Command.of("CLUSTER", "INFO")).text();
            if (!info.contains("cluster_state:ok")) {
                throw new IOException("the node " + node.host() + ":" + node.port() + " says that the cluster is down");
            }
            ClusterNode itself = ClusterNode.all(connection).stream()
                    .filter(ClusterNode::isMyself)
                    .findFirst()
                    .orElseThrow(() -> new IOException("a node that does not list itself"));
            return new Station(connection, ServerFacts.of(connection), itself.id(), itself::owns);
        } catch (IOException | RuntimeException failed) {
            connection.close();
            throw failed;
        }
    }

    /** Begins with the seed that answered last: one that hangs costs a timeout. */
    private <T> T fromAnySeed(Question<T> question) throws IOException {
        IOException last = null;
        int first = firstSeed;
        for (int i = 0; i < seeds.size(); i++) {
            int number = (first + i) % seeds.size();
            URI seed = seeds.get(number);
            try (RedisConnection connection = RedisConnection.open(seed, options.replyTimeout())) {
                T answer = question.of(seed, ClusterNode.all(connection));
                firstSeed = number;
                return answer;
            } catch (IOException next) {
                last = next;
            }
        }
        throw new IOException("no seed of the cluster leads to an answer; the last said: " + last.getMessage(), last);
    }

    /** What only a node with a sound view can answer. */
    @FunctionalInterface
    private interface Question<T> {
        T of(URI seed, List<ClusterNode> nodes) throws IOException;
    }

    /** With the seed's user and password. A node that was never told its own address has the seed's. */
    private static URI address(URI seed, ClusterNode node) throws IOException {
        String host = node.host().isEmpty() ? seed.getHost() : node.host();
        try {
            return new URI(seed.getScheme(), seed.getUserInfo(), host, node.port(), null, null, null);
        } catch (URISyntaxException wrong) {
            throw new IOException("no address: " + host + ":" + node.port(), wrong);
        }
    }
}
