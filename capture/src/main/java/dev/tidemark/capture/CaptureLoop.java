package dev.tidemark.capture;

import dev.tidemark.capture.proof.Barriers;
import dev.tidemark.capture.proof.BeatReply;
import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.capture.proof.OpenKeys;
import dev.tidemark.capture.proof.ShardProof;
import dev.tidemark.capture.proof.ShardProof.Next;
import dev.tidemark.capture.proof.Signal;
import dev.tidemark.capture.proof.Watch;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.settings.Settings;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The one thread that owns all state of the proof. Everything that happens elsewhere arrives here through the mailbox; what
 * is addressed to a watch or an epoch that is over is dropped.
 */
final class CaptureLoop implements WatchLink.Listener, Ownership.Listener {
    private static final long TICK_MILLIS = 5;
    private static final int LETTERS_PER_TICK = 10_000;
    private static final Duration RECONNECT = Duration.ofMillis(500);

    /** A tick that comes later than this was kept from coming. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** Longer than any script should run; a connection that is silent for so long is closed, which is a doubt. */
    private static final Duration BARRIER_PATIENCE = Duration.ofSeconds(30);

    /** A Redis clock further ahead of ours than this is not believed: dates can only be taken back by waiting. */
    private static final Duration CLOCK_AHEAD_MAX = Duration.ofSeconds(5);

    private final Settings settings;
    private final LogTopics topics;
    private final Shards shards;
    private final CapturedKeys keys;
    private final RedisServerLink server;
    private final LogWriter writer;
    private final Clock clock;
    private final Mailbox mailbox = new Mailbox();
    private final ExecutorService connector = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "tidemark-connect");
        thread.setDaemon(true);
        return thread;
    });

    private final Barriers barriers = new Barriers();
    private final Map<Integer, OwnedShard> owned = new HashMap<>();
    private final ShardReads reads;
    private final Resync resync;
    private WatchLink link;
    private Watch watch;
    private boolean connecting;
    private boolean covered;
    private long connectAtNanos = System.nanoTime();
    private long barrierAtNanos;
    private long barrierBegunNanos;
    private long tickedNanos = System.nanoTime();
    private volatile boolean closed;

    CaptureLoop(Settings settings, LogTopics topics, RedisServerLink server, LogWriter writer, Clock clock) {
        this.settings = settings;
        this.topics = topics;
        this.shards = new Shards(settings.source().shards());
        this.keys = new CapturedKeys(settings.source());
        this.server = server;
        this.writer = writer;
        this.clock = clock;
        this.reads = new ShardReads(
                settings.capture(),
                server,
                keys,
                writer,
                mailbox,
                connector,
                clock,
                barriers,
                this::isOurs,
                this::logRefused);
        this.resync = new Resync(settings.capture(), shards, server, keys, mailbox, connector);
    }

    void run() throws InterruptedException {
        try {
            while (!closed) {
                mailbox.deliver(TICK_MILLIS, LETTERS_PER_TICK);
                tick();
            }
        } finally {
            if (link != null) {
                link.retire();
            }
            reads.close();
            resync.close();
            connector.shutdownNow();
        }
    }

    void stop() {
        closed = true;
    }

    private void tick() {
        long now = System.nanoTime();
        if (now - tickedNanos > PAUSE.toNanos()) {
            // We slept, not Redis: what it answered meanwhile has not been looked at yet.
            barrierBegunNanos += now - tickedNanos;
        }
        tickedNanos = now;
        if (link == null) {
            connectWhenDue();
        } else {
            barrierWhenDue();
        }
        for (OwnedShard shard : owned.values()) {
            for (Optional<Next> next = next(shard); next.isPresent(); next = next(shard)) {
                carryOut(shard, next.get());
            }
        }
        long openBytes =
                owned.values().stream().mapToLong(shard -> shard.open().bytes()).sum();
        if (openBytes > settings.capture().openBytesMax()) {
            owned.values().forEach(shard -> shard.open().forgetUnread());
            doubt("more open keys than capture.open-bytes-max allows");
        }
        resync.step(link, openBytes < settings.capture().openBytesMax() / 2, this::touchScanned, this::scanned);
        reads.issue(owned.values(), link);
        barriers.forgetBefore(owned.values().stream()
                .mapToLong(shard -> shard.open().oldest())
                .min()
                .orElse(OpenKeys.NONE));
    }

    private Optional<Next> next(OwnedShard shard) {
        return shard.proof().next(shard.open(), barriers);
    }

    private void carryOut(OwnedShard shard, Next next) {
        ShardProof proof = shard.proof();
        if (next instanceof Next.BeginResync begin) {
            CaptureLog.resyncBegun(shard.shard(), begin.reason());
            // Whatever is being read now was perhaps touched before the watch: it is read again behind BEGIN.
            shard.open().touchAll(barriers.lastComplete());
            long time = proof.stamp(barriers.beat(barriers.lastComplete()).timeMicros());
            write(
                    shard,
                    new LogRow.ResyncBegun(shard.epoch(), time, begin.reason()),
                    offset -> proof.begun(begin.attempt(), offset));
        } else if (next instanceof Next.Scan scan) {
            resync.want(shard, scan.attempt());
        } else if (next instanceof Next.EndResync end) {
            long time = proof.stamp(end.timeMicros());
            write(shard, new LogRow.ResyncEnded(shard.epoch(), time, end.beginOffset()), offset -> {
                CaptureLog.resyncEnded(shard.shard(), offset);
                proof.ended(end.attempt(), offset, time, barriers);
            });
        } else if (next instanceof Next.Claim claim) {
            writer.control(
                    shard.shard(),
                    new Tidemark(
                            topics.generation(),
                            shard.epoch(),
                            claim.base(),
                            claim.throughMicros(),
                            claim.offset(),
                            claim.exactnessMicros(),
                            List.of(barriers.beat(claim.barrier()))),
                    (metadata, failure) -> mailbox.post(() -> sent(shard, failure)));
        }
    }

    private void write(OwnedShard shard, LogRow row, java.util.function.LongConsumer landed) {
        writer.row(
                shard.shard(),
                row,
                (metadata, failure) -> mailbox.post(() -> {
                    if (sent(shard, failure)) {
                        shard.proof().acknowledged(metadata.offset());
                        landed.accept(metadata.offset());
                    }
                }));
    }

    /** Whether a record of an epoch that is still ours is in the log. */
    private boolean sent(OwnedShard shard, Exception failure) {
        if (!isOurs(shard)) {
            return false;
        }
        if (failure != null) {
            logRefused(shard.shard(), failure);
        }
        return failure == null;
    }

    private boolean isOurs(OwnedShard shard) {
        return owned.get(shard.shard()) == shard;
    }

    // ---- the watch

    private void connectWhenDue() {
        if (connecting || System.nanoTime() < connectAtNanos) {
            return;
        }
        connecting = true;
        String id = UUID.randomUUID().toString();
        connector.execute(() -> {
            try {
                WatchLink opened = new WatchLink(server, keys, settings.source().name(), id, this);
                mailbox.post(() -> watching(opened, id));
            } catch (RuntimeException e) {
                mailbox.post(() -> notWatching(e));
            }
        });
    }

    private void watching(WatchLink opened, String id) {
        connecting = false;
        if (!opened.alive()) {
            opened.close();
            connectAtNanos = System.nanoTime() + RECONNECT.toNanos();
            return;
        }
        link = opened;
        watch = new Watch(id, server.node());
        covered = false;
        barrierAtNanos = System.nanoTime();
        CaptureLog.watching(server.node(), id);
    }

    private void notWatching(RuntimeException why) {
        connecting = false;
        connectAtNanos = System.nanoTime() + RECONNECT.toNanos();
        CaptureLog.unreachable(why.getMessage());
    }

    private void barrierWhenDue() {
        long now = System.nanoTime();
        if (watch.resting()) {
            if (now >= barrierAtNanos) {
                barrierAtNanos = now + settings.capture().barrierInterval().toNanos();
                barrierBegunNanos = now;
                barriers.begin();
                link.beat(watch.begin());
            }
        } else if (now - barrierBegunNanos > BARRIER_PATIENCE.toNanos()) {
            doubt("a connection has been silent for " + BARRIER_PATIENCE.toSeconds() + " s");
        }
    }

    private void follow(Watch.Step step) {
        if (step instanceof Watch.Step.PingAll) {
            link.pingAll();
        } else if (step instanceof Watch.Step.Doubt found) {
            doubt(found.reason());
        } else if (step instanceof Watch.Step.Complete complete) {
            completed(complete.beat());
        }
    }

    private void completed(Tidemark.Beat beat) {
        if (beat.timeMicros() > nowMicros() + CLOCK_AHEAD_MAX.toNanos() / 1_000) {
            // Every touch arrived, but a claim dated so would block all honest ones until the clock catches up.
            CaptureLog.late("Redis's clock is more than " + CLOCK_AHEAD_MAX.toSeconds() + " s ahead");
            return;
        }
        barriers.complete(beat);
        if (!covered) {
            covered = true;
            owned.values().forEach(shard -> shard.proof().covered());
        }
    }

    private void doubt(String reason) {
        CaptureLog.doubt(server.node(), reason);
        if (link != null) {
            link.close();
        }
        link = null;
        watch = null;
        covered = false;
        connectAtNanos = System.nanoTime() + RECONNECT.toNanos();
        resync.abandon();
        for (OwnedShard shard : owned.values()) {
            shard.proof().doubt(reason);
            writer.control(
                    shard.shard(),
                    new ControlRecord.Doubt(shard.epoch(), nowMicros(), reason, server.node()),
                    (metadata, failure) -> mailbox.post(() -> sent(shard, failure)));
        }
    }

    private long nowMicros() {
        return clock.millis() * 1_000;
    }

    @Override
    public void touched(WatchLink from, int db, List<Bytes> names, String event) {
        mailbox.postTouches(names.size(), () -> {
            if (from == link) {
                names.forEach(name -> touch(db, name, event));
            }
        });
    }

    private void touch(int db, Bytes name, String event) {
        OwnedShard shard = owned.get(shards.of(name));
        long since = barriers.lastComplete();
        // Before the first barrier nothing is covered yet, and a resync is still to come.
        if (shard == null || since == Barriers.NONE || !keys.captures(name)) {
            return;
        }
        if (db >= 0) {
            shard.open().touched(new KeyRef(db, name), event, since);
        } else {
            keys.databases().forEach(each -> shard.open().touched(new KeyRef(each, name), event, since));
        }
    }

    @Override
    public void canarySeen(WatchLink from, Signal signal) {
        mailbox.post(() -> {
            if (from == link) {
                follow(watch.canarySeen(signal));
            }
        });
    }

    @Override
    public void allTouched(WatchLink from) {
        mailbox.post(() -> {
            if (from == link) {
                doubt("data set replaced: the server invalidated everything");
            }
        });
    }

    @Override
    public void beatReplied(WatchLink from, BeatReply reply) {
        mailbox.post(() -> {
            if (from == link) {
                follow(watch.beatReplied(reply));
            }
        });
    }

    @Override
    public void beatRefused(WatchLink from, String why) {
        mailbox.post(() -> {
            if (from == link) {
                CaptureLog.late("the barrier was refused: " + why);
                watch.refused();
            }
        });
    }

    @Override
    public void ponged(WatchLink from, Signal signal) {
        mailbox.post(() -> {
            if (from == link) {
                follow(watch.ponged(signal));
            }
        });
    }

    @Override
    public void broken(WatchLink from, String what) {
        mailbox.post(() -> {
            if (from == link) {
                doubt(what);
            }
        });
    }

    // ---- the shards

    @Override
    public void claimed(int shard, long epoch, long lastMicros, long lastThroughMicros, long nextOffset) {
        mailbox.post(() -> {
            CaptureLog.claimed(shard, epoch);
            ShardProof proof = new ShardProof("capture took the shard", lastMicros, lastThroughMicros, nextOffset);
            owned.put(shard, new OwnedShard(shard, epoch, proof));
            if (covered) {
                proof.covered();
            }
        });
    }

    @Override
    public void released(int shard) {
        mailbox.post(() -> {
            if (owned.remove(shard) != null) {
                CaptureLog.released(shard);
            }
        });
    }

    /** Nobody knows whether the record is in the log, so nothing of this epoch may follow it. */
    private void logRefused(int shard, Exception why) {
        CaptureLog.claimFailed(shard, "the log refused a record: " + why.getMessage());
        owned.remove(shard);
        reclaim.accept(shard);
    }

    private java.util.function.IntConsumer reclaim = shard -> {};

    void reclaimThrough(java.util.function.IntConsumer ownership) {
        reclaim = ownership;
    }

    private void touchScanned(OwnedShard shard, KeyRef ref) {
        if (isOurs(shard)) {
            shard.open().touched(ref, "", barriers.lastComplete());
        }
    }

    private void scanned(OwnedShard shard, long attempt) {
        if (isOurs(shard)) {
            shard.proof().scanned(attempt, barriers);
        }
    }
}
