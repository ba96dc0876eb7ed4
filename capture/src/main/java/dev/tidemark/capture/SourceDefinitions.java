package dev.tidemark.capture;

import dev.tidemark.schemas.health.Outage;
import dev.tidemark.schemas.log.LogRow.Definitions;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * What the source holds beside its keys: FUNCTION libraries and search indexes. No signal tells of them, so they are read now
 * and then, on a connection of their own: whatever becomes of it does not concern a watch.
 *
 * <p>The owner of shard 0 logs those of the node that has slot 0: one writer, one reader, one truth. In a Cluster whoever
 * loads a library loads it on every primary; what only another one has is not seen. Belongs to the loop's thread.
 */
final class SourceDefinitions {
    private static final int SLOT = 0;
    private static final Duration READ_AGAIN = Duration.ofSeconds(30);
    private static final Duration RETRY = Duration.ofMillis(500);

    private final LoopTools tools;
    private final SourceNodes nodes;
    private final BiConsumer<OwnedShard, Definitions> log;
    private final Outage outage = new Outage("definitions");
    private OwnedShard shard;
    private LoggedDefinitions logged = new LoggedDefinitions();
    private Map<String, String> refused = new HashMap<>();
    private Optional<Runnable> waiting = Optional.empty();
    /** What was asked last; the answer to anything else is void. */
    private long question;

    private boolean reading;
    private long readAtNanos;

    /** @param log takes the rows, in this order */
    SourceDefinitions(LoopTools tools, SourceNodes nodes, BiConsumer<OwnedShard, Definitions> log) {
        this.tools = tools;
        this.nodes = nodes;
        this.log = log;
    }

    /** Reads them if that is due. */
    void tick(Optional<OwnedShard> owned) {
        owned.filter(now -> now != shard).ifPresent(this::follow);
        boolean wanted =
                owned.isPresent() && (waiting.isPresent() || shard.proof().live());
        if (wanted && !reading && System.nanoTime() >= readAtNanos) {
            nodes.holding(SLOT).ifPresent(node -> node.link().ifPresent(link -> read(node, link.runId())));
        }
    }

    private void follow(OwnedShard owned) {
        shard = owned;
        logged = owned.proof().live() ? LoggedDefinitions.ofNextEpoch() : new LoggedDefinitions();
        refused.clear();
        waiting = Optional.empty();
        readAnew();
    }

    /** A base begins: all of them are logged once more, and before that it does not go on. */
    void resync(OwnedShard owned, Runnable goOn) {
        if (owned != shard) {
            follow(owned);
        }
        refused.clear();
        waiting = Optional.of(goOn);
        readAnew();
    }

    private void readAnew() {
        question++;
        reading = false;
        readAtNanos = System.nanoTime();
    }

    private void read(SourceNode node, String runId) {
        reading = true;
        long asked = ++question;
        Map<String, String> leftAlone = Map.copyOf(refused);
        long bytesMax = tools.settings().capture().inlineBytesMax();
        tools.connector().execute(() -> {
            try (StatefulRedisConnection<byte[], byte[]> connection =
                    node.server().commands(0)) {
                KeyReader.requireRunId(connection, runId);
                ServerDefinitions found = ServerDefinitions.read(connection.sync(), leftAlone, bytesMax);
                tools.mailbox().post(() -> found(asked, node.name(), found));
            } catch (RuntimeException e) {
                tools.mailbox().post(() -> notRead(asked, e));
            }
        });
    }

    private void found(long asked, String node, ServerDefinitions found) {
        if (asked != question) {
            return;
        }
        reading = false;
        tools.status().reachable(outage);
        if (tools.isTooFarAhead(found.timeMicros())) {
            // Dated so, they would date all later rows too.
            readAtNanos = System.nanoTime() + RETRY.toNanos();
            return;
        }
        readAtNanos = System.nanoTime() + READ_AGAIN.toNanos();
        say(node, found.refused());
        logged.due(shard.epoch(), found.timeMicros(), found, waiting.isPresent())
                .forEach(row -> log.accept(shard, row));
        Optional<Runnable> next = waiting;
        waiting = Optional.empty();
        next.ifPresent(Runnable::run);
    }

    private void say(String node, Map<String, String> all) {
        all.forEach((kind, why) -> {
            RedisAnswer answer = new RedisAnswer(why);
            // Where there is no such command there is nothing to lose.
            if (refused.put(kind, why) == null && !answer.isUnknown()) {
                String next = answer.isDenial()
                        ? "give the right, see tidemark doctor"
                        : "raise capture.inline-bytes-max if they are too large for it, or keep a copy elsewhere";
                CaptureLog.definitionsNotCovered(node, kind, why, next);
            }
        });
    }

    private void notRead(long asked, RuntimeException why) {
        if (asked == question) {
            reading = false;
            readAtNanos = System.nanoTime() + RETRY.toNanos();
            tools.status().unreachable(outage, LateCause.REDIS_SILENT, String.valueOf(why.getMessage()));
        }
    }
}
