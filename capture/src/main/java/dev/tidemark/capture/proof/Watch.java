package dev.tidemark.capture.proof;

import dev.tidemark.capture.proof.BeatReply.Canary;
import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.EnumSet;
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

        /** The watch is over. */
        record Doubt(String reason) implements Step {}
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
    private final Set<Signal> canarySeen = EnumSet.noneOf(Signal.class);
    private final Set<Signal> ponged = EnumSet.noneOf(Signal.class);
    private Phase phase = Phase.RESTING;
    private long n;
    private BeatReply reply;
    private BeatReply last;

    public Watch(String id, String node) {
        this.id = Objects.requireNonNull(id, "id");
        this.node = Objects.requireNonNull(node, "node");
    }

    public String id() {
        return id;
    }

    /** Whether no barrier is outstanding; there is at most one. */
    public boolean resting() {
        return phase == Phase.RESTING;
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
        Optional<String> doubt = doubtIn(answer);
        if (doubt.isPresent()) {
            phase = Phase.OVER;
            return new Step.Doubt(doubt.get());
        }
        reply = answer;
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
        if (ponged.size() < Signal.values().length) {
            return WAIT;
        }
        phase = Phase.RESTING;
        last = reply;
        return new Step.Complete(
                new Beat(node, reply.runId(), reply.replId(), id, n, reply.commandsProcessed(), reply.timeMicros()));
    }

    private Step pingWhenSeen() {
        if (reply == null || canarySeen.size() < Signal.values().length) {
            return WAIT;
        }
        phase = Phase.PINGED;
        return new Step.PingAll();
    }

    private Optional<String> doubtIn(BeatReply answer) {
        if (!answer.role().equals("master")) {
            return Optional.of("the node is a " + answer.role() + ", not a primary");
        }
        if (last == null) {
            // The first beat takes the canary over from whoever had it.
            return Optional.empty();
        }
        if (!answer.runId().equals(last.runId())) {
            return Optional.of("run id changed");
        }
        if (!answer.replId().equals(last.replId())) {
            return Optional.of("replication id changed");
        }
        if (answer.replacements() != last.replacements()) {
            return Optional.of(
                    answer.replacements() > last.replacements()
                            ? "data set replaced: FLUSHALL, FLUSHDB or SWAPDB"
                            : "command statistics were reset: a replaced data set could not be seen");
        }
        if (answer.commandsProcessed() < last.commandsProcessed()) {
            return Optional.of("the command counter fell");
        }
        return doubtInCanary(answer);
    }

    private Optional<String> doubtInCanary(BeatReply answer) {
        if (answer.readBack().isEmpty()) {
            boolean evicted = answer.evictedKeys() > last.evictedKeys();
            return evicted ? Optional.empty() : Optional.of("canary gone");
        }
        Canary canary = answer.readBack().get();
        if (!canary.watch().equals(id)) {
            return Optional.of("canary written by another capture");
        }
        return canary.n() == n - 1
                ? Optional.empty()
                : Optional.of("canary says beat " + canary.n() + " where " + (n - 1) + " was written");
    }
}
