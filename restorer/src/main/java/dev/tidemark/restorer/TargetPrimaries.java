package dev.tidemark.restorer;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.HashSlot;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What a restore fills: one server, or every primary of a Cluster. For one thread. */
final class TargetPrimaries implements AutoCloseable {
    /** A slot that moves is soon where it goes, and a node that fell is soon replaced. */
    private static final Duration MOVE_AWAITED_MAX = Duration.ofSeconds(30);

    private static final Duration MOVE_LOOKED_AT_EVERY = Duration.ofMillis(50);

    private final RestoreTarget address;
    private final Duration answerLimit;
    private final Map<RestoreTarget, TargetRedis> open = new HashMap<>();
    private final TargetRedis[] bySlot = new TargetRedis[HashSlot.COUNT];
    private final boolean isCluster;
    private long moves;

    private TargetPrimaries(RestoreTarget address, Duration answerLimit, String consequence) {
        this.address = address;
        this.answerLimit = answerLimit;
        TargetRedis entry = at(address, consequence);
        try {
            this.isCluster = SlotOwners.isCluster(entry, consequence);
            if (isCluster) {
                SlotOwners owners = SlotOwners.ask(entry, address, consequence);
                Arrays.setAll(bySlot, slot -> null);
                for (int slot = 0; slot < HashSlot.COUNT; slot++) {
                    bySlot[slot] = at(owners.of(slot), consequence);
                }
            } else {
                Arrays.fill(bySlot, entry);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Connects.
     *
     * @param address of the server, or of any node of a Cluster
     */
    static TargetPrimaries open(RestoreTarget address, Duration answerLimit, String consequence) {
        return new TargetPrimaries(address, answerLimit, consequence);
    }

    String address() {
        return address.address();
    }

    boolean isCluster() {
        return isCluster;
    }

    /** Those that have slots, each once. */
    List<TargetRedis> all() {
        return List.copyOf(new LinkedHashSet<>(Arrays.asList(bySlot)));
    }

    /** Who has the key, as far as we know. */
    TargetRedis of(Bytes key) {
        return bySlot[HashSlot.of(key)];
    }

    /** How often a slot was found elsewhere than it was. */
    long moves() {
        return moves;
    }

    /** Whom to ask instead; if the slot has moved for good, from now on. */
    TargetRedis follow(TargetRedis from, Redirection redirection) {
        String host = redirection.host().isEmpty() ? from.target().host() : redirection.host();
        TargetRedis to = at(address.elsewhere(host, redirection.port()), "");
        if (!redirection.isForNow() && bySlot[redirection.slot()] != to) {
            bySlot[redirection.slot()] = to;
            moves++;
        }
        return to;
    }

    /**
     * Asks the Cluster once more who has which slots: those whose keys were all written may have gone since, to a node
     * that was not there, or to the replica of a primary that fell.
     */
    void lookAgain(String consequence) {
        if (!isCluster) {
            return;
        }
        SlotOwners owners = owners(consequence);
        for (int slot = 0; slot < HashSlot.COUNT; slot++) {
            TargetRedis owner = at(owners.of(slot), consequence);
            if (bySlot[slot] != owner) {
                bySlot[slot] = owner;
                moves++;
            }
        }
    }

    /** As any of the nodes tells that still answers. */
    private SlotOwners owners(String consequence) {
        List<TargetRedis> nodes = all();
        for (TargetRedis node : nodes.subList(0, nodes.size() - 1)) {
            try {
                return SlotOwners.ask(node, node.target(), consequence);
            } catch (TidemarkError unreachable) {
                // The next one may know what became of it.
            }
        }
        TargetRedis last = nodes.get(nodes.size() - 1);
        return SlotOwners.ask(last, last.target(), consequence);
    }

    /** Asks whoever has the key, wherever it goes meanwhile. */
    <T> T ask(Bytes key, Function<RedisAsyncCommands<byte[], byte[]>, RedisFuture<T>> question, String consequence) {
        return onOwner(key, node -> node.ask(question, consequence), () -> {});
    }

    /**
     * The same, of a question of any kind. It may be asked more than once.
     *
     * @param again called before it is asked once more
     */
    <T> T onOwner(Bytes key, Function<TargetRedis, T> question, Runnable again) {
        long beganNanos = System.nanoTime();
        while (true) {
            TargetRedis node = of(key);
            try {
                return question.apply(node);
            } catch (TidemarkError refused) {
                Optional<Redirection> elsewhere = Redirection.of(refused.getCause());
                boolean isMoving = elsewhere.isPresent() || Redirection.isTornApart(refused.getCause());
                if (!isMoving || System.nanoTime() - beganNanos > MOVE_AWAITED_MAX.toNanos()) {
                    throw refused;
                }
                elsewhere.filter(there -> !there.isForNow()).ifPresent(there -> follow(node, there));
                pause();
                again.run();
            }
        }
    }

    /** Lets a slot get on with its move. */
    static void pause() {
        try {
            Thread.sleep(MOVE_LOOKED_AT_EVERY.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNEXPECTED, "interrupted while a slot of the Cluster moved", e);
        }
    }

    private TargetRedis at(RestoreTarget there, String consequence) {
        return open.computeIfAbsent(there, each -> TargetRedis.open(each, answerLimit, consequence));
    }

    @Override
    public void close() {
        open.values().forEach(TargetRedis::close);
    }
}
