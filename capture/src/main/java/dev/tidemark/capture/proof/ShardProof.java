package dev.tidemark.capture.proof;

import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * One shard under one epoch: from a doubt through a resync to tidemarks, and back at the next doubt; or straight to
 * tidemarks, where somebody watched since the last one that counts.
 *
 * <p>The caller asks {@link #next} again and again, does what it says, and reports what came of it. Times of the shard never
 * go back: a row is dated with the latest time so far if Redis's clock says less, and a tidemark waits until the clock has
 * passed the last one.
 *
 * <p>Resyncs are numbered: the acknowledgement of a BEGIN that a later doubt made void must not date the next resync, or keys
 * that vanished between the two would come back to life.
 */
public final class ShardProof {
    /** What is due. */
    public sealed interface Next {
        /** Say so: nothing can be claimed from here on. */
        record Doubtful(Doubt doubt) implements Next {}

        /** Write the BEGIN row, dated at least with this time. */
        record BeginResync(long attempt, String reason, long timeMicros) implements Next {}

        /** Touch every key of every part. */
        record Scan(long attempt) implements Next {}

        /** Write the END row, dated at least with this time. */
        record EndResync(long attempt, long beginOffset, long timeMicros) implements Next {}

        /** Publish this claim, which these beats prove. */
        record Claim(Base base, long throughMicros, long offset, long exactnessMicros, List<Beat> nodes)
                implements Next {
            public Claim {
                nodes = List.copyOf(nodes);
            }
        }
    }

    private enum Resync {
        NONE,
        BEGIN_DUE,
        BEGINNING,
        SCAN_DUE,
        /** Also waits for a barrier begun after the last key was touched, and for all that was open at it. */
        SCANNING,
        ENDING
    }

    private final int shard;
    private final boolean journaled;
    private final Map<String, ShardPart> parts = new LinkedHashMap<>();
    /** Whether tidemarks follow from the base. A scheduled resync leaves it so. */
    private boolean live;

    private Resync resync = Resync.NONE;
    private boolean doubtUnsaid = true;
    private Doubt doubt;
    private String resyncReason = "";
    private long attempt;
    private long beginOffset;
    private final BaseInForce base = new BaseInForce();
    private long lastMicros;
    private long lastThroughMicros;
    private long acknowledgedBelow;
    private final WorstAge worstAge = new WorstAge();
    private RowsUnderWay resyncRow = new RowsUnderWay();
    private final RowsUnderWay definitions = new RowsUnderWay();

    /**
     * @param doubt why nothing can be claimed at first
     * @param lastMicros the latest time of a row that counts in this shard, and of a claim
     * @param lastThroughMicros the time of the last claim that counts
     * @param acknowledgedBelow one past the row that claimed the epoch
     */
    public ShardProof(int shard, Doubt doubt, long lastMicros, long lastThroughMicros, long acknowledgedBelow) {
        this(shard, doubt, lastMicros, lastThroughMicros, acknowledgedBelow, false);
    }

    /** @param journaled whether signals that nobody hears are kept for whoever watches next */
    public ShardProof(
            int shard,
            Doubt doubt,
            long lastMicros,
            long lastThroughMicros,
            long acknowledgedBelow,
            boolean journaled) {
        this.journaled = journaled;
        this.shard = shard;
        this.doubt = Objects.requireNonNull(doubt, "doubt");
        this.lastMicros = Math.max(lastMicros, lastThroughMicros);
        this.lastThroughMicros = lastThroughMicros;
        this.acknowledgedBelow = acknowledgedBelow;
    }

    /** The nodes that hold slots of the shard. Where they change, slots moved, and what was watched says nothing. */
    public void lieOn(Set<String> nodes) {
        if (parts.keySet().equals(nodes)) {
            return;
        }
        if (!parts.isEmpty()) {
            doubt(new Doubt(DoubtCause.TOPOLOGY_CHANGED, "slots moved to other nodes"));
        }
        release();
        parts.clear();
        nodes.forEach(node -> parts.put(node, new ShardPart(shard, node)));
    }

    public Optional<ShardPart> part(String node) {
        return Optional.ofNullable(parts.get(node));
    }

    public Collection<ShardPart> parts() {
        return parts.values();
    }

    /**
     * Goes on where the last tidemark that counts ended, if on every node somebody watched since then.
     *
     * @param watchers of a node
     */
    public void takeOver(Tidemark last, Function<String, Collection<Coverage>> watchers) {
        Map<String, Beat> floors = new HashMap<>();
        last.nodes().forEach(beat -> floors.put(beat.node(), beat));
        if (parts.isEmpty() || !floors.keySet().containsAll(parts.keySet())) {
            return;
        }
        parts.values().forEach(part -> part.floorAt(floors.get(part.node())));
        if (!everyPart(part -> part.canGoOn(watchers.apply(part.node())))) {
            renewParts();
            return;
        }
        parts.values().forEach(part -> part.goOn(watchers.apply(part.node())));
        base.begin(last.base());
        live = true;
        doubtUnsaid = false;
    }

    /** A watcher of a node is over, for this reason; if no other one saw everything that it did, that is a doubt. */
    public void lost(String node, Doubt why, Function<String, Collection<Coverage>> watchers) {
        ShardPart part = parts.get(node);
        if (part == null || !isUnderWay() || part.fed() || part.goOn(watchers.apply(node))) {
            return;
        }
        if (journaled && why.cause() == DoubtCause.COVERAGE_LOST && !part.canBegin(watchers.apply(node))) {
            // Late: the next watcher reads what nobody heard meanwhile. Whether it may be believed, its first barrier
            // tells.
            return;
        }
        doubt(why);
    }

    /** Whether a watcher stands by on every node that could go on if the present ones broke now. */
    public boolean couldGoOn(Function<String, Collection<Coverage>> watchers) {
        return live && everyPart(part -> part.canGoOn(watchers.apply(part.node())));
    }

    /** Whether there is anything that a doubt would end. */
    private boolean isUnderWay() {
        return live || resync != Resync.NONE;
    }

    private boolean everyPart(Predicate<ShardPart> holds) {
        return parts.values().stream().allMatch(holds);
    }

    private void renewParts() {
        release();
        parts.replaceAll((node, part) -> new ShardPart(shard, node));
    }

    /** From here on nothing can be claimed, until a new resync has ended. */
    public void doubt(Doubt why) {
        if (!isUnderWay()) {
            return;
        }
        live = false;
        resync = Resync.NONE;
        resyncRow = new RowsUnderWay();
        doubt = why;
        attempt++;
        doubtUnsaid = true;
        // What is open or on its way is void with its part: the resync reads every key anyway.
        renewParts();
    }

    /** Reads the whole shard once more, while tidemarks go on; a restore can then begin there. */
    public void refresh() {
        if (live && resync == Resync.NONE) {
            resyncReason = "scheduled";
            attempt++;
            resync = Resync.BEGIN_DUE;
        }
    }

    /** Whether every key is being read again, for whatever reason. */
    public boolean resyncing() {
        return resync != Resync.NONE;
    }

    /** How long before the last claim its base ended; 0 while nothing is claimed. */
    public long baseAgeMicros() {
        return live ? Math.max(0, lastThroughMicros - base.endMicros()) : 0;
    }

    /** By how much Redis's clock shows less than what is claimed: it was set back, and nothing is claimed until it has passed that. */
    public long clockBehindMicros() {
        if (!live || !everyPart(part -> part.feeder().isPresent())) {
            return 0;
        }
        long shown = parts.values().stream()
                .mapToLong(ShardPart::lastCompleteMicros)
                .min()
                .orElseThrow();
        return Math.max(0, Math.max(lastThroughMicros, base.endMicros()) - shown);
    }

    /** The watchers hold again for whoever owns the shard next. */
    public void release() {
        parts.values().forEach(ShardPart::release);
    }

    /** What is due, if anything is; asking again before reporting gets nothing twice. */
    public Optional<Next> next(Function<String, Collection<Coverage>> watchers) {
        goOnWithOtherWatchers(watchers);
        if (doubtUnsaid) {
            doubtUnsaid = false;
            return Optional.of(new Next.Doubtful(doubt));
        }
        if (!isUnderWay() && !parts.isEmpty() && everyPart(part -> part.canBegin(watchers.apply(part.node())))) {
            parts.values().forEach(part -> part.begin(watchers.apply(part.node())));
            resyncReason = doubt.reason();
            resync = Resync.BEGIN_DUE;
        }
        Optional<Next> step = resyncStep();
        return step.isPresent() || !live ? step : claim();
    }

    /** Whatever broke, and nobody said so. */
    private void goOnWithOtherWatchers(Function<String, Collection<Coverage>> watchers) {
        for (ShardPart part : List.copyOf(parts.values())) {
            lost(part.node(), new Doubt(DoubtCause.COVERAGE_LOST, "nobody watches " + part.node()), watchers);
        }
    }

    private Optional<Next> resyncStep() {
        switch (resync) {
            case BEGIN_DUE -> {
                resync = Resync.BEGINNING;
                parts.values().forEach(ShardPart::notScanned);
                resyncRow.sent(coveredMicros());
                return Optional.of(new Next.BeginResync(attempt, resyncReason, coveredMicros()));
            }
            case SCAN_DUE -> {
                resync = Resync.SCANNING;
                return Optional.of(new Next.Scan(attempt));
            }
            case SCANNING -> {
                Optional<List<Beat>> proven = proven(ShardPart::provenSinceScan);
                if (proven.isEmpty()) {
                    return Optional.empty();
                }
                resync = Resync.ENDING;
                resyncRow.sent(latest(proven.get()));
                return Optional.of(new Next.EndResync(attempt, beginOffset, latest(proven.get())));
            }
            case NONE, BEGINNING, ENDING -> {
                return Optional.empty();
            }
        }
        throw new IllegalStateException("no such stage: " + resync);
    }

    private Optional<Next> claim() {
        Optional<List<Beat>> proven = proven(ShardPart::proven);
        if (proven.isEmpty()) {
            return Optional.empty();
        }
        // Where the shard lies on several nodes, the least of what they prove.
        long through = proven.get().stream().mapToLong(Beat::timeMicros).min().orElseThrow();
        if (through <= Math.max(lastThroughMicros, base.endMicros())
                || through > Math.min(resyncRow.claimableMicros(), definitions.claimableMicros())) {
            // Nothing new; or the clock was set back, or a row would be overtaken: the claim waits, nothing is lost.
            return Optional.empty();
        }
        lastThroughMicros = through;
        lastMicros = Math.max(lastMicros, through);
        return Optional.of(
                new Next.Claim(base.claimed(), through, acknowledgedBelow, worstAge.claimedMicros(), proven.get()));
    }

    /** One beat a part, or nothing if a part proves nothing. */
    private Optional<List<Beat>> proven(Function<ShardPart, Optional<Beat>> provenBy) {
        List<Beat> beats = new ArrayList<>();
        for (ShardPart part : parts.values()) {
            provenBy.apply(part).ifPresent(beats::add);
        }
        return beats.size() == parts.size() ? Optional.of(beats) : Optional.empty();
    }

    private long coveredMicros() {
        return parts.values().stream()
                .filter(ShardPart::fed)
                .mapToLong(ShardPart::lastCompleteMicros)
                .max()
                .orElse(0);
    }

    private static long latest(List<Beat> beats) {
        return beats.stream().mapToLong(Beat::timeMicros).max().orElseThrow();
    }

    /** The BEGIN row is in the log. */
    public void begun(long resyncAttempt, long offset) {
        if (resync == Resync.BEGINNING && resyncAttempt == attempt) {
            beginOffset = offset;
            resync = Resync.SCAN_DUE;
            resyncRow.landed();
        }
    }

    /** Every key that the scan of this part found has been touched. */
    public void scanned(long resyncAttempt, ShardPart part) {
        if (resync == Resync.SCANNING && resyncAttempt == attempt) {
            part.scanned();
        }
    }

    /** The END row is in the log, dated so. */
    public void ended(long resyncAttempt, long offset, long timeMicros) {
        if (resync == Resync.ENDING && resyncAttempt == attempt) {
            Base ended = new Base(beginOffset, offset, timeMicros);
            if (live) {
                base.goOver(ended);
            } else {
                base.begin(ended);
                worstAge.forget();
                live = true;
            }
            resync = Resync.NONE;
            resyncRow.landed();
        }
    }

    /** A tidemark of this epoch counts: watchers may forget what it covers. */
    public void counted(Tidemark tidemark) {
        if (live) {
            for (Beat beat : tidemark.nodes()) {
                part(beat.node()).ifPresent(part -> part.floorAt(beat));
            }
        }
    }

    /** The date of a row that Redis's clock puts at this time. */
    public long stamp(long timeMicros) {
        lastMicros = Math.max(lastMicros, timeMicros);
        return lastMicros;
    }

    /** The same of definitions, which are under way from now on until they have {@link #definitionsLanded}. */
    public long stampDefinitions(long timeMicros) {
        definitions.sent(stamp(timeMicros));
        return lastMicros;
    }

    public void definitionsLanded() {
        definitions.landed();
    }

    /** The date of a change, whose key did not change between the row before and {@code touchedAfterMicros}. */
    public long stampChange(long timeMicros, long touchedAfterMicros) {
        long stamped = stamp(Math.max(timeMicros, touchedAfterMicros));
        worstAge.of(stamped - touchedAfterMicros);
        return stamped;
    }

    /** A row of this owner is in the log. */
    public void acknowledged(long offset) {
        acknowledgedBelow = Math.max(acknowledgedBelow, offset + 1);
    }

    public boolean live() {
        return live;
    }

    /** Since when the key that is open longest may have changed; 0 if none is open. */
    public long openSinceMicros() {
        return parts.values().stream()
                .filter(part -> part.open().size() > 0)
                .mapToLong(part -> part.timeOf(part.open().oldest()))
                .min()
                .orElse(0);
    }

    /** The time of the last claim that was made, or found. */
    public long throughMicros() {
        return lastThroughMicros;
    }
}
