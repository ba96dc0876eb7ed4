package dev.tidemark.compactor.baseline;

import dev.tidemark.schemas.Slots;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.redis.RedisSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds the primaries of a source with their slots, and for each of them the node that a snapshot is best taken from. */
final class SourceSurvey {
    private final SourceDoor door;

    SourceSurvey(SourceDoor door) {
        this.door = door;
    }

    List<SourcePart> parts() {
        if (door.settings().cluster()) {
            return asked(seed -> {
                try (RedisSocket redis = door.node(seed)) {
                    return clusterParts(redis, seed);
                }
            });
        }
        if (door.settings().sentinel().master().isPresent()) {
            String master = door.settings().sentinel().master().get();
            return asked(seed -> {
                try (RedisSocket sentinel = door.sentinel(seed)) {
                    sentinel.send(words("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master));
                    if (sentinel.array() != 2) {
                        throw new IOException("it knows no primary '%s'; see redis.sentinel.master".formatted(master));
                    }
                    return List.of(part(new HostPort(sentinel.text(), Integer.parseInt(sentinel.text())), Slots.all()));
                }
            });
        }
        return asked(alone -> List.of(part(alone, Slots.all())));
    }

    private interface Question<T> {
        T ask(HostPort seed) throws IOException;
    }

    private <T> T asked(Question<T> question) {
        IOException failure = null;
        for (HostPort seed : door.configured()) {
            try {
                return question.ask(seed);
            } catch (IOException e) {
                failure = e;
            }
        }
        throw new TidemarkError(
                ExitCode.UNREACHABLE,
                "no server of %s tells where the source's primaries are: %s. Nothing was written; check redis.uri and redis.seeds, and redis.username and its password"
                        .formatted(door.configured(), failure.getMessage()),
                failure);
    }

    /** CLUSTER SLOTS: from, to, the primary, and replicas. */
    private List<SourcePart> clusterParts(RedisSocket redis, HostPort asked) throws IOException {
        redis.send(words("CLUSTER", "SLOTS"));
        Map<HostPort, BitSet> slots = new LinkedHashMap<>();
        for (int ranges = redis.array(); ranges > 0; ranges--) {
            int nodes = redis.array() - 2;
            int from = Math.toIntExact(redis.integer());
            int to = Math.toIntExact(redis.integer());
            int details = redis.array();
            String host = redis.text();
            // A node that was never met by another does not know its own address.
            HostPort primary = new HostPort(host.isEmpty() ? asked.host() : host, Math.toIntExact(redis.integer()));
            for (int rest = details - 2 + nodes - 1; rest > 0; rest--) {
                redis.skip();
            }
            slots.computeIfAbsent(primary, any -> new BitSet()).set(from, to + 1);
        }
        List<SourcePart> parts = new ArrayList<>();
        for (Map.Entry<HostPort, BitSet> each : slots.entrySet()) {
            parts.add(part(each.getKey(), Slots.of(each.getValue())));
        }
        return parts;
    }

    private SourcePart part(HostPort primary, Slots slots) throws IOException {
        try (RedisSocket redis = door.node(primary)) {
            NodeInfo info = NodeInfo.of(redis, "server", "replication");
            if (!info.is("role", "master")) {
                throw new IOException(
                        "%s is a %s, not a primary; name the primary, or use redis.sentinel.master or redis.cluster"
                                .formatted(primary, info.text("role")));
            }
            return new SourcePart(primary, slots, info.text("run_id"), info.text("master_replid"));
        }
    }

    /** A replica of the same history that follows; else the primary, if that does it no harm. */
    HostPort giverFor(SourcePart part) throws IOException {
        NodeInfo primary;
        try (RedisSocket redis = door.node(part.primary())) {
            primary = NodeInfo.of(redis, "replication");
        }
        for (HostPort replica : primary.onlineReplicas()) {
            if (follows(replica, part)) {
                return replica;
            }
        }
        if (door.settings().sentinel().master().isPresent()) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "no replica of %s can be reached and follows it, and a baseline from the primary would look to the Sentinels like a replica that died; nothing was written. Make a replica reachable from here, or take the baseline with --mode file"
                            .formatted(part.primary()));
        }
        if (!primary.is("repl_backlog_active", "1")) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "%s never had a replica, or not for long: the first one that attaches, and a baseline does, changes its replication id, and capture must then read every key again; nothing was written. Give it a replica; or set repl-backlog-ttl 0 and attach one once, at a time when that resync is welcome; or take the baseline with --mode file, or rest on capture.resync-interval"
                            .formatted(part.primary()));
        }
        return part.primary();
    }

    private boolean follows(HostPort replica, SourcePart part) {
        try (RedisSocket redis = door.node(replica)) {
            NodeInfo info = NodeInfo.of(redis, "replication");
            return info.is("role", "slave")
                    && info.is("master_link_status", "up")
                    && info.is("master_replid", part.replId());
        } catch (IOException notFromHere) {
            return false;
        }
    }

    /** The clock of a node, in microseconds. */
    long timeMicros(HostPort node) throws IOException {
        try (RedisSocket redis = door.node(node)) {
            redis.send(words("TIME"));
            if (redis.array() != 2) {
                throw new IOException("TIME was answered with something else");
            }
            return Long.parseLong(redis.text()) * 1_000_000 + Long.parseLong(redis.text());
        }
    }

    private static byte[][] words(String... words) {
        byte[][] bytes = new byte[words.length][];
        for (int i = 0; i < words.length; i++) {
            bytes[i] = words[i].getBytes(StandardCharsets.UTF_8);
        }
        return bytes;
    }
}
