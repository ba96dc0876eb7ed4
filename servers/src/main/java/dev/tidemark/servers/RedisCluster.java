package dev.tidemark.servers;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.BooleanSupplier;

/**
 * A real Redis Cluster of ours on loopback. Its nodes are {@link RedisServer}s, to be killed, paused and restarted as
 * such; here is what concerns them together.
 *
 * <p>{@code start} returns when every node says that the cluster is well and all say the same of who owns what.
 */
public final class RedisCluster implements AutoCloseable {
    /** What to say where {@link #canLeadAstray} is false. */
    public static final String ASTRAY_NEEDS =
            "a server before 7.2: in a Cluster of later ones whoever is forgotten by one node is forgotten by all";

    private static final Duration AGREEMENT_LIMIT = Duration.ofMinutes(2);

    /** While nothing is awaited of it: a busy machine keeps a node silent for longer than a failover should take. */
    private static final Duration PATIENT = Duration.ofSeconds(30);

    private final RedisServer.Options node;
    private final Duration nodeTimeout;
    private final List<Node> nodes = new CopyOnWriteArrayList<>();
    private final Set<RedisServer> astray = new CopyOnWriteArraySet<>();

    private RedisCluster(RedisServer.Options node, Duration nodeTimeout) {
        this.node = node;
        this.nodeTimeout = nodeTimeout;
    }

    /**
     * What a cluster is started with.
     *
     * @param node every node's; a port or a directory in it would be all nodes', so neither may be given
     * @param nodeTimeout after which a silent node counts as failed while something is awaited of the cluster, such as a failover
     */
    public record Options(RedisServer.Options node, int primaries, int replicasEach, Duration nodeTimeout) {
        public Options {
            Objects.requireNonNull(node, "node");
            Objects.requireNonNull(nodeTimeout, "nodeTimeout");
            if (node.port().isPresent() || node.directory().isPresent()) {
                throw new IllegalArgumentException("each node of a cluster has a port and a directory of its own");
            }
            if (primaries < 1 || replicasEach < 0) {
                throw new IllegalArgumentException(
                        "no cluster of %d primaries with %d replicas each".formatted(primaries, replicasEach));
            }
        }

        /** Three primaries without replicas. */
        public static Options defaults() {
            return new Options(RedisServer.Options.defaults(), 3, 0, Duration.ofSeconds(2));
        }

        public Options withNodes(RedisServer.Options options) {
            return new Options(options, primaries, replicasEach, nodeTimeout);
        }

        public Options withPrimaries(int number) {
            return new Options(node, number, replicasEach, nodeTimeout);
        }

        public Options withReplicasEach(int number) {
            return new Options(node, primaries, number, nodeTimeout);
        }

        public Options withNodeTimeout(Duration timeout) {
            return new Options(node, primaries, replicasEach, timeout);
        }
    }

    /** A primary and what it owns; none, for one that was just added. */
    public record Primary(RedisServer server, List<SlotRange> slots) {
        public Primary {
            slots = List.copyOf(slots);
        }
    }

    private record Node(RedisServer server, String id, int busPort) {}

    public static RedisCluster start() {
        return start(Options.defaults());
    }

    public static RedisCluster start(Options options) {
        RedisCluster cluster = new RedisCluster(
                options.node()
                        .withConfig(
                                "cluster-enabled yes",
                                "cluster-config-file nodes.conf",
                                "cluster-node-timeout " + options.nodeTimeout().toMillis(),
                                // A replica takes over however old its data is: losing some is what tests are about.
                                "cluster-replica-validity-factor 0",
                                // Replicas stay with the primary that they were given.
                                "cluster-allow-replica-migration no"),
                options.nodeTimeout());
        try {
            cluster.assemble(options.primaries(), options.replicasEach());
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** All that were started and not forgotten, dead ones too. */
    public List<RedisServer> nodes() {
        return nodes.stream().map(Node::server).toList();
    }

    /** For clients: the addresses of all nodes, with the password if there is one. */
    public List<URI> uris() {
        return nodes().stream().map(RedisServer::uri).toList();
    }

    /** Likewise, as {@code host:port}. */
    public List<String> seeds() {
        return nodes().stream().map(server -> "127.0.0.1:" + server.port()).toList();
    }

    public List<Primary> primaries() {
        return view().members().stream()
                .filter(ClusterView.Member::isMember)
                .filter(ClusterView.Member::isPrimary)
                .map(member -> new Primary(server(member.id()), member.slots()))
                .toList();
    }

    public List<RedisServer> replicasOf(RedisServer primary) {
        return view().members().stream()
                .filter(ClusterView.Member::isMember)
                .filter(member -> member.primaryId().equals(id(primary)))
                .map(member -> server(member.id()))
                .toList();
    }

    /** The primary that owns the slot. */
    public RedisServer nodeOf(int slot) {
        return view().ownerOf(slot)
                .map(member -> server(member.id()))
                .orElseThrow(() -> new ServerFailure("nobody owns slot %d".formatted(slot)));
    }

    /** Tells the replica to take over, and returns when it has and all nodes that answer know it. */
    public synchronized void failover(RedisServer replica, ClusterFailover kind) {
        replica.call(kind.words());
        await(
                () -> replica.role().equals(Optional.of("master")) && agree(),
                "the replica on port %d has taken over (%s); see %s".formatted(replica.port(), kind, replica.log()));
    }

    /** Returns the new owner of the slot when the cluster is well again after its owner was lost. */
    public synchronized RedisServer awaitNewOwner(int slot, RedisServer lost) {
        await(
                () -> isWell() && !nodeOf(slot).equals(lost),
                "slot %d has another owner than port %d".formatted(slot, lost.port()));
        return nodeOf(slot);
    }

    /** A server of 7.2 or later tells all others whom it was told to forget, and they forget him too. */
    public boolean canLeadAstray() {
        return !nodes.get(0).server().binary().isAtLeast(7, 2);
    }

    /** From now on this primary does not hear it when a replica of its takes over; see {@link #forgetReplicasOf}. */
    public void leadAstray(RedisServer primary) {
        forgetReplicasOf(primary, List.of(primary));
    }

    /**
     * From now on these nodes do not hear it when a replica of the primary takes over, and answer as ever: they have forgotten
     * them, as those have that are cut off from them and not from their clients. They are not asked any more what they believe.
     * Call {@link #bringBack} within a minute: then the others would remind them.
     */
    public void forgetReplicasOf(RedisServer primary, List<RedisServer> forgetful) {
        if (!canLeadAstray()) {
            throw new ServerFailure("a node can only be led astray on " + ASTRAY_NEEDS);
        }
        List<RedisServer> replicas = replicasOf(primary);
        astray.addAll(forgetful);
        forgetful.forEach(node -> replicas.forEach(replica -> node.call("CLUSTER", "FORGET", id(replica))));
    }

    /** It dies, and returns as what it is to the others, when it has what its primary has. */
    public void bringBack(RedisServer strayed) {
        strayed.kill();
        strayed.restart(true);
        astray.remove(strayed);
        awaitWell();
        strayed.awaitInSync();
    }

    /** Returns when all nodes that answer are well and agree. */
    public void awaitWell() {
        await(this::isWell, "the cluster of ports %s is well and agrees".formatted(seeds()));
    }

    /** Moves a slot with all its keys to another primary. */
    public void moveSlot(int slot, RedisServer to) {
        beginMove(slot, to).finish();
    }

    /** Leaves the slot migrating, until it is told to migrate keys or to finish. */
    public SlotMove beginMove(int slot, RedisServer to) {
        RedisServer from = nodeOf(slot);
        if (from.equals(to)) {
            throw new IllegalArgumentException("slot %d is already on port %d".formatted(slot, to.port()));
        }
        return new SlotMove(this, slot, from, to).begin();
    }

    /** A new node without slots, known to all. */
    public synchronized RedisServer addPrimary() {
        Node added = launch();
        meet(added);
        awaitWell();
        return added.server();
    }

    /** Takes a node out of the cluster for good; a primary must have given its slots away before. */
    public synchronized void remove(RedisServer server) {
        String id = id(server);
        boolean owns = view().members().stream()
                .anyMatch(member -> member.id().equals(id) && !member.slots().isEmpty());
        if (owns) {
            throw new IllegalArgumentException("port %d still owns slots".formatted(server.port()));
        }
        server.close();
        nodes.removeIf(each -> each.server().equals(server));
        running().forEach(other -> other.call("CLUSTER", "FORGET", id));
        awaitWell();
    }

    @Override
    public void close() {
        nodes().forEach(RedisServer::close);
    }

    String id(RedisServer server) {
        return nodes.stream()
                .filter(each -> each.server().equals(server))
                .map(Node::id)
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("port %d is no node of this cluster".formatted(server.port())));
    }

    /** The new owner first: were it the last to know, the slot would be nobody's for a moment. */
    void giveSlot(int slot, RedisServer from, RedisServer to) {
        List<RedisServer> inOrder = new ArrayList<>(List.of(to, from));
        primaries().stream()
                .map(Primary::server)
                .filter(server -> !inOrder.contains(server))
                .forEach(inOrder::add);
        inOrder.forEach(server -> server.call("CLUSTER", "SETSLOT", Integer.toString(slot), "NODE", id(to)));
        await(this::agree, "all know that slot %d is on port %d".formatted(slot, to.port()));
    }

    private void await(BooleanSupplier reached, String what) {
        if (!reached.getAsBoolean()) {
            suspectAfter(nodeTimeout);
            Await.until(AGREEMENT_LIMIT, reached, what);
        }
        suspectAfter(nodeTimeout.compareTo(PATIENT) > 0 ? nodeTimeout : PATIENT);
    }

    private void suspectAfter(Duration silence) {
        String millis = Long.toString(silence.toMillis());
        running()
                .forEach(
                        server -> server.ask(control -> control.call("CONFIG", "SET", "cluster-node-timeout", millis)));
    }

    private void assemble(int primaries, int replicasEach) {
        for (int number = 0; number < primaries * (1 + replicasEach); number++) {
            launch();
        }
        for (int number = 0; number < primaries; number++) {
            RedisServer primary = nodes.get(number).server();
            SlotRange slots = SlotRange.part(number, primaries);
            primary.call("CLUSTER", "ADDSLOTSRANGE", Integer.toString(slots.first()), Integer.toString(slots.last()));
            // Different from the start, so that no two have to fight it out.
            primary.call("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(number + 1));
        }
        nodes.subList(1, nodes.size()).forEach(this::meet);
        awaitWell();
        for (int number = primaries; number < nodes.size(); number++) {
            nodes.get(number)
                    .server()
                    .call("CLUSTER", "REPLICATE", nodes.get(number % primaries).id());
        }
        awaitWell();
        nodes.subList(primaries, nodes.size())
                .forEach(replica -> replica.server().awaitInSync());
    }

    private Node launch() {
        int busPort = FreePort.next();
        RedisServer server = RedisServer.start(node.withConfig("cluster-port " + busPort));
        Node launched = new Node(server, server.call("CLUSTER", "MYID"), busPort);
        nodes.add(launched);
        return launched;
    }

    private void meet(Node newcomer) {
        RedisServer known = nodes.get(0).server();
        String port = Integer.toString(newcomer.server().port());
        known.call("CLUSTER", "MEET", "127.0.0.1", port, Integer.toString(newcomer.busPort()));
    }

    private List<RedisServer> running() {
        return nodes().stream()
                .filter(server -> server.isRunning() && !astray.contains(server))
                .toList();
    }

    private boolean isWell() {
        return agree()
                && running().stream().allMatch(server -> server.ask(control -> control.call("CLUSTER", "INFO"))
                        .map(info -> info.contains("cluster_state:ok"))
                        .orElse(false));
    }

    private boolean agree() {
        Set<Map<String, String>> opinions = new HashSet<>();
        for (RedisServer server : running()) {
            Optional<ClusterView> view = viewOf(server);
            if (view.isEmpty() || !view.get().isLinked()) {
                return false;
            }
            opinions.add(view.get().agreed());
        }
        return opinions.size() == 1 && knowsAllRunning(opinions.iterator().next());
    }

    private boolean knowsAllRunning(Map<String, String> opinion) {
        return running().stream().map(this::id).allMatch(opinion::containsKey);
    }

    private ClusterView view() {
        return running().stream()
                .flatMap(server -> viewOf(server).stream())
                .findFirst()
                .orElseThrow(() -> new ServerFailure("no node of the cluster answers"));
    }

    private static Optional<ClusterView> viewOf(RedisServer server) {
        return server.ask(control -> ClusterView.parse(control.call("CLUSTER", "NODES")));
    }

    private RedisServer server(String id) {
        return nodes.stream()
                .filter(each -> each.id().equals(id))
                .map(Node::server)
                .findFirst()
                .orElseThrow(() -> new ServerFailure("node %s is none of this cluster's".formatted(id)));
    }
}
