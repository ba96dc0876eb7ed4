package dev.tidemark.capture;

import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.capture.proof.ShardPart;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.health.Outage;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Walks the key space of one node for the shards that want it, at a pace that leaves Redis to its users. Belongs to the loop's thread.
 *
 * <p>A shard that asks while a walk is under way waits for the next one: keys that the walk has passed were not touched for
 * it.
 */
final class Resync implements KeyScan.Listener, AutoCloseable {
    private static final Duration SCAN_PATIENCE = Duration.ofSeconds(30);
    private static final Duration RETRY = Duration.ofMillis(500);
    private static final Duration TELL = Duration.ofSeconds(10);

    private final LoopTools tools;
    private final Shards shards;
    private final RedisServerLink server;
    private final CaptureMetrics.NodeGauges gauges;
    private Outage outage;

    /** Whose keys on this node are wanted, all of them, and for which resync. */
    record Want(OwnedShard shard, ShardPart part, long attempt) {}

    /** Takes what the walk finds. */
    interface Taker {
        void touch(Want want, KeyRef ref);

        void done(Want want);

        /** Whether a doubt came, or another owner: then nobody wants it any more. */
        boolean isVoid(Want want);
    }

    /** One a shard: whoever owned it before wants nothing any more. */
    private final Map<Integer, Want> wanted = new HashMap<>();

    private final Map<Integer, Want> walking = new HashMap<>();
    private KeyScan scan;
    private boolean connecting;
    private long walks;
    private boolean paging;
    private List<KeyRef> page;
    private boolean pageIsLast;
    private long retryAtNanos = System.nanoTime();
    private long pagedNanos;
    private ResyncPace pace;
    private long toldNanos;

    Resync(RedisServerLink server, LoopTools tools, CaptureMetrics.NodeGauges gauges) {
        this.server = server;
        this.tools = tools;
        this.gauges = gauges;
        this.outage = outage();
        this.shards = new Shards(tools.settings().source().shards());
    }

    void want(Want want) {
        wanted.put(want.shard().shard(), want);
    }

    private Outage outage() {
        return new Outage("scan of " + server.node());
    }

    /** The node is not watched any more: whatever was walked is void. */
    void abandon() {
        outage = outage();
        drop();
    }

    private void drop() {
        wanted.clear();
        stopWalking();
    }

    private void stopWalking() {
        walking.clear();
        page = null;
        paging = false;
        connecting = false;
        if (scan != null) {
            scan.close();
            scan = null;
            gauges.resynced();
        }
    }

    /**
     * Takes the next step, if there is room for what it may bring.
     *
     * @param valueBytes how large the values read last were, on average
     */
    void step(SignalLink link, boolean room, long valueBytes, Taker taker) {
        forgetVoid(taker);
        if (page != null) {
            take(valueBytes, taker);
        }
        if (scan == null && !connecting && !wanted.isEmpty() && System.nanoTime() >= retryAtNanos) {
            start(link);
        }
        if (scan != null && paging && System.nanoTime() - pagedNanos > SCAN_PATIENCE.toNanos()) {
            again("no page for " + SCAN_PATIENCE.toSeconds() + " s");
        }
        if (scan != null) {
            scan.stayOnTheLine();
            tell();
        }
        if (scan != null && !paging && room && pace.allows(System.nanoTime())) {
            paging = true;
            pagedNanos = System.nanoTime();
            scan.page();
        }
    }

    /** A walk that nobody wants any more would only keep the next one waiting, which may be the cure of a doubt. */
    private void forgetVoid(Taker taker) {
        wanted.values().removeIf(taker::isVoid);
        if (walking.values().removeIf(taker::isVoid) && walking.isEmpty()) {
            stopWalking();
        }
    }

    private void take(long valueBytes, Taker taker) {
        for (KeyRef ref : page) {
            Want want = walking.get(shards.of(ref.key()));
            if (want != null) {
                taker.touch(want, ref);
            }
        }
        pace.took(page.size(), valueBytes);
        page = null;
        paging = false;
        if (pageIsLast) {
            scan.close();
            scan = null;
            walking.values().forEach(taker::done);
            walking.clear();
            gauges.resynced();
        }
    }

    private void tell() {
        long now = System.nanoTime();
        long of = Math.max(scan.keysToVisit(), scan.keysVisited());
        OptionalLong left = pace.secondsLeft(scan.keysVisited(), of, now);
        gauges.resyncing(
                scan.keysVisited(),
                of,
                left.isPresent() ? (tools.clock().millis() + left.getAsLong() * 1_000) * 1_000 : 0);
        if (now - toldNanos > TELL.toNanos()) {
            toldNanos = now;
            CaptureLog.resyncProgress(
                    server.node(),
                    scan.keysVisited(),
                    of,
                    left.isPresent() ? Long.toString(left.getAsLong()) : "unknown");
        }
    }

    private void start(SignalLink link) {
        connecting = true;
        long walk = ++walks;
        tools.connector().execute(() -> {
            try {
                KeyScan opened = new KeyScan(server, tools.keys(), link.runId(), this);
                tools.mailbox().post(() -> opened(walk, opened));
            } catch (RuntimeException e) {
                tools.mailbox().post(() -> notOpened(walk, e));
            }
        });
    }

    private void opened(long walk, KeyScan opened) {
        if (!connecting || walk != walks) {
            // A doubt came in between. The walk that follows it opens its own: this one may lead to another server.
            opened.close();
            return;
        }
        connecting = false;
        if (wanted.isEmpty()) {
            opened.close();
            return;
        }
        scan = opened;
        // With those who asked while it connected: it has passed no key yet.
        walking.putAll(wanted);
        wanted.clear();
        toldNanos = System.nanoTime();
        pace = new ResyncPace(tools.settings().capture(), toldNanos);
    }

    private void notOpened(long walk, RuntimeException why) {
        if (connecting && walk == walks) {
            again(why.getMessage());
        }
    }

    /** The walk broke, though the watch did not: it starts again for the same resyncs, and nothing is in doubt. */
    private void again(String why) {
        tools.status().unreachable(outage, LateCause.REDIS_SILENT, String.valueOf(why));
        walking.forEach(wanted::putIfAbsent);
        stopWalking();
        retryAtNanos = System.nanoTime() + RETRY.toNanos();
    }

    @Override
    public void scanned(KeyScan from, List<KeyRef> found, boolean last) {
        tools.mailbox().post(() -> {
            if (from == scan) {
                page = found;
                tools.status().reachable(outage);
                pageIsLast = last;
            }
        });
    }

    @Override
    public void scanFailed(KeyScan from, String why) {
        tools.mailbox().post(() -> {
            if (from == scan) {
                again(why);
            }
        });
    }

    @Override
    public void close() {
        abandon();
    }
}
