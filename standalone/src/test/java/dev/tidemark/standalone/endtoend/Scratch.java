package dev.tidemark.standalone.endtoend;

import dev.tidemark.servers.RedisCluster;
import dev.tidemark.servers.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What restores are made into, by each way there is in turn. */
final class Scratch implements AutoCloseable {
    private final RedisServer server;
    private final Optional<RedisCluster> cluster;
    private final List<WayIn> ways = new ArrayList<>();
    private int taken;

    private Scratch(RedisServer server, Optional<RedisCluster> cluster) {
        this.server = server;
        this.cluster = cluster;
        ways.add(new WayIn.KeyByKey(server));
        ways.add(new WayIn.AsItsSnapshot(server));
        ways.add(new WayIn.AsItsPrimary(server));
        cluster.map(WayIn.IntoACluster::new).ifPresent(ways::add);
    }

    static Scratch ofOneServer(RedisServer.Options options) {
        return new Scratch(RedisServer.start(options), Optional.empty());
    }

    /** A Cluster takes no snapshot and no primary from outside, so all three ways are gone with one server all the same. */
    static Scratch ofOneServerAndACluster(RedisServer.Options options) {
        RedisCluster cluster =
                RedisCluster.start(RedisCluster.Options.defaults().withNodes(options));
        try {
            return new Scratch(RedisServer.start(options), Optional.of(cluster));
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    WayIn next() {
        return ways.get(taken++ % ways.size());
    }

    @Override
    public void close() {
        cluster.ifPresent(RedisCluster::close);
        server.close();
    }
}
