package dev.tidemark.capture;

import dev.tidemark.capture.proof.BeatReply;
import dev.tidemark.capture.proof.Coverage;
import dev.tidemark.capture.proof.Doubt;
import dev.tidemark.capture.proof.DoubtCause;
import dev.tidemark.capture.proof.Signal;
import dev.tidemark.capture.proof.Watch;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.health.Outage;
import dev.tidemark.schemas.log.Tidemark.Beat;
import java.time.Duration;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * One watch of one node at work: its connections, its barriers, and what it has seen. Belongs to the loop's thread; what
 * happens on its connections comes through the mailbox.
 */
final class Watcher implements SignalLink.Listener {
    /** Longer than any script should run; a connection that is silent for so long is given up. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration LISTEN_AGAIN = Duration.ofMillis(500);

    /** What the loop hears of a watch. */
    interface Listener {
        void touched(Watcher watcher, int db, List<Bytes> keys, String event);

        /** It broke, or found that what it saw proves nothing any more. */
        void over(Watcher watcher, Doubt doubt);
    }

    private final String node;
    private final LoopTools tools;
    private final CaptureMetrics.NodeGauges gauges;
    private final Listener listener;
    private final Watch watch;
    private final Bundle touches;
    private final Outage outage;
    private final Outage lateness;
    private SignalLink link;
    private Coverage coverage;
    private long barrierAtNanos;
    private long barrierBegunNanos;
    private long heardNanos;
    private boolean listeningAgain;
    private long listenAtNanos;
    private long deafNanos;

    Watcher(String node, String id, LoopTools tools, CaptureMetrics.NodeGauges gauges, Listener listener) {
        this.node = node;
        this.tools = tools;
        this.barrierAtNanos = tools.nanoClock().getAsLong();
        this.gauges = gauges;
        this.listener = listener;
        this.watch = new Watch(id, node, tools.settings().source().journaled() ? Signal.OF_JOURNAL : Signal.OF_KEYS);
        this.touches = new Bundle(tools.mailbox());
        this.outage = new Outage("notifications of " + node);
        this.lateness = new Outage("barriers of " + node);
    }

    /** Its connections are there. Until then it hears nothing. */
    void watching(SignalLink opened, Coverage seen) {
        link = opened;
        coverage = seen;
    }

    SignalLink link() {
        return link;
    }

    Coverage coverage() {
        return coverage;
    }

    String node() {
        return node;
    }

    /** The loop slept, not Redis: what it answered meanwhile has not been looked at yet. */
    void slept(long nanos) {
        barrierBegunNanos += nanos;
        heardNanos += nanos;
        deafNanos += nanos;
    }

    void tick() {
        long now = tools.nanoClock().getAsLong();
        link.tick();
        if (watch.deaf()) {
            listenAgainWhenDue(now);
            if (!listeningAgain && now - deafNanos > PATIENCE.toNanos()) {
                over(DoubtCause.COVERAGE_LOST, "notifications could not be mended for " + PATIENCE.toSeconds() + " s");
                return;
            }
        }
        if (watch.resting()) {
            if (now >= barrierAtNanos) {
                barrierAtNanos =
                        now + tools.settings().capture().barrierInterval().toNanos();
                barrierBegunNanos = now;
                heardNanos = now;
                long n = watch.begin();
                coverage.begun(n);
                link.beat(n);
            }
        } else if (now - heardNanos > PATIENCE.toNanos() && !watch.deaf()) {
            over(DoubtCause.COVERAGE_LOST, "a connection has been silent for " + PATIENCE.toSeconds() + " s");
        }
    }

    private void listenAgainWhenDue(long now) {
        if (listeningAgain || now < listenAtNanos) {
            return;
        }
        listeningAgain = true;
        SignalLink mended = link;
        tools.connector().execute(() -> {
            try {
                mended.listenAgain();
                tools.mailbox().post(this::heardAgain);
            } catch (RuntimeException e) {
                tools.mailbox().post(() -> notHeardAgain(e));
            }
        });
    }

    private void heardAgain() {
        listeningAgain = false;
        if (!link.alive()) {
            // They broke again in the meantime, and that was heard before this: nobody would say it once more.
            listenAtNanos = tools.nanoClock().getAsLong() + LISTEN_AGAIN.toNanos();
            return;
        }
        tools.status().reachable(outage);
        barrierBegunNanos = tools.nanoClock().getAsLong();
        heardNanos = barrierBegunNanos;
        follow(watch.notificationsBack());
    }

    private void notHeardAgain(RuntimeException why) {
        listeningAgain = false;
        listenAtNanos = tools.nanoClock().getAsLong() + LISTEN_AGAIN.toNanos();
        tools.status().unreachable(outage, LateCause.REDIS_SILENT, String.valueOf(why.getMessage()));
    }

    /** A tidemark of the shard counts. */
    void counted(int shard, Beat beat, IntPredicate ours) {
        coverage.counted(shard, beat);
        link.counted(shard, coverage.through(beat), ours);
    }

    private void follow(Watch.Step step) {
        if (step instanceof Watch.Step.PingAll) {
            link.pingAll();
        } else if (step instanceof Watch.Step.Over over) {
            listener.over(this, over.doubt());
        } else if (step instanceof Watch.Step.Unproven unproven) {
            tools.status().late(lateness, LateCause.BARRIER_REFUSED, unproven.reason());
        } else if (step instanceof Watch.Step.Complete complete) {
            gauges.barrierTook(tools.nanoClock().getAsLong() - barrierBegunNanos);
            if (tools.isTooFarAhead(complete.beat().timeMicros())) {
                // Every touch arrived, but a claim dated so would block all honest ones until the clock catches up.
                tools.status()
                        .late(lateness, LateCause.CLOCK_AHEAD, "the clock of " + node + " is too far ahead of ours");
            } else {
                tools.status().onTime(lateness);
                coverage.completed(complete.beat());
                if (coverage.lastClaimable() == complete.beat().beat()) {
                    // Else somebody has to vouch for the node first.
                    tools.status().health().proven(node);
                }
                link.completed(complete.beat());
            }
        }
    }

    private void over(DoubtCause cause, String reason) {
        listener.over(this, new Doubt(cause, reason));
    }

    @Override
    public void touched(int db, List<Bytes> names, String event) {
        tools.mailbox().postTouches(touches, bytes(names), () -> {
            if (alive()) {
                listener.touched(this, db, names, event);
            }
        });
    }

    private static long bytes(List<Bytes> names) {
        long bytes = (long) Mailbox.NAME_OVERHEAD_BYTES * names.size();
        for (Bytes name : names) {
            bytes += name.length();
        }
        return bytes;
    }

    @Override
    public void canarySeen(Signal signal) {
        post(() -> follow(watch.canarySeen(signal)));
    }

    @Override
    public void allTouched() {
        post(() -> over(DoubtCause.DATASET_REPLACED, "data set replaced: the server invalidated everything"));
    }

    @Override
    public void beatReplied(BeatReply reply) {
        post(() -> follow(watch.beatReplied(reply)));
    }

    @Override
    public void beatRefused(String why) {
        post(() -> {
            tools.status().late(lateness, LateCause.BARRIER_REFUSED, "the barrier was refused: " + why);
            watch.refused();
            coverage.refused();
        });
    }

    @Override
    public void demoted() {
        post(() -> over(DoubtCause.SERVER_CHANGED, "the node is a replica now, not a primary"));
    }

    @Override
    public void beatRedirected() {
        // No barrier would ever complete again, so this cannot be left to what a barrier tells of the slots.
        post(() -> over(DoubtCause.TOPOLOGY_CHANGED, "slots moved: the canary's is another node's"));
    }

    @Override
    public void canaryFilled(String how) {
        post(() -> over(DoubtCause.CANARY_FOREIGN, how));
    }

    @Override
    public void ponged(Signal signal) {
        post(() -> follow(watch.ponged(signal)));
    }

    @Override
    public void notificationsLost() {
        post(() -> {
            tools.status().late(LateCause.WATCHER_LOST, "notifications of " + node + " broke off");
            if (!watch.deaf()) {
                deafNanos = tools.nanoClock().getAsLong();
            }
            watch.notificationsLost();
        });
    }

    @Override
    public void inherited(Beat from) {
        post(() -> coverage.inherit(from));
    }

    @Override
    public void working() {
        heardNanos = tools.nanoClock().getAsLong();
    }

    @Override
    public void bypassed(String how) {
        post(() -> over(DoubtCause.JOURNAL_BYPASSED, how));
    }

    @Override
    public void broken(String what) {
        post(() -> over(DoubtCause.COVERAGE_LOST, what));
    }

    private void post(Runnable letter) {
        tools.mailbox().post(() -> {
            if (alive()) {
                letter.run();
            }
        });
    }

    private boolean alive() {
        return coverage != null && !coverage.over();
    }

    /** What it saw stays true; it sees no more. */
    void end() {
        coverage.end();
        link.close();
    }

    /** An orderly end: the canary goes too. */
    void retire() {
        coverage.end();
        link.retire();
    }
}
