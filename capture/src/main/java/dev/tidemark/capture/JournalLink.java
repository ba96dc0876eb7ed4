package dev.tidemark.capture;

import dev.tidemark.capture.proof.BeatReply;
import dev.tidemark.capture.proof.JournalPosition;
import dev.tidemark.capture.proof.Signal;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.HashSlot;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.health.Outage;
import dev.tidemark.schemas.log.Tidemark.Beat;
import dev.tidemark.schemas.settings.SourceSettings;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The connections of one watch of a journal: one for beats, one on which the node's streams are read. Belongs to the loop's
 * thread, but for what its listeners hear on the network's.
 *
 * <p>A barrier is the same as where Redis tells of changes itself, except that no canary comes through a stream: after the
 * beat's answer each stream is read up to its end, so everything that was added before the beat has been handed over.
 *
 * <p>What a watch has read is acknowledged when tidemarks that count cover it, and trimmed then. So the next watch finds what
 * no tidemark covers, though nobody watched in between; {@link JournalLedger} tells whether that is all there was.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What becomes of an acknowledgement is said where it fails.
final class JournalLink implements SignalLink, BeatLine.Listener, JournalStream.Listener {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

    private record Line(String stream, Set<Integer> shards, JournalGroup group, JournalStream reader) {}

    private final RedisServerLink server;
    private final LoopTools tools;
    private final String watch;
    private final Listener listener;
    private final CaptureMetrics.NodeGauges gauges;
    private final StatefulRedisConnection<byte[], byte[]> commands;
    private final StatefulRedisConnection<byte[], byte[]> reading;
    private final String runId;
    private final int version;
    private final JournalTrust trust;
    private final Canary canary;
    private final JournalLedger ledger;
    private final BeatLine beats;
    private final Outage refusals;
    private final List<Line> lines = new ArrayList<>();
    /** Whether each stream is as it was left; else entries may be gone that nobody read. */
    private boolean intact = true;

    private boolean inherits;
    private boolean begun;
    private volatile BeatReply reply;
    private int draining;
    private long lookNanos = System.nanoTime() + LOOK_AGAIN.toNanos();
    private volatile boolean closed;

    /**
     * Connects and finds out where to read on; blocks.
     *
     * @param slots those of the node, where it belongs to a Cluster
     */
    JournalLink(
            RedisServerLink server,
            LoopTools tools,
            Optional<BitSet> slots,
            String watch,
            Listener listener,
            CaptureMetrics.NodeGauges gauges) {
        this.server = server;
        this.tools = tools;
        this.watch = watch;
        this.refusals = new Outage("journal of " + server.node());
        this.listener = listener;
        this.gauges = gauges;
        SourceSettings source = tools.settings().source();
        int db = tools.keys().canaryDatabase();
        OptionalInt slot = slots.map(own -> OptionalInt.of(own.nextSetBit(0))).orElse(OptionalInt.empty());
        this.commands = server.commands(db);
        try {
            ServerInfo info = WatchLink.info(commands);
            this.runId = info.text("run_id");
            this.version = info.version();
            WatchLink.requirePrimary(commands, server.node());
            this.trust = new JournalTrust(
                    source, server.node(), tools.settings().redis().username());
            trust.require(commands);
            this.reading = server.commands(db);
            KeyReader.requireRunId(reading, runId);
            breakWith(commands, "command connection lost");
            breakWith(reading, "journal connection lost");
            long nowMicros = WatchLink.micros(commands.sync().time());
            this.canary = Canary.settle(commands, source.name(), watch, server.node(), runId, slot, nowMicros);
            // Before the first beat, whose counters are compared with it.
            this.ledger = new JournalLedger(commands, server.node(), source.name(), slot);
            for (String stream : source.journal().streams()) {
                int home = HashSlot.of(Bytes.utf8(stream));
                if (slots.isEmpty() || slots.get().get(home)) {
                    open(source, stream, db, slots.isPresent() ? OptionalInt.of(home) : OptionalInt.empty());
                }
            }
            this.beats = new BeatLine(
                    commands,
                    NodeAddress.parse(server.node()),
                    slots.isPresent(),
                    canary,
                    nowMicros,
                    tools.mailbox()::post,
                    this);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void open(SourceSettings source, String stream, int db, OptionalInt slot) {
        Shards shards = new Shards(source.shards());
        Set<Integer> concerned = slot.isPresent()
                ? Set.of(shards.of(Bytes.utf8(stream)))
                : IntStream.range(0, shards.count()).boxed().collect(Collectors.toUnmodifiableSet());
        JournalGroup group = new JournalGroup(commands, stream, source.name());
        JournalGroup.Begin begin = group.enter();
        intact &= begin.intact();
        JournalStream reader = new JournalStream(
                reading.async(), stream, group, begin, db, slot, new JournalPosition(concerned), tools.mailbox(), this);
        lines.add(new Line(stream, concerned, group, reader));
    }

    @Override
    public boolean alive() {
        return !closed && commands.isOpen() && reading.isOpen();
    }

    @Override
    public String runId() {
        return runId;
    }

    @Override
    public int version() {
        return version;
    }

    @Override
    public void tick() {
        long now = System.nanoTime();
        lines.forEach(line -> line.reader().tick(now));
        if (now >= lookNanos) {
            lookNanos = now + LOOK_AGAIN.toNanos();
            trust.judge(commands)
                    .thenAccept(judgement -> trust.refusal(judgement).ifPresent(this::bypassed));
        }
    }

    @Override
    public void beat(long n) {
        lines.forEach(line -> line.reader().begun(n));
        beats.beat(n);
    }

    @Override
    public void pingAll() {
        draining = lines.size();
        lines.forEach(line -> line.reader().prove());
        if (lines.isEmpty()) {
            // Else nothing is ever said on it, and a server may hang up.
            RedisFuture<String> unused = reading.async().ping();
            listener.ponged(Signal.JOURNAL);
        }
    }

    @Override
    public void drained() {
        if (--draining == 0) {
            listener.ponged(Signal.JOURNAL);
        }
    }

    @Override
    public void beatReplied(BeatReply answer) {
        if (reply == null && intact) {
            Optional<Beat> since = ledger.since(answer);
            inherits = since.isPresent();
            since.ifPresent(listener::inherited);
        }
        reply = answer;
        listener.beatReplied(answer);
    }

    @Override
    public void beatRefused(String why) {
        listener.beatRefused(why);
    }

    @Override
    public void demoted() {
        listener.demoted();
    }

    @Override
    public void beatRedirected() {
        listener.beatRedirected();
    }

    @Override
    public void canaryFilled(String how) {
        listener.canaryFilled(how);
    }

    @Override
    public void completed(Beat beat) {
        if (!begun && !inherits) {
            // The counters of this very beat: the next one is begun only now.
            ledger.begin(beat, reply).exceptionally(failure -> {
                notDone("what a restart goes on from could not be written: " + failure.getMessage());
                return null;
            });
        }
        begun = true;
    }

    @Override
    public void counted(int shard, long barrier, IntPredicate ours) {
        for (Line line : lines) {
            line.reader()
                    .acknowledged()
                    .counted(shard, barrier)
                    .filter(through -> line.shards().stream().anyMatch(ours::test))
                    .ifPresent(through -> line.group().acknowledge(through).whenComplete((left, failure) -> {
                        if (failure == null) {
                            gauges.journaled(line.stream(), left);
                            tools.status().onTime(refusals);
                        } else {
                            notDone("the journal could not be acknowledged: " + failure.getMessage());
                        }
                    }));
        }
    }

    private void notDone(String what) {
        if (!closed) {
            tools.status().late(refusals, LateCause.JOURNAL_REFUSED, what);
        }
    }

    @Override
    public void touched(int db, List<Bytes> keys, String event) {
        if (tools.keys().databases().contains(db)) {
            listener.touched(db, keys, event);
        }
    }

    @Override
    public void setAside(String reason, String notKept) {
        tools.status().metrics().entrySetAside();
        CaptureLog.entrySetAside(server.node(), notKept.isEmpty() ? reason : reason + "; and not kept: " + notKept);
    }

    @Override
    public void read() {
        // Before the beat is answered, nothing that is read excuses its silence.
        if (draining > 0) {
            listener.working();
        }
    }

    @Override
    public void bypassed(String how) {
        if (!closed) {
            // First, so that no later watch takes it for granted.
            ledger.forget();
            listener.bypassed(how);
        }
    }

    @Override
    public void unreadable(String why) {
        broken("the journal cannot be read: " + why);
    }

    @Override
    public void broken(String what) {
        if (!closed) {
            listener.broken(what);
        }
    }

    private void breakWith(StatefulRedisConnection<byte[], byte[]> connection, String what) {
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> gone) {
                broken(what);
            }
        });
    }

    @Override
    public void retire() {
        if (!closed && commands.isOpen()) {
            commands.async().del(canary.key());
        }
        close();
    }

    @Override
    public synchronized void close() {
        closed = true;
        for (StatefulRedisConnection<byte[], byte[]> connection : java.util.Arrays.asList(commands, reading)) {
            if (connection != null) {
                connection.closeAsync();
            }
        }
    }

    @Override
    public String toString() {
        return watch;
    }
}
