package dev.tidemark.capture;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Asks every node that is known, replicas too, all at once and on connections that are kept: claims wait for the answer.
 *
 * <p>A primary that was replaced while it was paused, or cut off from the others, answers us as ever until it hears of it, for
 * up to half of the cluster-node-timeout and longer where its own is longer. So what it says counts when others have
 * confirmed it afterwards; see {@link ClusterViews#inForce}.
 */
final class ClusterTopology implements Topology {
    private static final Duration ANSWER = Duration.ofSeconds(5);

    /** Whoever says nothing for so long is waited for only if he is needed. */
    private static final Duration PROMPT = Duration.ofSeconds(1);

    private final RedisServers servers;
    private final Set<NodeAddress> known = new LinkedHashSet<>();
    private final Map<NodeAddress, CompletableFuture<StatefulRedisConnection<byte[], byte[]>>> lines = new HashMap<>();

    ClusterTopology(RedisServers servers) {
        this.servers = servers;
        known.addAll(servers.configured());
    }

    @Override
    public boolean mustVouch() {
        return true;
    }

    @Override
    public Answer ask() {
        Map<NodeAddress, CompletableFuture<ClusterNodes>> asked = new LinkedHashMap<>();
        known.forEach(node -> asked.put(node, ask(node)));
        await(asked, PROMPT);
        Answer answer = answer(asked);
        if (answer.primaries().isEmpty()
                || answer.primaries().size() > answer.inForce().size()) {
            await(asked, ANSWER.minus(PROMPT));
            answer = answer(asked);
        }
        hangUp(asked);
        if (answer.primaries().isEmpty()) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "no node of the Cluster tells where its slots are: %s. Nothing is lost; capture tries again"
                            .formatted(asked.entrySet().stream()
                                    .map(each -> failureOf(each.getKey(), each.getValue()))
                                    .collect(Collectors.joining("; "))));
        }
        known.clear();
        known.addAll(servers.configured());
        seeing(asked).forEach(view -> view.lines().stream()
                .filter(line -> !line.failed())
                .forEach(line -> known.add(line.address())));
        return answer;
    }

    private static Answer answer(Map<NodeAddress, CompletableFuture<ClusterNodes>> asked) {
        ClusterViews views = new ClusterViews(seeing(asked));
        return new Answer(views.primaries(), views.inForce());
    }

    /** The answers that came, but for those of nodes that are cut off from most primaries. */
    private static List<ClusterNodes> seeing(Map<NodeAddress, CompletableFuture<ClusterNodes>> asked) {
        return asked.values().stream()
                .filter(ClusterTopology::hasCome)
                .map(CompletableFuture::join)
                .filter(ClusterNodes::seesMost)
                .toList();
    }

    private static boolean hasCome(CompletableFuture<?> answer) {
        return answer.isDone() && !answer.isCompletedExceptionally();
    }

    private static String failureOf(NodeAddress node, CompletableFuture<ClusterNodes> answer) {
        try {
            return answer.getNow(null) == null
                    ? "%s does not answer".formatted(node)
                    : "%s is cut off from most primaries".formatted(node);
        } catch (CompletionException e) {
            return "%s does not tell its Cluster: %s"
                    .formatted(node, e.getCause().getMessage());
        }
    }

    private CompletableFuture<ClusterNodes> ask(NodeAddress node) {
        CompletableFuture<StatefulRedisConnection<byte[], byte[]>> line = lines.get(node);
        if (line == null || (line.isDone() && !(hasCome(line) && line.join().isOpen()))) {
            line = servers.at(node).commandsSoon();
            lines.put(node, line);
        }
        return line.thenCompose(connection -> connection.async().clusterNodes()).thenApply(text -> parse(text, node));
    }

    private ClusterNodes parse(String answer, NodeAddress asked) {
        ClusterNodes nodes = ClusterNodes.parse(answer, asked);
        return servers.isTls() ? nodes.byName() : nodes;
    }

    private static void await(Map<NodeAddress, CompletableFuture<ClusterNodes>> asked, Duration within) {
        try {
            CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
                    .get(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNREACHABLE, "interrupted while the nodes of the Cluster were asked", e);
        } catch (ExecutionException | TimeoutException e) {
            // What came, came.
            return;
        }
    }

    /** Whoever did not answer is called anew the next time; whoever is no member any more is not called. */
    @SuppressWarnings("FutureReturnValueIgnored") // Connections are closed without waiting: nothing depends on when.
    private void hangUp(Map<NodeAddress, CompletableFuture<ClusterNodes>> asked) {
        lines.entrySet().removeIf(line -> {
            CompletableFuture<ClusterNodes> answer = asked.get(line.getKey());
            boolean over = answer == null || !hasCome(answer);
            if (over) {
                line.getValue().thenAccept(StatefulRedisConnection::closeAsync);
            }
            return over;
        });
    }
}
