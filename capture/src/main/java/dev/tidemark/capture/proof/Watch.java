package dev.tidemark.capture.proof;

import dev.tidemark.capture.proof.BeatReply.Canary;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The barriers of one watch: a series of round trips, each of which proves that every touch up to Redis time Tm has
 * arrived.
 *
 * <p>The order is the proof. The beat writes the canary and takes Tm in one transaction. Only when the canary's own signal
 * has come through every signal connection is each of them pinged: with io-threads a PONG can overtake a signal that was
 * written before it. And the signal alone is not enough, since invalidations leave in the order of prefixes: the PONG
 * proves that what left together with the canary's has arrived too.
 *
 * <p>A journal has no canary of its own: its streams are read up to their ends by reads sent after the beat's answer, and
 * that is its PONG.
 *
 * <p>Anything that does not fit the last beat is a doubt, and a watch that doubted is over: the caller starts a new one.
 */
public final class Watch {
    /** What the caller does next. */
    public sealed interface Step {
        /** Nothing: something else has to arrive first. */
        record Wait() implements Step {}

        /** Send a PING on every signal connection. */
        record PingAll() implements Step {}

        /** Every touch up to the beat's time has been handed over. */
        record Complete(Beat beat) implements Step {}

        /** The round trip is done but proves nothing; the next one may. */
        record Unproven(String reason) implements Step {}

        /** The watch is over. */
        record Over(Doubt doubt) implements Step {}
    }

    private enum Phase {
        RESTING,
        BEATING,
        PINGED,
        OVER
    }

    private static final Step WAIT = new Step.Wait();

    private final String id;
    private final String node;
    private final Set<Signal> signals;
    private final Set<Signal> canarySeen = EnumSet.noneOf(Signal.class);
    private final Set<Signal> ponged = EnumSet.noneOf(Signal.class);
    private Phase phase = Phase.RESTING;
    private long n;
    private BeatReply reply;
    private BeatReply last;
    private boolean canaryWasTouched;
    private boolean deaf;

    public Watch(String id, String node) {
        this(id, node, Signal.OF_KEYS);
    }

    /** @param signals that it hears */
    public Watch(String id, String node, Set<Signal> signals) {
        this.id = Objects.requireNonNull(id, "id");
        this.node = Objects.requireNonNull(node, "node");
        this.signals = Set.copyOf(signals);
    }

    /** Whether a barrier can begin: none is outstanding, for there is at most one, and notifications come in. */
    public boolean resting() {
        return phase == Phase.RESTING && !deaf;
    }

    public boolean deaf() {
        return deaf;
    }

    /**
     * The connection for notifications is gone. Tracking alone covers all data, so the watch goes on; but groups of streams
     * change without an invalidation, so the barrier waits until they have been looked at.
     */
    public void notificationsLost() {
        deaf = true;
    }

    /** Notifications come in again, and every stream has been touched since: what was lost is made good for. */
    public Step notificationsBack() {
        deaf = false;
        if (phase == Phase.BEATING) {
            canarySeen.add(Signal.NOTIFICATIONS);
            return pingWhenSeen();
        }
        return ponged(Signal.NOTIFICATIONS);
    }

    /** Begins the next barrier; the caller sends the beat that writes this n into the canary. */
    public long begin() {
        if (!resting()) {
            throw new IllegalStateException("a barrier is outstanding");
        }
        phase = Phase.BEATING;
        reply = null;
        canarySeen.clear();
        ponged.clear();
        return ++n;
    }

    /** The beat was refused as a whole and wrote nothing (memory full, for instance): late, and tried again. */
    public void refused() {
        phase = Phase.RESTING;
        n--;
    }

    public Step beatReplied(BeatReply answer) {
        if (phase != Phase.BEATING) {
            return WAIT;
        }
        Optional<Doubt> doubt = doubtIn(answer);
        if (doubt.isPresent()) {
            phase = Phase.OVER;
            return new Step.Over(doubt.get());
        }
        reply = answer;
        canaryWasTouched = answer.readBack().map(this::wasTouched).orElse(last != null);
        return pingWhenSeen();
    }

    public Step canarySeen(Signal signal) {
        // Between barriers the canary is nobody's to touch; if somebody did, the next read-back tells.
        if (phase == Phase.BEATING) {
            canarySeen.add(signal);
            return pingWhenSeen();
        }
        return WAIT;
    }

    public Step ponged(Signal signal) {
        if (phase != Phase.PINGED) {
            return WAIT;
        }
        ponged.add(signal);
        if (ponged.size() < signals.size() || deaf) {
            return WAIT;
        }
        phase = Phase.RESTING;
        last = reply;
        if (canaryWasTouched) {
            // That is a signal too, and may have been taken for the beat's own: the PING may have left too early.
            return new Step.Unproven("the canary was evicted, or somebody wrote to it");
        }
        return new Step.Complete(
                new Beat(node, reply.runId(), reply.replId(), id, n, reply.commandsProcessed(), reply.timeMicros()));
    }

    private Step pingWhenSeen() {
        if (reply == null || !signals.stream().allMatch(this::isThrough)) {
            return WAIT;
        }
        phase = Phase.PINGED;
        return new Step.PingAll();
    }

    private boolean isThrough(Signal signal) {
        return !signal.carriesCanary() || canarySeen.contains(signal);
    }

    private Optional<Doubt> doubtIn(BeatReply answer) {
        if (!answer.role().equals("master")) {
            return doubt(DoubtCause.SERVER_CHANGED, "the node is a " + answer.role() + ", not a primary");
        }
        if (answer.slots().contains("[")) {
            return doubt(DoubtCause.TOPOLOGY_CHANGED, "slots are moving");
        }
        if (last == null) {
            // The first beat takes the canary over from whoever had it.
            return Optional.empty();
        }
        if (!answer.runId().equals(last.runId())) {
            return doubt(DoubtCause.SERVER_CHANGED, "run id changed");
        }
        if (!answer.replId().equals(last.replId())) {
            return doubt(DoubtCause.SERVER_CHANGED, "replication id changed");
        }
        if (!answer.slots().equals(last.slots())) {
            return doubt(DoubtCause.TOPOLOGY_CHANGED, "slots moved");
        }
        if (answer.replacements() != last.replacements()) {
            return doubt(
                    DoubtCause.DATASET_REPLACED,
                    answer.replacements() > last.replacements()
                            ? "data set replaced: FLUSHALL, FLUSHDB or SWAPDB"
                            : "command statistics were reset: a replaced data set could not be seen");
        }
        if (answer.commandsProcessed() < last.commandsProcessed()) {
            return doubt(DoubtCause.SERVER_CHANGED, "the command counter fell");
        }
        if (signals.contains(Signal.JOURNAL) && answer.evictedKeys() != last.evictedKeys()) {
            return doubt(DoubtCause.JOURNAL_BYPASSED, "keys were evicted, of which no journal tells");
        }
        return doubtInCanary(answer);
    }

    private Optional<Doubt> doubtInCanary(BeatReply answer) {
        if (answer.readBack().isEmpty()) {
            boolean evicted = answer.evictedKeys() > last.evictedKeys();
            return evicted ? Optional.empty() : doubt(DoubtCause.CANARY_FOREIGN, "canary gone");
        }
        Canary canary = answer.readBack().get();
        if (!canary.watch().equals(id)) {
            return doubt(DoubtCause.CANARY_FOREIGN, "canary written by another capture");
        }
        return canary.n() == n - 1
                ? Optional.empty()
                : doubt(
                        DoubtCause.CANARY_FOREIGN,
                        "canary says beat " + canary.n() + " where " + (n - 1) + " was written");
    }

    /** The first beat takes over whatever stands there; what is there then changes by nobody's hand but another's. */
    private boolean wasTouched(Canary canary) {
        return canary.expires() || (last != null && !canary.foreign().equals(foreignIn(last)));
    }

    private static Map<Bytes, Bytes> foreignIn(BeatReply answer) {
        return answer.readBack().map(Canary::foreign).orElse(Map.of());
    }

    private static Optional<Doubt> doubt(DoubtCause cause, String reason) {
        return Optional.of(new Doubt(cause, reason));
    }
}
