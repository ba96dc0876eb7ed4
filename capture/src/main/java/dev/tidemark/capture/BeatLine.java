package dev.tidemark.capture;

import dev.tidemark.capture.proof.BeatReply;
import dev.tidemark.schemas.Bytes;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.protocol.CommandType;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Sends the beats of one watch: its canary is written, and the node tells its clock and its counters, in one piece. */
@SuppressWarnings(
        "FutureReturnValueIgnored") // A transaction is one EXEC; the futures of its commands tell nothing more.
final class BeatLine {
    /** Hears what came of a beat, on a network thread. */
    interface Listener {
        void beatReplied(BeatReply reply);

        /** The beat changed nothing, for this reason. */
        void beatRefused(String why);

        /** It never will again: the server is no primary any more. */
        void demoted();

        /** The slot of the canary is another node's now, or about to be. */
        void beatRedirected();

        /** Somebody put so much into the canary, or something else in its place, that it is not read: nothing follows from it. */
        void canaryFilled(String how);

        void broken(String what);
    }

    /** Where the answers of INFO begin: behind the clock, the read-back and the four writes. */
    private static final int FIRST_SECTION = 6;

    private static final int SECTIONS = 4;

    private final StatefulRedisConnection<byte[], byte[]> connection;
    private final NodeAddress node;
    private final boolean cluster;
    private final Canary canary;
    private final Executor loop;
    private final Listener listener;
    private long nowMicros;

    /** @param loop the thread that beats are asked for on, and the only one that sends anything else on this connection */
    BeatLine(
            StatefulRedisConnection<byte[], byte[]> connection,
            NodeAddress node,
            boolean cluster,
            Canary canary,
            long nowMicros,
            Executor loop,
            Listener listener) {
        this.connection = connection;
        this.node = node;
        this.cluster = cluster;
        this.canary = canary;
        this.nowMicros = nowMicros;
        this.loop = loop;
        this.listener = listener;
    }

    /** Writes the canary and takes the time, in one transaction, if the canary is still small enough to be read in it. */
    void beat(long n) {
        // Back to the loop: what it sends meanwhile must not get in between MULTI and EXEC.
        OwnHash.watch(connection.async(), canary.key())
                .whenComplete((size, failure) -> loop.execute(() -> measured(n, size, failure)));
    }

    private void measured(long n, OwnHash.Size size, Throwable failure) {
        if (failure == null && size.isTooLarge()) {
            listener.canaryFilled(canary.filled(size));
        } else if (failure == null) {
            transaction(n);
        } else if (failure.getCause() instanceof RedisCommandExecutionException) {
            connection.async().unwatch();
            refused(new RedisAnswer(failure.getCause().getMessage()));
        } else {
            listener.broken("the canary cannot be measured");
        }
    }

    private void refused(RedisAnswer answer) {
        if (answer.isRedirection()) {
            listener.beatRedirected();
        } else if (answer.isOfOtherType()) {
            listener.canaryFilled(canary.replaced());
        } else {
            refused(answer.error());
        }
    }

    /** A replica refuses all that is written, so no beat would ever tell that it is one; but it can be asked. */
    private void refused(String why) {
        connection.async().info("replication").whenComplete((text, failure) -> {
            if (failure == null && !WatchLink.isPrimary(text)) {
                listener.demoted();
            } else {
                listener.beatRefused(why);
            }
        });
    }

    private void transaction(long n) {
        RedisAsyncCommands<byte[], byte[]> redis = connection.async();
        redis.multi();
        redis.time();
        redis.hgetall(canary.key());
        // Tells whether there was an expiry to take off.
        redis.persist(canary.key());
        redis.dispatch(CommandType.HSET, new IntegerOutput<>(ByteArrayCodec.INSTANCE), canary.write(n, nowMicros));
        redis.pexpireat(canary.key(), Canary.FAR_AHEAD_MILLIS);
        redis.persist(canary.key());
        redis.info("server");
        redis.info("commandstats");
        redis.info("replication");
        redis.info("stats");
        if (cluster) {
            redis.clusterNodes();
        }
        redis.exec().whenComplete((answers, failure) -> {
            if (failure == null && answers.wasDiscarded()) {
                listener.beatRefused("somebody wrote to the canary while it was measured");
            } else if (failure == null) {
                answer(() -> reply(answers));
            } else if (failure instanceof RedisCommandExecutionException) {
                beatWhereMemoryIsFull(n, failure.getMessage());
            } else {
                // Perhaps it was written, perhaps not: no later read-back could be judged.
                listener.broken("the outcome of a beat is unknown");
            }
        });
    }

    /**
     * A full server takes no transaction, though keys are still deleted and expire. A script that says so may write: the same
     * beat, in one piece as well.
     */
    private void beatWhereMemoryIsFull(long n, String refusal) {
        BeatScript.send(connection.async(), canary, n, nowMicros, cluster).whenComplete((answers, failure) -> {
            if (failure == null && BeatScript.tooLarge(answers).isPresent()) {
                listener.canaryFilled(canary.filled(BeatScript.tooLarge(answers).get()));
            } else if (failure == null) {
                answer(() -> reply(
                        BeatScript.timeMicros(answers),
                        BeatScript.readBack(answers),
                        BeatScript.info(answers),
                        BeatScript.clusterNodes(answers)));
            } else if (failure instanceof RedisCommandExecutionException) {
                if (new RedisAnswer(failure.getMessage()).isRedirection()) {
                    listener.beatRedirected();
                } else {
                    refused(refusal + " And as a script: " + failure.getMessage());
                }
            } else {
                listener.broken("the outcome of a beat is unknown");
            }
        });
    }

    private void answer(Supplier<BeatReply> answers) {
        BeatReply reply;
        try {
            reply = answers.get();
        } catch (RuntimeException e) {
            // Written, perhaps, but not readable: this barrier proves nothing, and neither would the next.
            listener.broken("a beat's answer cannot be read: " + e.getMessage());
            return;
        }
        nowMicros = reply.timeMicros();
        listener.beatReplied(reply);
    }

    private BeatReply reply(TransactionResult answers) {
        for (Object answer : answers) {
            if (answer instanceof RuntimeException refused) {
                throw refused;
            }
        }
        List<byte[]> time = answers.get(0);
        Map<byte[], byte[]> fields = answers.get(1);
        Map<Bytes, Bytes> readBack = new HashMap<>();
        fields.forEach((name, value) -> readBack.put(Bytes.wrap(name), Bytes.wrap(value)));
        boolean expired = answers.get(2);
        ServerInfo info = new ServerInfo();
        for (int section = FIRST_SECTION; section < FIRST_SECTION + SECTIONS; section++) {
            String text = answers.get(section);
            info.add(text.getBytes(StandardCharsets.UTF_8));
        }
        return reply(
                WatchLink.micros(time),
                Canary.readBack(readBack, expired),
                info,
                cluster ? answers.get(FIRST_SECTION + SECTIONS) : "");
    }

    private BeatReply reply(
            long timeMicros, Optional<BeatReply.Canary> readBack, ServerInfo info, String clusterNodes) {
        return new BeatReply(
                timeMicros,
                readBack,
                info.text("run_id"),
                info.text("master_replid"),
                info.text("role"),
                info.number("total_commands_processed"),
                info.calls("flushall") + info.calls("flushdb") + info.calls("swapdb"),
                info.number("evicted_keys"),
                cluster ? ownSlots(clusterNodes) : "");
    }

    private String ownSlots(String clusterNodes) {
        String slots = ClusterNodes.parse(clusterNodes, node).ownSlots();
        if (slots.isEmpty()) {
            throw new IllegalStateException("the node does not tell its slots");
        }
        return slots;
    }
}
