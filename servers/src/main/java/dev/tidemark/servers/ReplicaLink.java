package dev.tidemark.servers;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** How far a replica has followed its primary. */
final class ReplicaLink {
    private static final Duration SYNC_LIMIT = Duration.ofMinutes(2);

    private final RedisServer replica;

    ReplicaLink(RedisServer replica) {
        this.replica = replica;
    }

    /** Returns when the replica has everything that its primary had when it was asked to. */
    void awaitInSync() {
        Await.until(
                SYNC_LIMIT,
                () -> replica.ask(control -> control.info("replication", "master_link_status"))
                        .equals(Optional.of("up")),
                "the replica on port %d is connected to its primary; see %s".formatted(replica.port(), replica.log()));
        long wanted = primaryOffset();
        Await.until(
                SYNC_LIMIT,
                () -> replica.ask(control -> Long.parseLong(control.info("replication", "slave_repl_offset")))
                                .orElse(-1L)
                        >= wanted,
                "the replica on port %d has followed to offset %d; see %s"
                        .formatted(replica.port(), wanted, replica.log()));
    }

    /** Asked where the replica itself looks, which may be a proxy. */
    private long primaryOffset() {
        int primary = replica.ask(control -> Integer.parseInt(control.info("replication", "master_port")))
                .orElseThrow(() -> new ServerFailure("the server on port %d is no replica".formatted(replica.port())));
        try (RedisControl control = replica.controlOf(primary)) {
            return Long.parseLong(control.info("replication", "master_repl_offset"));
        } catch (IOException e) {
            throw new ServerFailure("the primary on port %d does not say how far it is".formatted(primary), e);
        }
    }
}
