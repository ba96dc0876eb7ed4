package dev.tidemark.capture;

import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.health.Outage;
import dev.tidemark.schemas.settings.Settings;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The connection on which the keys of one node are read. A broken one is replaced, which is late and no doubt: a read that
 * fails is made again. Belongs to the loop's thread.
 */
final class NodeReads implements AutoCloseable {
    private static final Duration RETRY = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final RedisServerLink server;
    private final LoopTools tools;
    private final Outage outage;
    private KeyReader reader;
    private String runId = "";
    private boolean connecting;
    private boolean closed;
    private long connectAtNanos = System.nanoTime();
    private long heardNanos;
    private int reading;

    NodeReads(RedisServerLink server, LoopTools tools) {
        this.server = server;
        this.tools = tools;
        this.outage = new Outage("reads of " + server.node());
    }

    /** A reader on the very server that this watch is on, if there is one by now. */
    boolean connected(SignalLink link) {
        closeIfSilent();
        if (reader != null && reader.alive() && runId.equals(link.runId())) {
            return true;
        }
        if (!connecting && System.nanoTime() >= connectAtNanos) {
            connecting = true;
            close(reader);
            reader = null;
            tools.connector().execute(() -> {
                try {
                    KeyReader opened = open(link.runId());
                    tools.mailbox().post(() -> opened(opened, link.runId()));
                } catch (RuntimeException e) {
                    tools.mailbox().post(() -> notOpened(e));
                }
            });
        }
        return false;
    }

    private KeyReader open(String run) {
        Settings settings = tools.settings();
        return new KeyReader(
                server.address(PATIENCE),
                settings.redis().cluster(),
                tools.keys().databases(),
                run,
                settings.capture().inlineBytesMax(),
                tools.inFlight(),
                tools.mailbox());
    }

    /** Only while {@link #connected}; the outcome comes through the mailbox. */
    void read(KeyRef ref, KeyReader.Shape shape, Consumer<KeyReader.Outcome> outcome) {
        if (reading == 0) {
            heardNanos = System.nanoTime();
        }
        reading++;
        reader.read(ref, shape, result -> {
            reading--;
            heardNanos = System.nanoTime();
            outcome.accept(result);
        });
    }

    boolean canRead() {
        return reader != null && reader.alive();
    }

    void flush() {
        if (reader != null) {
            reader.flush();
        }
    }

    /** A connection can die without a word. Closing it fails what waits on it, which is then read again on another. */
    private void closeIfSilent() {
        if (tools.inFlight().isFull()) {
            // It is we who do not listen.
            heardNanos = System.nanoTime();
        }
        if (reader != null && reading > 0 && System.nanoTime() - heardNanos > PATIENCE.toNanos()) {
            tools.status()
                    .late(
                            LateCause.REDIS_SILENT,
                            "no read was answered for " + PATIENCE.toSeconds() + " s; reading on another connection");
            close(reader);
            reader = null;
        }
    }

    private void opened(KeyReader opened, String openedRunId) {
        connecting = false;
        if (closed) {
            opened.close();
            return;
        }
        reader = opened;
        runId = openedRunId;
        tools.status().reachable(outage);
    }

    private void notOpened(RuntimeException why) {
        connecting = false;
        connectAtNanos = System.nanoTime() + RETRY.toNanos();
        tools.status().unreachable(outage, LateCause.REDIS_SILENT, String.valueOf(why.getMessage()));
    }

    private static void close(KeyReader old) {
        if (old != null) {
            old.close();
        }
    }

    @Override
    public void close() {
        closed = true;
        close(reader);
        reader = null;
    }
}
