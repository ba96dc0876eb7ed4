package dev.tidemark.capture;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.ValueListOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Asks the Sentinels, and believes only what most of those that are configured say: one that is cut off with the old primary
 * goes on naming it.
 *
 * <p>Before a failover begins, as many of them as the quorum hold the primary for down, and each of those names the next one
 * afterwards. So while most of them name it and hold it for up, nobody has replaced it; this is what a claim waits for. (The
 * quorum is a majority, as everybody is advised to set it.)
 */
final class SentinelTopology implements Topology {
    private static final ProtocolKeyword SENTINEL = () -> "SENTINEL".getBytes(StandardCharsets.US_ASCII);
    private static final List<String> NOT_UP = List.of("s_down", "o_down", "failover_in_progress");
    private static final long ANSWER_SECONDS = 5;

    private final RedisServers servers;
    private final String master;
    private final List<NodeAddress> sentinels;
    private Primary current;

    /** What one Sentinel says. */
    private record Vote(NodeAddress primary, boolean up) {}

    SentinelTopology(RedisServers servers, String master) {
        this.servers = servers;
        this.master = master;
        this.sentinels = new ArrayList<>(servers.configured());
    }

    @Override
    public boolean mustVouch() {
        return true;
    }

    @Override
    public Answer ask() {
        Map<NodeAddress, Integer> votes = new HashMap<>();
        Map<NodeAddress, Integer> healthy = new HashMap<>();
        String failure = "";
        for (NodeAddress sentinel : List.copyOf(sentinels)) {
            try {
                Vote vote = ask(sentinel);
                votes.merge(vote.primary(), 1, Integer::sum);
                if (vote.up() && areMost(healthy.merge(vote.primary(), 1, Integer::sum))) {
                    return new Answer(List.of(primary(vote.primary())), Set.of(vote.primary()));
                }
            } catch (RuntimeException e) {
                failure = e.getMessage();
                // Whoever is away is asked last: it would keep the others' answers waiting.
                sentinels.remove(sentinel);
                sentinels.add(sentinel);
            }
        }
        for (Map.Entry<NodeAddress, Integer> vote : votes.entrySet()) {
            if (areMost(vote.getValue())) {
                return new Answer(List.of(primary(vote.getKey())), Set.of());
            }
        }
        throw new TidemarkError(
                ExitCode.UNREACHABLE,
                "fewer than half of the %d Sentinels agree where the primary '%s' is: %s. Nothing is lost; capture tries again"
                        .formatted(sentinels.size(), master, failure));
    }

    private boolean areMost(int count) {
        return 2 * count > sentinels.size();
    }

    private Primary primary(NodeAddress named) {
        if (current == null || !current.address().equals(named)) {
            current = Primary.ofEverything(named);
        }
        return current;
    }

    private Vote ask(NodeAddress sentinel) {
        try (StatefulRedisConnection<byte[], byte[]> connection =
                servers.sentinelAt(sentinel).commands(0)) {
            CommandArgs<byte[], byte[]> args =
                    new CommandArgs<>(ByteArrayCodec.INSTANCE).add("master").add(master);
            List<byte[]> answer = connection
                    .async()
                    .dispatch(SENTINEL, new ValueListOutput<>(ByteArrayCodec.INSTANCE), args)
                    .get(ANSWER_SECONDS, TimeUnit.SECONDS);
            Map<String, String> fields = new HashMap<>();
            for (int i = 0; i + 1 < answer.size(); i += 2) {
                fields.put(text(answer.get(i)), text(answer.get(i + 1)));
            }
            List<String> flags = List.of(fields.get("flags").split(",", -1));
            return new Vote(
                    new NodeAddress(fields.get("ip"), Integer.parseInt(fields.get("port"))),
                    Collections.disjoint(flags, NOT_UP));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNREACHABLE, "interrupted while a Sentinel was asked", e);
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "the Sentinel at %s does not tell of a primary '%s': %s; see redis.sentinel.master"
                            .formatted(sentinel, master, e),
                    e);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
