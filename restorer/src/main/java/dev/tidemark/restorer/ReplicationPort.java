package dev.tidemark.restorer;

import dev.tidemark.schemas.settings.Secret;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a restore acts as a primary that one replica follows.
 *
 * @param password that the replica must say (its masterauth)
 * @param target the server that is to follow, and is told so; without it an operator tells it
 * @param targetUser to read a server that follows of itself, for the proof
 * @param targetPassword likewise
 */
public record ReplicationPort(
        String host,
        int port,
        Optional<Secret> password,
        Optional<RestoreTarget> target,
        Optional<String> targetUser,
        Optional<Secret> targetPassword) {
    public ReplicationPort {
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(password, "password");
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(targetUser, "targetUser");
        Objects.requireNonNull(targetPassword, "targetPassword");
    }

    /** For messages. */
    public String address() {
        return host + ":" + port;
    }
}
