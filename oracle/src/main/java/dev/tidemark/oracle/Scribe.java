package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.Operation;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One writing thread: its connection, its keys, and what to do when an answer does not come. */
final class Scribe implements Runnable {
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(50);
    private static final int BATCHES_PER_SECOND_AIMED_AT = 50;

    private final URI source;
    private final OracleOptions options;
    private final Composer composer;
    private final Chronicle chronicle;
    private final Gate gate;
    private final SourceWorld world;

    private RedisConnection connection;
    private ServerFacts server;
    private long clientId;
    private long lastMicros;
    private Batch batch;
    private long nextBatchNanos = System.nanoTime();

    Scribe(URI source, OracleOptions options, Composer composer, Chronicle chronicle, Gate gate, SourceWorld world) {
        this.source = source;
        this.options = options;
        this.composer = composer;
        this.chronicle = chronicle;
        this.gate = gate;
        this.world = world;
    }

    OwnKeys keys() {
        return composer.keys();
    }

    /** Keys of a lost batch; to be asked for by whoever occupies the gate. */
    Set<OwnKey> openKeys() {
        return batch == null ? Set.of() : batch.open().keySet();
    }

    @Override
    public void run() {
        try {
            while (gate.enter()) {
                boolean answered;
                try {
                    answered = writeBatch();
                } finally {
                    gate.leave();
                }
                if (!answered) {
                    recover();
                }
                pace();
            }
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException | Error failed) {
            gate.fail(failed);
        } finally {
            disconnect();
        }
    }

    private boolean writeBatch() {
        if (connection == null) {
            return false;
        }
        long sentMicros = Math.max(lastMicros, world.sinceMicros());
        try {
            batch = composer.compose(connection, server, sentMicros / 1_000, batchOps());
            // Pending before the first byte leaves: whoever judges from here on must reckon with it.
            batch.open().keySet().forEach(key -> key.history().pending(sentMicros));
            batch.send(connection);
            batch.settle(connection, chronicle);
            batch.release();
            batch = null;
            lastMicros = chronicle.lastSeenMicros();
            return true;
        } catch (IOException lost) {
            return false;
        }
    }

    /** Connects anew and finds out what became of the batch. */
    private void recover() throws InterruptedException, IOException {
        long giveUpNanos = System.nanoTime() + options.recoverWithin().toNanos();
        disconnectButRemember();
        IOException last = null;
        while (System.nanoTime() < giveUpNanos) {
            if (!gate.enterToRecover()) {
                return;
            }
            try {
                if (recovered()) {
                    return;
                }
            } catch (IOException again) {
                last = again;
                disconnectButRemember();
            } finally {
                gate.leave();
            }
            gate.rest(BETWEEN_ATTEMPTS);
        }
        // The source is gone. What is open stays pending, which the judge can live with; only no more is written.
        world.gaveUp("could not reach the source again within " + options.recoverWithin()
                + (last == null ? "; it restarted, and nobody called rebase" : ": " + last.getMessage()));
        gate.pause();
    }

    private boolean recovered() throws IOException {
        RedisConnection fresh = RedisConnection.open(source, options.replyTimeout());
        disconnectButRemember();
        connection = fresh;
        ServerFacts facts = ServerFacts.of(fresh);
        if (!facts.runId().equals(world.runId())) {
            // Another process: what it holds may be anything until somebody says so by a rebase.
            disconnectButRemember();
            return false;
        }
        boolean sameProcess = server != null && server.runId().equals(facts.runId());
        if (sameProcess) {
            // The lost connection may still have our commands in its buffer. Once it is killed they never run.
            fresh.call(Command.of("CLIENT", "KILL", "ID", clientId));
        }
        if (batch != null) {
            if (sameProcess) {
                settleOpen(facts);
            }
            batch.release();
            batch = null;
        }
        clientId = fresh.call(Command.of("CLIENT", "ID")).number();
        server = facts;
        lastMicros = fresh.timeMicros();
        return true;
    }

    private void settleOpen(ServerFacts facts) throws IOException {
        Map<Key, OwnKey> open = new HashMap<>();
        batch.open().keySet().forEach(key -> open.put(key.key(), key));
        long sentMicros = Math.max(lastMicros, world.sinceMicros());
        Map<OwnKey, Operation> operations = Map.copyOf(batch.open());
        new KeyReader(connection, facts).read(List.copyOf(open.keySet()), sighting -> {
            OwnKey key = open.get(sighting.key());
            chronicle.recovered(key.history(), sentMicros, sighting, operations.get(key));
            keys().moveTo(key, sighting.state().type());
            batch.open().remove(key);
        });
    }

    private int batchOps() {
        if (options.opsPerSecondMax() == 0) {
            return options.batchOpsMax();
        }
        int aimed = options.opsPerSecondMax() / options.threads() / BATCHES_PER_SECOND_AIMED_AT;
        return Math.max(1, Math.min(aimed, options.batchOpsMax()));
    }

    private void pace() throws InterruptedException {
        if (options.opsPerSecondMax() == 0) {
            return;
        }
        long batchNanos = 1_000_000_000L * batchOps() * options.threads() / options.opsPerSecondMax();
        long now = System.nanoTime();
        // What could not be written in time, because the source was away, is not made up for by a burst.
        nextBatchNanos = Math.max(nextBatchNanos + batchNanos, now - batchNanos);
        if (nextBatchNanos > now) {
            gate.rest(Duration.ofNanos(nextBatchNanos - now));
        }
    }

    /** The facts of the lost connection stay, to kill it by. */
    private void disconnectButRemember() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    private void disconnect() {
        disconnectButRemember();
        server = null;
    }
}
