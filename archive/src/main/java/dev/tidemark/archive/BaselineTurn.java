package dev.tidemark.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.ArchiveKey;
import dev.tidemark.schemas.layout.ArchiveKey.TurnKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Who may take a baseline of a source: one at a time. Turns are numbered, each is won by a create-only write, and the last
 * one is in force until the time it says, which its owner puts off while it works. So a turn that was forsaken is passed
 * over, never taken away, and two who find it forsaken contend for the next number, which one of them gets.
 *
 * <p>Clocks that disagree, or an owner that wakes late, may let two work at once. That costs Redis a second fork; what both
 * publish is true.
 */
public sealed interface BaselineTurn {
    /** How long a turn is in force that its owner does not put off. */
    Duration LEASE = Duration.ofMinutes(2);

    /** Ours, until it is closed. For one thread. */
    final class Ours implements BaselineTurn, AutoCloseable {
        private final ObjectStore store;
        private final String key;
        private final String owner;
        private final Clock clock;
        private Instant renewed;

        private Ours(ObjectStore store, String key, String owner, Clock clock) {
            this.store = store;
            this.key = key;
            this.owner = owner;
            this.clock = clock;
            this.renewed = clock.instant();
        }

        /** Puts its end off, if it is time to. */
        public void renew() {
            Instant now = clock.instant();
            if (now.isAfter(renewed.plus(LEASE.dividedBy(4)))) {
                store.put(key, ObjectBody.of(json(owner, now.plus(LEASE))), Map.of());
                renewed = now;
            }
        }

        @Override
        public void close() {
            Parting.evenIfInterrupted(() -> store.put(key, ObjectBody.of(json(owner, Instant.EPOCH)), Map.of()));
        }
    }

    /** Somebody else's. */
    record Taken(String owner, Instant until) implements BaselineTurn {}

    static BaselineTurn take(ObjectStore store, String prefix, String owner, Clock clock) {
        OptionalLong last = last(store, prefix);
        if (last.isPresent()) {
            Optional<Taken> inForce = read(store, prefix + new TurnKey(last.getAsLong()).path())
                    .filter(turn -> turn.until().isAfter(clock.instant()));
            if (inForce.isPresent()) {
                return inForce.get();
            }
        }
        String key = prefix + new TurnKey(last.orElse(0) + 1).path();
        Instant until = clock.instant().plus(LEASE);
        if (store.create(key, ObjectBody.of(json(owner, until)), Map.of()) == Creation.EXISTS) {
            return read(store, key).orElse(new Taken("somebody else", until));
        }
        // Never the newest: whoever finds none at all would begin at the first again.
        last.ifPresent(number -> store.delete(prefix + new TurnKey(number).path()));
        return new Ours(store, key, owner, clock);
    }

    private static OptionalLong last(ObjectStore store, String prefix) {
        OptionalLong last = OptionalLong.empty();
        for (Iterator<String> keys = store.list(prefix + ArchiveKey.TURNS, Optional.empty()); keys.hasNext(); ) {
            Optional<ArchiveKey> key = ArchiveKey.parse(keys.next().substring(prefix.length()));
            if (key.isPresent() && key.get() instanceof TurnKey turn) {
                last = OptionalLong.of(turn.number());
            }
        }
        return last;
    }

    private static Optional<Taken> read(ObjectStore store, String key) {
        return store.get(key, 4 << 10).flatMap(bytes -> {
            try {
                JsonNode object = StrictJson.parse(bytes, Set.of("owner", "until_us"), Set.of());
                return Optional.of(new Taken(
                        StrictJson.text(object, "owner"), RedisTime.instant(StrictJson.number(object, "until_us"))));
            } catch (IllegalArgumentException forsaken) {
                // What cannot be read binds nobody: the worst is a second fork.
                return Optional.empty();
            }
        });
    }

    private static byte[] json(String owner, Instant until) {
        ObjectNode object = StrictJson.object();
        object.put("owner", owner);
        object.put("until_us", RedisTime.micros(until));
        return StrictJson.bytes(object);
    }
}
