package dev.tidemark.capture;

import dev.tidemark.capture.proof.Doubt;
import dev.tidemark.capture.proof.DoubtCause;
import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.capture.proof.ShardPart;
import dev.tidemark.capture.proof.ShardProof;
import dev.tidemark.capture.proof.ShardProof.Next;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Tidemark.Beat;
import dev.tidemark.schemas.settings.Settings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;

/**
 * The one thread that owns all state of the proof. Everything that happens elsewhere arrives here through the mailbox; what
 * is addressed to a watch, a part or an epoch that is over is dropped.
 */
final class CaptureLoop implements Watcher.Listener, Ownership.Listener, Resync.Taker {
    private static final Duration TICK = Duration.ofMillis(5);
    /**
     * Signals first, for so long: what is written again meanwhile is read once, and the writer has the server for itself. Then
     * reads go out, though signals still pour in.
     */
    private static final Duration TURN_MAX = Duration.ofMillis(20);

    /** Between two looks at the clock. */
    private static final int LETTERS_AT_ONCE = 64;

    /** A tick that comes later than this was kept from coming. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Settings settings;
    private final LogTopics topics;
    private final Shards shards;
    private final LoopTools tools;
    private final CaptureStatus status;
    private final LogWriter writer;
    private final Mailbox mailbox;
    private final SourceNodes nodes;
    private final ShardReads reads;
    private final ShardTouches touches;
    private final SourceDefinitions definitions;
    private final Map<Integer, OwnedShard> owned = new HashMap<>();
    private final Renewals renewals;
    private final Refreshes refreshes;
    private final Joining joining;
    private final LoopReport report;
    private long tickedNanos = System.nanoTime();
    private volatile boolean covering;
    private volatile boolean closed;
    private volatile Drain drain;

    /**
     * Makes it; {@link #run} is the loop itself.
     *
     * @param reclaim claims a shard anew, under a higher epoch
     */
    CaptureLoop(
            LoopTools tools,
            LogTopics topics,
            RedisServers servers,
            LogWriter writer,
            LargeValues largeValues,
            IntConsumer reclaim) {
        this.tools = tools;
        this.settings = tools.settings();
        this.mailbox = tools.mailbox();
        this.status = tools.status();
        this.topics = topics;
        this.shards = new Shards(settings.source().shards());
        this.writer = writer;
        this.renewals = new Renewals(settings.kafka().retention(), reclaim);
        this.refreshes = new Refreshes(settings.capture().resyncInterval());
        this.joining = new Joining(shards.count());
        this.nodes = new SourceNodes(servers, tools, this);
        this.definitions = new SourceDefinitions(tools, nodes, this::define);
        this.touches = new ShardTouches(tools.keys(), status.metrics(), shards, owned);
        this.reads = new ShardReads(tools, writer, largeValues, this::isOurs, this::logRefused);
        this.report = new LoopReport(status, writer, nodes, reads, shards.count());
    }

    void run() throws InterruptedException {
        try {
            while (!closed) {
                deliver();
                tickWhenDue();
                reads.issue(owned.values(), nodes.all());
            }
        } finally {
            nodes.retire();
        }
    }

    /** Whether shards may be asked for; for any thread. */
    boolean covering() {
        return covering;
    }

    /** Ends, at the latest after this time, when all that changed until now is claimed. */
    void stop(Duration within) {
        drain = new Drain(within);
    }

    private void deliver() throws InterruptedException {
        long endNanos = System.nanoTime() + TURN_MAX.toNanos();
        boolean more = mailbox.deliver(TICK.toMillis(), LETTERS_AT_ONCE);
        while (more && System.nanoTime() < endNanos) {
            more = mailbox.deliver(0, LETTERS_AT_ONCE);
        }
    }

    private void tickWhenDue() {
        long now = System.nanoTime();
        if (now - tickedNanos >= TICK.toNanos()) {
            tick(now);
        }
    }

    private void tick(long now) {
        if (now - tickedNanos > PAUSE.toNanos()) {
            nodes.slept(now - tickedNanos);
        }
        tickedNanos = now;
        status.health().turned();
        report.tell(owned, now);
        boolean moved = nodes.tick();
        covering = covering || joining.mayJoin(nodes.covered(), now);
        if (moved) {
            owned.values().forEach(shard -> shard.proof().lieOn(nodes.of(shard.shard())));
        }
        for (OwnedShard shard : List.copyOf(owned.values())) {
            for (Optional<Next> next = shard.proof().next(nodes::coverage);
                    next.isPresent() && isOurs(shard);
                    next = shard.proof().next(nodes::coverage)) {
                carryOut(shard, next.get());
            }
        }
        definitions.tick(Optional.ofNullable(owned.get(Definitions.SHARD)));
        keepWithinBounds();
        nodes.forgetBeats(owned.values());
        renewals.ask(owned.values(), nodes::coverage);
        refreshes.ask(owned.values());
        Drain ending = drain;
        if (ending != null && ending.isOver(owned.values())) {
            closed = true;
        }
    }

    private void keepWithinBounds() {
        long openBytes = 0;
        for (OwnedShard shard : owned.values()) {
            for (ShardPart part : shard.proof().parts()) {
                openBytes += part.open().bytes();
            }
        }
        long bytesMax = settings.capture().openBytesMax();
        if (openBytes > bytesMax) {
            Doubt tooMany =
                    new Doubt(DoubtCause.OPEN_KEYS_OVERFLOW, "more open keys than capture.open-bytes-max allows");
            owned.values().forEach(shard -> shard.proof().doubt(tooMany));
            openBytes = 0;
        }
        nodes.scan(openBytes < bytesMax / 2, reads.averageBytes(), this);
    }

    private void carryOut(OwnedShard shard, Next next) {
        ShardProof proof = shard.proof();
        if (next instanceof Next.Doubtful doubtful) {
            say(shard, doubtful.doubt());
        } else if (next instanceof Next.BeginResync begin) {
            CaptureLog.resyncBegun(shard.shard(), begin.reason());
            long time = proof.stamp(begin.timeMicros());
            write(
                    shard,
                    new LogRow.ResyncBegun(shard.epoch(), time, begin.reason()),
                    offset -> proof.begun(begin.attempt(), offset));
        } else if (next instanceof Next.Scan scan) {
            List<Resync.Want> wants = proof.parts().stream()
                    .map(part -> new Resync.Want(shard, part, scan.attempt()))
                    .toList();
            if (shard.shard() == Definitions.SHARD) {
                // Before the walk, so before END: a restore reads nothing that stands before its base.
                definitions.resync(shard, () -> walk(wants));
            } else {
                walk(wants);
            }
        } else if (next instanceof Next.EndResync end) {
            long time = proof.stamp(end.timeMicros());
            write(shard, new LogRow.ResyncEnded(shard.epoch(), time, end.beginOffset()), offset -> {
                proof.ended(end.attempt(), offset, time);
                // A doubt may have come while it was on its way: then it cured nothing.
                if (proof.live()) {
                    CaptureLog.resyncEnded(shard.shard(), offset);
                    status.health().cured(shard.shard());
                }
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
                            claim.nodes()),
                    (metadata, failure) -> mailbox.post(() -> sent(shard, failure)));
        }
    }

    private void walk(List<Resync.Want> wants) {
        wants.stream().filter(want -> !isVoid(want)).forEach(nodes::want);
    }

    private void define(OwnedShard shard, LogRow.Definitions found) {
        if (isOurs(shard)) {
            long time = shard.proof().stampDefinitions(found.timeMicros());
            write(
                    shard,
                    new LogRow.Definitions(found.epoch(), time, found.kind(), found.digest(), found.payload()),
                    offset -> shard.proof().definitionsLanded());
        }
    }

    private void say(OwnedShard shard, Doubt doubt) {
        String where = String.join(",", nodes.of(shard.shard()));
        status.doubt(shard.shard(), where, doubt);
        writer.control(
                shard.shard(),
                new ControlRecord.Doubt(shard.epoch(), tools.clock().millis() * 1_000, doubt.reason(), where),
                (metadata, failure) -> mailbox.post(() -> sent(shard, failure)));
    }

    private void write(OwnedShard shard, LogRow row, LongConsumer landed) {
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

    // ---- what watchers see

    @Override
    public void touched(Watcher watcher, int db, List<Bytes> names, String event) {
        touches.touched(watcher.coverage(), db, names, event);
    }

    @Override
    public void over(Watcher watcher, Doubt doubt) {
        CaptureLog.watchOver(watcher.node(), doubt.reason());
        status.metrics().late(LateCause.WATCHER_LOST);
        nodes.over(watcher, doubt);
        // Where another watcher of the node saw everything since the last tidemark, it goes on with that one.
        for (OwnedShard shard : owned.values()) {
            shard.proof().lost(watcher.node(), doubt, nodes::coverage);
        }
    }

    // ---- what the log says

    /** Called on the follower's thread. */
    void counted(int shard, Tidemark tidemark) {
        mailbox.post(() -> {
            for (Beat beat : tidemark.nodes()) {
                nodes.counted(shard, beat, owned::containsKey);
            }
            if (tidemark.nodes().stream().allMatch(beat -> nodes.coverage(beat.node()).stream()
                    .anyMatch(seen -> seen.covers(shard, beat)))) {
                joining.covers(shard);
            }
            OwnedShard ours = owned.get(shard);
            if (ours != null && ours.epoch() == tidemark.epoch()) {
                ours.proof().counted(tidemark);
                status.metrics().claimed(shard, tidemark.throughMicros(), tidemark.exactnessMicros());
            }
        });
    }

    @Override
    public void alone(boolean now) {
        mailbox.post(() -> joining.alone(now));
    }

    @Override
    public void claimed(int number, long epoch, Optional<Tidemark> last, long lastMicros, long nextOffset) {
        mailbox.post(() -> {
            CaptureLog.claimed(number, epoch);
            release(number);
            boolean sameKeys = last.map(tools.keys()::areOf).orElse(true);
            String unlessWatched = sameKeys
                    ? "nobody has watched since the last tidemark"
                    : "other prefixes or databases were captured until the last tidemark";
            ShardProof proof = new ShardProof(
                    number,
                    new Doubt(DoubtCause.TAKEOVER, unlessWatched),
                    lastMicros,
                    last.map(Tidemark::throughMicros).orElse(0L),
                    nextOffset,
                    settings.source().journaled());
            proof.lieOn(nodes.of(number));
            last.filter(tidemark -> sameKeys && tidemark.generation() == topics.generation())
                    .ifPresent(tidemark -> proof.takeOver(tidemark, nodes::coverage));
            owned.put(number, new OwnedShard(number, epoch, proof));
            status.metrics().bindShard(number, proof.throughMicros());
        });
    }

    @Override
    public void released(int shard) {
        mailbox.post(() -> {
            if (release(shard)) {
                CaptureLog.released(shard);
            }
        });
    }

    private boolean release(int number) {
        OwnedShard shard = owned.remove(number);
        if (shard != null) {
            shard.proof().release();
            status.metrics().releaseShard(number);
            status.health().cured(number);
        }
        return shard != null;
    }

    /** Nobody knows whether the record is in the log, so nothing of this epoch may follow it. */
    private void logRefused(int shard, Exception why) {
        status.metrics().late(LateCause.LOG_REFUSED);
        CaptureLog.claimFailed(shard, "the log refused a record: " + why.getMessage());
        release(shard);
        renewals.claimAnew(shard);
    }

    // ---- what a scan finds

    @Override
    public void touch(Resync.Want want, KeyRef ref) {
        if (!isVoid(want) && touches.captures(ref.key())) {
            want.part().open().touched(ref, "", want.part().now());
        }
    }

    @Override
    public void done(Resync.Want want) {
        if (isOurs(want.shard())) {
            want.shard().proof().scanned(want.attempt(), want.part());
        }
    }

    @Override
    public boolean isVoid(Resync.Want want) {
        return !isOurs(want.shard()) || !want.shard().has(want.part());
    }
}
