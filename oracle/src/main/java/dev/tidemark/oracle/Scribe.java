package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One writing thread: its connection, its keys, and what to do when an answer does not come. */
final class Scribe implements Runnable {
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(50);
    private static final int BATCHES_PER_SECOND_AIMED_AT = 50;

    private final int number;
    private final Source source;
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
    private volatile boolean astray;
    private long nextBatchNanos = System.nanoTime();

    Scribe(
            int number,
            Source source,
            OracleOptions options,
            Composer composer,
            Chronicle chronicle,
            Gate gate,
            SourceWorld world) {
        this.number = number;
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

    /** The server it is connected to is no longer the one to write to. */
    void reconnect() {
        astray = true;
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
        if (connection == null || astray) {
            return false;
        }
        long sentMicros = Math.max(lastMicros, world.sinceMicros());
        try {
            batch = composer.compose(connection, server, sentMicros / 1_000, batchOps());
            // Pending before the first byte leaves: whoever judges from here on must reckon with it.
            batch.open().keySet().forEach(key -> key.history().pending(sentMicros));
            batch.send(connection);
            batch.settle(connection, chronicle);
            requirePrimary();
            batch.release();
            batch = null;
            lastMicros = chronicle.lastSeenMicros();
            return !connection.wasSentAway();
        } catch (IOException lost) {
            return false;
        }
    }

    /**
     * Nobody called moveTo. The same process may be a primary again soon, and hold what another one had: then no history here
     * would be true, and nothing would tell.
     */
    private void requirePrimary() {
        if (connection.isToAReplica() && !astray) {
            throw new IllegalStateException("the source became a replica: a failover that nobody planned");
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
        astray = false;
        Station station = source.open(number);
        disconnectButRemember();
        connection = station.connection();
        if (!isOurs(station)) {
            // Another process: what it holds may be anything until somebody says so by a rebase.
            disconnectButRemember();
            return false;
        }
        ServerFacts facts = station.server();
        boolean sameProcess = server != null && server.runId().equals(facts.runId());
        if (sameProcess) {
            // The lost connection may still have our commands in its buffer. Once it is killed they never run.
            connection.call(Command.of("CLIENT", "KILL", "ID", clientId));
        }
        if (!station.home().equals(world.home(number))) {
            moveInto(station);
        } else if (sameProcess) {
            settleOpen(station);
        }
        if (batch != null) {
            batch.release();
            batch = null;
        }
        clientId = connection.call(Command.of("CLIENT", "ID")).number();
        server = facts;
        lastMicros = connection.timeMicros();
        return true;
    }

    /** For whoever occupies the gate and judges: a slot may have moved since the last write to it. */
    void followMove() throws IOException {
        try (Station station = source.open(number)) {
            if (!station.home().equals(world.home(number)) && isOurs(station)) {
                moveInto(station);
                astray = true;
            }
        }
    }

    /** The former owner of a slot has no key of it left: what may be in its buffer will be refused. */
    private void moveInto(Station station) throws IOException {
        settleOpen(station);
        Map<Key, OwnKey> expiring = new HashMap<>();
        for (OwnKey key : keys().all()) {
            if (key.history().last().expires() && !openKeys().contains(key)) {
                expiring.put(key.key(), key);
            }
        }
        new KeyReader(station.connection(), station.server())
                .read(
                        expiring.keySet(),
                        sighting ->
                                chronicle.migrated(expiring.get(sighting.key()).history(), sighting));
        world.moved(number, station.home());
    }

    /** Holds what the histories say: as it did all the time, or because a slot came to it whole. */
    private boolean isOurs(Station station) throws IOException {
        Station.Home before = world.home(number);
        return station.home().equals(before) || (world.isUnbroken(station.home()) && source.inherited(station, before));
    }

    private void settleOpen(Station station) throws IOException {
        if (batch == null) {
            return;
        }
        Map<Key, OwnKey> open = new HashMap<>();
        batch.open().keySet().forEach(key -> open.put(key.key(), key));
        long sentMicros = Math.max(lastMicros, world.sinceMicros());
        Map<OwnKey, Operation> operations = Map.copyOf(batch.open());
        new KeyReader(station.connection(), station.server()).read(List.copyOf(open.keySet()), sighting -> {
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
