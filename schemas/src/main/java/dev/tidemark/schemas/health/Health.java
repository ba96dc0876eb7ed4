package dev.tidemark.schemas.health;

import java.util.List;

/**
 * What a service says of itself. Reasons name shards, nodes and what does not answer; never a Redis key, a value or a
 * secret.
 *
 * @param dead why only a restart can help; empty while the service's loop turns
 * @param unready why it does not do its work just now; empty while it does
 */
public record Health(List<String> dead, List<String> unready) {
    public Health {
        dead = List.copyOf(dead);
        unready = List.copyOf(unready);
    }

    public boolean isAlive() {
        return dead.isEmpty();
    }

    public boolean isReady() {
        return dead.isEmpty() && unready.isEmpty();
    }
}
