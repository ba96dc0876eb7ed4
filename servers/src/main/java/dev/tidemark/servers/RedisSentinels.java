package dev.tidemark.servers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A primary with replicas and the Sentinels that watch over them.
 *
 * <p>Each of the data servers has a proxy before it, and the proxy's is the only address that Sentinel knows and tells
 * to clients. Servers and Sentinels come to it from an address of their own, so {@link #isolate} can cut a primary off
 * from all of them while clients, who ask Sentinel or have asked it before, still reach it. (That address is
 * 127.0.0.2, which Linux has by itself.)
 */
public final class RedisSentinels implements AutoCloseable {
    private static final String NAME = "tidemark";
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration FAILOVER_LIMIT = Duration.ofMinutes(2);

    /** In the order of their start: the first one was the first primary. */
    private final Map<RedisServer, FaultProxy> servers = new LinkedHashMap<>();

    private final List<RedisSentinel> sentinels = new ArrayList<>();

    private RedisSentinels() {}

    /**
     * What is started.
     *
     * @param node every data server's; each has a port and a directory of its own. With TLS the Sentinels speak nothing else either
     * @param downAfter after which a silent primary counts as down
     */
    public record Options(RedisServer.Options node, int replicas, int sentinels, Duration downAfter) {
        public Options {
            Objects.requireNonNull(node, "node");
            Objects.requireNonNull(downAfter, "downAfter");
            if (node.port().isPresent() || node.directory().isPresent()) {
                throw new IllegalArgumentException("each server has a port and a directory of its own");
            }
            if (replicas < 1 || sentinels < 1) {
                throw new IllegalArgumentException(
                        "no failover with %d replicas and %d Sentinels".formatted(replicas, sentinels));
            }
        }

        /** Two replicas, three Sentinels. */
        public static Options defaults() {
            return new Options(RedisServer.Options.defaults(), 2, 3, Duration.ofMillis(1_500));
        }

        public Options withNodes(RedisServer.Options options) {
            return new Options(options, replicas, sentinels, downAfter);
        }

        public Options withReplicas(int number) {
            return new Options(node, number, sentinels, downAfter);
        }

        public Options withSentinels(int number) {
            return new Options(node, replicas, number, downAfter);
        }

        public Options withDownAfter(Duration silence) {
            return new Options(node, replicas, sentinels, silence);
        }
    }

    public static RedisSentinels start() {
        return start(Options.defaults());
    }

    public static RedisSentinels start(Options options) {
        RedisSentinels all = new RedisSentinels();
        try {
            all.launch(options);
            return all;
        } catch (RuntimeException e) {
            all.close();
            throw e;
        }
    }

    /** The name under which clients ask for the primary. */
    public String masterName() {
        return NAME;
    }

    /** Where clients ask, as {@code host:port}. */
    public List<String> addresses() {
        return sentinels.stream().map(RedisSentinel::address).toList();
    }

    public List<RedisSentinel> sentinels() {
        return List.copyOf(sentinels);
    }

    public List<RedisServer> servers() {
        return List.copyOf(servers.keySet());
    }

    /** Whom Sentinel names, dead or alive. */
    public RedisServer primary() {
        return named().orElseThrow(() -> new ServerFailure("the Sentinels do not agree on a primary"));
    }

    /** All but the one whom Sentinel names. */
    public List<RedisServer> replicas() {
        RedisServer primary = primary();
        return servers.keySet().stream()
                .filter(server -> !server.equals(primary))
                .toList();
    }

    /** What clients suffer on their way to this server, at the address that Sentinel tells. */
    public FaultProxy proxy(RedisServer server) {
        return Objects.requireNonNull(servers.get(server), "no server of these Sentinels");
    }

    /** Cut off from Sentinels and replicas; clients notice nothing, and it goes on taking their writes. */
    public void isolate(RedisServer server) {
        proxy(server).blackHolePeers();
    }

    /** Reached again by all; a primary that was replaced meanwhile becomes a replica and loses what only it has. */
    public void rejoin(RedisServer server) {
        proxy(server).healPeers();
    }

    /** Returns the new primary when all Sentinels that answer name it and it says so itself. */
    public RedisServer awaitNewPrimary(RedisServer old) {
        return Await.value(
                FAILOVER_LIMIT,
                () -> named().filter(server -> !server.equals(old)).filter(RedisSentinels::saysPrimary),
                "the Sentinels at %s name another primary than port %d".formatted(addresses(), old.port()));
    }

    /** Returns when the server follows the primary that is in force. */
    public void awaitReplica(RedisServer server) {
        Await.until(
                FAILOVER_LIMIT,
                () -> server.role().equals(Optional.of("slave")),
                "port %d has become a replica; see %s".formatted(server.port(), server.log()));
        server.awaitInSync();
    }

    @Override
    public void close() {
        sentinels.forEach(RedisSentinel::close);
        servers.values().forEach(FaultProxy::close);
        servers.keySet().forEach(RedisServer::close);
    }

    private void launch(Options options) {
        RedisServer.Options node = options.node()
                .withConfig("bind-source-addr " + FaultProxy.peerAddress(), "replica-announce-ip 127.0.0.1");
        RedisServer primary = launch(node);
        for (int number = 0; number < options.replicas(); number++) {
            launch(node.withReplicaOf(proxy(primary).port()));
        }
        replicas(primary).forEach(RedisServer::awaitInSync);
        RedisSentinel.Watch watch = new RedisSentinel.Watch(
                NAME,
                proxy(primary).port(),
                options.sentinels() / 2 + 1,
                options.downAfter(),
                options.node().password(),
                options.node().tls());
        for (int number = 0; number < options.sentinels(); number++) {
            sentinels.add(RedisSentinel.start(primary.binary(), watch));
        }
        Await.until(
                START_LIMIT,
                () -> sentinels.stream().allMatch(sentinel -> sentinel.knows(options.replicas(), options.sentinels())),
                "the Sentinels at %s know all replicas and each other".formatted(addresses()));
    }

    private List<RedisServer> replicas(RedisServer primary) {
        return servers.keySet().stream()
                .filter(server -> !server.equals(primary))
                .toList();
    }

    /** The proxy's port must be in the configuration of the server behind it: the proxy is there first. */
    private RedisServer launch(RedisServer.Options options) {
        int port = FreePort.next();
        FaultProxy proxy = FaultProxy.before("127.0.0.1", port);
        try {
            RedisServer server =
                    RedisServer.start(options.withPort(port).withConfig("replica-announce-port " + proxy.port()));
            servers.put(server, proxy);
            return server;
        } catch (RuntimeException e) {
            proxy.close();
            throw e;
        }
    }

    private Optional<RedisServer> named() {
        Set<Integer> ports = new HashSet<>();
        sentinels.stream()
                .flatMap(sentinel -> sentinel.primaryPort(NAME).stream())
                .forEach(ports::add);
        return servers.entrySet().stream()
                .filter(entry -> ports.equals(Set.of(entry.getValue().port())))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static boolean saysPrimary(RedisServer server) {
        return server.role().equals(Optional.of("master"));
    }
}
