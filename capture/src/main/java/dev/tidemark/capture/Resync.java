package dev.tidemark.capture;

import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.settings.CaptureSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.function.BiConsumer;

/**
 * Walks the key space for the shards that want it, at a pace that leaves Redis to its users. Belongs to the loop's thread.
 *
 * <p>A shard that asks while a walk is under way waits for the next one: keys that the walk has passed were not touched for
 * it.
 */
final class Resync implements KeyScan.Listener, AutoCloseable {
    private static final Duration SCAN_PATIENCE = Duration.ofSeconds(30);
    private static final Duration RETRY = Duration.ofMillis(500);

    private final CaptureSettings settings;
    private final Shards shards;
    private final RedisServerLink server;
    private final CapturedKeys keys;
    private final Mailbox mailbox;
    private final ExecutorService connector;

    /** Who wants every key of a shard touched, and for which of its resyncs. */
    private record Want(OwnedShard shard, long attempt) {}

    /** One a shard: whoever owned it before wants nothing any more. */
    private final Map<Integer, Want> wanted = new HashMap<>();

    private final Map<Integer, Want> walking = new HashMap<>();
    private KeyScan scan;
    private boolean connecting;
    private boolean paging;
    private List<KeyRef> page;
    private boolean pageIsLast;
    private long retryAtNanos = System.nanoTime();
    private long pagedNanos;
    private long startedNanos;
    private long scannedKeys;

    Resync(
            CaptureSettings settings,
            Shards shards,
            RedisServerLink server,
            CapturedKeys keys,
            Mailbox mailbox,
            ExecutorService connector) {
        this.settings = settings;
        this.shards = shards;
        this.server = server;
        this.keys = keys;
        this.mailbox = mailbox;
        this.connector = connector;
    }

    void want(OwnedShard shard, long attempt) {
        wanted.put(shard.shard(), new Want(shard, attempt));
    }

    /** A doubt: whatever was walked is void. */
    void abandon() {
        wanted.clear();
        walking.clear();
        page = null;
        paging = false;
        connecting = false;
        if (scan != null) {
            scan.close();
            scan = null;
        }
    }

    /** Takes the next step, if there is room for what it may bring. */
    void step(WatchLink link, boolean room, BiConsumer<OwnedShard, KeyRef> touch, BiConsumer<OwnedShard, Long> done) {
        if (link == null) {
            return;
        }
        if (page != null) {
            take(touch, done);
        }
        if (scan == null && !connecting && !wanted.isEmpty() && System.nanoTime() >= retryAtNanos) {
            start(link);
        }
        if (scan != null && paging && System.nanoTime() - pagedNanos > SCAN_PATIENCE.toNanos()) {
            again("no page for " + SCAN_PATIENCE.toSeconds() + " s");
        }
        if (scan != null && !paging && room && inPace()) {
            paging = true;
            pagedNanos = System.nanoTime();
            scan.page();
        }
    }

    private void take(BiConsumer<OwnedShard, KeyRef> touch, BiConsumer<OwnedShard, Long> done) {
        for (KeyRef ref : page) {
            Want want = walking.get(shards.of(ref.key()));
            if (want != null && keys.captures(ref.key())) {
                touch.accept(want.shard(), ref);
            }
        }
        scannedKeys += page.size();
        page = null;
        paging = false;
        if (pageIsLast) {
            scan.close();
            scan = null;
            walking.values().forEach(want -> done.accept(want.shard(), want.attempt()));
            walking.clear();
        }
    }

    private boolean inPace() {
        double seconds = (System.nanoTime() - startedNanos) / 1e9;
        return scannedKeys <= seconds * settings.resyncKeysPerSecond();
    }

    private void start(WatchLink link) {
        connecting = true;
        walking.putAll(wanted);
        wanted.clear();
        connector.execute(() -> {
            try {
                KeyScan opened = new KeyScan(server, keys, link.runId(), this);
                mailbox.post(() -> opened(opened));
            } catch (RuntimeException e) {
                mailbox.post(() -> again(e.getMessage()));
            }
        });
    }

    private void opened(KeyScan opened) {
        if (!connecting || scan != null) {
            // A doubt came in between; the walk that follows it opens its own.
            opened.close();
            return;
        }
        connecting = false;
        scan = opened;
        startedNanos = System.nanoTime();
        scannedKeys = 0;
    }

    /** The walk broke, though the watch did not: it starts again for the same resyncs, and nothing is in doubt. */
    private void again(String why) {
        CaptureLog.unreachable("scan: " + why);
        walking.forEach(wanted::putIfAbsent);
        Map<Integer, Want> still = Map.copyOf(wanted);
        abandon();
        wanted.putAll(still);
        retryAtNanos = System.nanoTime() + RETRY.toNanos();
    }

    @Override
    public void scanned(KeyScan from, List<KeyRef> found, boolean last) {
        mailbox.post(() -> {
            if (from == scan) {
                page = found;
                pageIsLast = last;
            }
        });
    }

    @Override
    public void scanFailed(KeyScan from, String why) {
        mailbox.post(() -> {
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
