package dev.tidemark.capture;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Asks every node that is known, and believes for each slot the claim with the highest configuration epoch: a primary that
 * was cut off and replaced goes on claiming its slots, under an epoch that the others have outgrown.
 */
final class ClusterTopology implements Topology {
    private static final long ANSWER_SECONDS = 5;

    private final RedisServers servers;
    private final Set<NodeAddress> known = new LinkedHashSet<>();

    ClusterTopology(RedisServers servers) {
        this.servers = servers;
        known.addAll(servers.configured());
    }

    @Override
    public Answer ask() {
        List<ClusterNodes> views = new ArrayList<>();
        String failure = "";
        for (NodeAddress node : List.copyOf(known)) {
            try {
                ClusterNodes view = ask(node);
                if (view.seesMost()) {
                    views.add(view);
                } else {
                    failure = "%s is cut off from most primaries".formatted(node);
                }
            } catch (RuntimeException e) {
                failure = e.getMessage();
            }
        }
        if (views.isEmpty()) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "no node of the Cluster tells where its slots are: %s. Nothing is lost; capture tries again"
                            .formatted(failure));
        }
        known.clear();
        known.addAll(servers.configured());
        views.forEach(view ->
                view.lines().stream().filter(line -> !line.failed()).forEach(line -> known.add(line.address())));
        return new Answer(primariesIn(views), true);
    }

    static List<Primary> primariesIn(List<ClusterNodes> views) {
        Comparator<ClusterNodes.Line> newest =
                Comparator.comparingLong(ClusterNodes.Line::epoch).thenComparing(ClusterNodes.Line::myself);
        Map<NodeAddress, ClusterNodes.Line> newestByNode = new LinkedHashMap<>();
        views.stream()
                .flatMap(view -> view.lines().stream())
                .filter(line -> line.primary() && !line.failed())
                .forEach(line -> newestByNode.merge(line.address(), line, (a, b) -> newest.compare(a, b) >= 0 ? a : b));
        Map<NodeAddress, BitSet> slots = new LinkedHashMap<>();
        // The last one wins.
        newestByNode.values().stream().sorted(newest).forEach(line -> {
            BitSet claimed = line.slotSet();
            slots.values().forEach(others -> others.andNot(claimed));
            slots.put(line.address(), claimed);
        });
        return slots.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .map(entry -> new Primary(entry.getKey(), entry.getValue()))
                .toList();
    }

    private ClusterNodes ask(NodeAddress node) {
        try (StatefulRedisConnection<byte[], byte[]> connection =
                servers.at(node).commands(0)) {
            return ClusterNodes.parse(connection.async().clusterNodes().get(ANSWER_SECONDS, TimeUnit.SECONDS), node);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNREACHABLE, "interrupted while a node was asked", e);
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new TidemarkError(ExitCode.UNREACHABLE, "%s does not tell its Cluster: %s".formatted(node, e), e);
        }
    }
}
