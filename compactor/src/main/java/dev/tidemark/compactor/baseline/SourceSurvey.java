package dev.tidemark.compactor.baseline;

import dev.tidemark.schemas.Slots;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.redis.HostPort;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.schemas.redis.SourceDoor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
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
            return asked(this::clusterParts);
        }
        if (door.settings().sentinel().master().isPresent()) {
            String master = door.settings().sentinel().master().get();
            return asked(sentinel -> List.of(part(door.primary(sentinel, master), Slots.all())));
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

    private List<SourcePart> clusterParts(HostPort seed) throws IOException {
        List<SourcePart> parts = new ArrayList<>();
        for (Map.Entry<HostPort, BitSet> each : door.primaries(seed).entrySet()) {
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
        NodeInfo primary = replication(part.primary());
        for (HostPort replica : primary.onlineReplicas()) {
            if (follows(replica, part)) {
                return replica;
            }
        }
        return primaryOf(
                part,
                primary,
                "no replica of %s can be reached and follows it".formatted(part.primary()),
                "Make a replica reachable from here, or take the baseline with --mode file");
    }

    /** The primary, if that does it no harm: for what its replicas lack. */
    HostPort primaryOf(SourcePart part) throws IOException {
        return primaryOf(
                part,
                replication(part.primary()),
                "%s has vector sets, and its replicas lack the vectors that were changed, for Redis does not replicate those"
                        .formatted(part.primary()),
                "Take the baseline with --mode file, or rest on capture.resync-interval");
    }

    private HostPort primaryOf(SourcePart part, NodeInfo primary, String why, String elseDo) {
        if (door.settings().sentinel().master().isPresent()) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "%s, and a baseline from the primary would look to the Sentinels like a replica that died; nothing was written. %s"
                            .formatted(why, elseDo));
        }
        if (!primary.is("repl_backlog_active", "1")) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "%s never had a replica, or not for long: the first one that attaches, and a baseline does, changes its replication id, and capture must then read every key again; nothing was written. Give it a replica; or set repl-backlog-ttl 0 and attach one once, at a time when that resync is welcome; or take the baseline with --mode file, or rest on capture.resync-interval"
                            .formatted(part.primary()));
        }
        return part.primary();
    }

    private NodeInfo replication(HostPort node) throws IOException {
        try (RedisSocket redis = door.node(node)) {
            return NodeInfo.of(redis, "replication");
        }
    }

    /** One that takes writes of its own may hold what its primary never did. */
    private boolean follows(HostPort replica, SourcePart part) {
        try {
            NodeInfo info = replication(replica);
            return info.is("role", "slave")
                    && info.is("slave_read_only", "1")
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
