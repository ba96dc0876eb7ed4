package dev.tidemark.capture;

import dev.tidemark.capture.proof.Beats;
import dev.tidemark.capture.proof.Coverage;
import dev.tidemark.capture.proof.Doubt;
import dev.tidemark.capture.proof.DoubtCause;
import dev.tidemark.schemas.health.Outage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * A primary and all our connections to it: its watchers, two as long as it lets us, the reader of keys, the resync's scan.
 * Belongs to the loop's thread.
 */
final class SourceNode implements AutoCloseable {
    /** One feeds, one stands by. */
    private static final int WATCHERS = 2;

    private static final Duration RECONNECT = Duration.ofMillis(500);

    private final LoopTools tools;
    private final RedisServerLink server;
    private final Watcher.Listener listener;
    private final boolean needsVouching;
    private final CaptureMetrics.NodeGauges gauges;
    private final NodeReads reads;
    private final Resync resync;
    private final List<Watcher> watchers = new ArrayList<>();
    private final Outage outage;
    private Primary primary;
    private String runId = "";
    private Beats beats = new Beats();
    private boolean connecting;
    private boolean closed;
    private long connectAtNanos = System.nanoTime();

    SourceNode(
            Primary primary,
            RedisServerLink server,
            LoopTools tools,
            Watcher.Listener listener,
            boolean needsVouching) {
        this.needsVouching = needsVouching;
        this.primary = primary;
        this.server = server;
        this.tools = tools;
        this.listener = listener;
        this.gauges = tools.status().metrics().bindNode(server.node());
        this.outage = new Outage("watch of " + server.node());
        this.reads = new NodeReads(server, tools);
        this.resync = new Resync(server, tools, gauges);
    }

    String name() {
        return server.node();
    }

    RedisServerLink server() {
        return server;
    }

    BitSet slots() {
        return primary.slots();
    }

    void moved(Primary now) {
        primary = now;
    }

    NodeReads reads() {
        return reads;
    }

    Resync resync() {
        return resync;
    }

    /** What its watchers have seen. */
    List<Coverage> coverage() {
        return watchers.stream().map(Watcher::coverage).toList();
    }

    /** The connections of the watch that feeds, or of any. */
    Optional<SignalLink> link() {
        return watchers.stream().map(Watcher::link).findFirst();
    }

    /** Where large values are read: on the very server that is watched. */
    LargeValues.Node large() {
        return new LargeValues.Node(primary.address().host(), primary.address().port(), runId);
    }

    List<Watcher> watchers() {
        return watchers;
    }

    /** Nobody will ask for an earlier beat. */
    void forgetBeatsBefore(long beat) {
        long latest = watchers.stream()
                .mapToLong(watcher -> watcher.coverage().lastClaimable())
                .min()
                .orElse(beat);
        beats.forgetBefore(Math.min(beat, latest));
    }

    void slept(long nanos) {
        watchers.forEach(watcher -> watcher.slept(nanos));
    }

    void tick() {
        connectWhenDue();
        gauges.watching(watchers.size());
        tools.status().health().watched(name(), !watchers.isEmpty());
        List.copyOf(watchers).forEach(Watcher::tick);
        long heldMax = tools.settings().capture().openBytesMax();
        for (Watcher watcher : watchers) {
            while (watcher.coverage().heldBytes() > heldMax) {
                tools.status()
                        .late(
                                LateCause.WATCHER_LOST,
                                "a standing-by watch holds more keys than capture.open-bytes-max allows; it starts again");
                watcher.coverage().forgetMost();
            }
        }
    }

    private void connectWhenDue() {
        if (connecting || watchers.size() >= WATCHERS || System.nanoTime() < connectAtNanos) {
            return;
        }
        connecting = true;
        String id = tools.keys().newWatch();
        Watcher watcher = new Watcher(name(), id, tools, gauges, listener);
        Optional<BitSet> slots = tools.settings().redis().cluster() ? Optional.of(primary.slots()) : Optional.empty();
        tools.connector().execute(() -> {
            try {
                SignalLink opened = tools.settings().source().journaled()
                        ? new JournalLink(server, tools, slots, id, watcher, gauges)
                        : new WatchLink(
                                server,
                                tools.keys(),
                                slots,
                                tools.settings().source().name(),
                                id,
                                tools.mailbox()::post,
                                watcher);
                tools.mailbox().post(() -> watching(watcher, opened));
            } catch (RuntimeException e) {
                tools.mailbox().post(() -> notWatching(e));
            }
        });
    }

    private void watching(Watcher watcher, SignalLink opened) {
        connecting = false;
        if (closed || !opened.alive()) {
            opened.close();
            connectAtNanos = System.nanoTime() + RECONNECT.toNanos();
            return;
        }
        if (!opened.runId().equals(runId)) {
            // The address leads elsewhere by now. A watcher that still hears the server that was there before would
            // prove what nobody's writes go to any more.
            Doubt moved = new Doubt(DoubtCause.SERVER_CHANGED, "the address leads to another server: run id changed");
            watchers.stream().findFirst().ifPresent(old -> listener.over(old, moved));
            runId = opened.runId();
            beats = new Beats();
        }
        watcher.watching(opened, new Coverage(name(), tools.settings().source().shards(), beats, needsVouching));
        watchers.add(watcher);
        CaptureLog.watching(name(), opened.toString());
        tools.status().reachable(outage);
    }

    private void notWatching(RuntimeException why) {
        connecting = false;
        connectAtNanos = System.nanoTime() + RECONNECT.toNanos();
        tools.status().unreachable(outage, LateCause.REDIS_SILENT, String.valueOf(why.getMessage()));
    }

    /** This watch is over; another one is started. */
    void over(Watcher watcher) {
        watchers.remove(watcher);
        watcher.end();
        connectAtNanos = System.nanoTime() + RECONNECT.toNanos();
        if (watchers.isEmpty() && !tools.settings().source().journaled()) {
            // With a journal there need not be a doubt, and the walk goes on with the next watch.
            resync.abandon();
        }
    }

    void retire() {
        watchers.forEach(Watcher::retire);
        watchers.clear();
        close();
    }

    @Override
    public void close() {
        closed = true;
        List.copyOf(watchers).forEach(this::over);
        reads.close();
        resync.close();
        gauges.close();
        tools.status().health().gone(name());
    }
}
