package dev.tidemark.restorer.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.restorer.plan.PlanOutcome.Planned;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.ClaimsInForce;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.ControlRecord.Claim;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.RowsInForce;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.BiConsumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;

/**
 * I4 and I9 together: several captures follow each other, those that were fenced go on writing changes and claims, the log is
 * cut into segments anywhere, and a reader begins in the middle. What is restored is what the last owner's word says.
 */
class TakeoverTest {
    private static final int KEYS = 5;
    private static final int STEPS = 60;

    /** Both topics of one shard, in the order of writing. */
    private static final class Log {
        final List<LogRow> changes = new ArrayList<>();
        final List<ControlRecord> tidemarks = new ArrayList<>();
        private final Random random;
        private final List<Long> epochs = new ArrayList<>();
        private Optional<Base> base = Optional.empty();
        private final boolean[] counts;
        private long micros = 10;

        Log(Random random) {
            this.random = random;
            takeOver();
            resync();
            for (int i = 0; i < STEPS; i++) {
                step(random.nextInt(12));
            }
            counts = new boolean[changes.size()];
            for (int offset = 0; offset < counts.length; offset++) {
                counts[offset] = isOfTheHighestEpochBefore(offset);
            }
        }

        private void step(int kind) {
            switch (kind) {
                case 0 -> takeOver();
                case 1 -> resync();
                case 2 -> base = random.nextInt(4) == 0 ? Optional.empty() : base;
                case 3, 4, 5 -> base.ifPresent(it -> tidemarks.add(claim(epoch(), it, micros++, changes.size())));
                case 6, 7 -> asZombie(epochs.get(random.nextInt(epochs.size())));
                default -> change(epoch(), micros += random.nextInt(3));
            }
        }

        private long epoch() {
            return epochs.get(epochs.size() - 1);
        }

        /** Between its two claims the owner before it may still write what counts: it truly read it. */
        private void takeOver() {
            long epoch = tidemarks.size();
            tidemarks.add(new Claim("capture " + random.nextInt(3)));
            if (!epochs.isEmpty() && random.nextBoolean()) {
                change(epoch(), micros);
                tidemarks.add(claim(epoch(), new Base(0, 1, 0), micros + 50, changes.size()));
            }
            epochs.add(epoch);
            changes.add(new EpochClaimed(epoch, micros));
        }

        private void resync() {
            long begin = changes.size();
            changes.add(new ResyncBegun(epoch(), micros, "doubt"));
            for (int i = random.nextInt(KEYS); i > 0; i--) {
                change(epoch(), micros += random.nextInt(3));
            }
            base = Optional.of(new Base(begin, changes.size(), ++micros));
            changes.add(new ResyncEnded(epoch(), micros, begin));
        }

        private void asZombie(long epoch) {
            if (epoch == epoch()) {
                return;
            }
            switch (random.nextInt(3)) {
                case 0 -> changes.add(new EpochClaimed(epoch, micros));
                case 1 -> tidemarks.add(claim(epoch, new Base(0, 1, 0), micros + 50, changes.size() + 1));
                default -> change(epoch, micros - random.nextInt(5));
            }
        }

        private void change(long epoch, long at) {
            Value value = random.nextInt(4) == 0
                    ? new Value.Absent()
                    : new Value.Text(Bytes.utf8("value " + changes.size() + " of " + epoch));
            Bytes key = Bytes.utf8("k" + random.nextInt(KEYS));
            changes.add(new Change(epoch, at, at - 1, 0, key, value, OptionalLong.empty(), ""));
        }

        private static Tidemark claim(long epoch, Base base, long through, long offset) {
            return new Tidemark(1, epoch, base, through, Math.max(offset, base.endOffset() + 1), 0, List.of());
        }

        /** By the words of the rule, each record for itself. */
        private boolean isOfTheHighestEpochBefore(int offset) {
            long before = changes.subList(0, offset).stream()
                    .filter(EpochClaimed.class::isInstance)
                    .mapToLong(LogRow::epoch)
                    .max()
                    .orElse(RowsInForce.NO_EPOCH);
            LogRow row = changes.get(offset);
            return row instanceof EpochClaimed ? row.epoch() > before : row.epoch() == before;
        }

        /** Likewise. */
        List<Tidemark> counted() {
            List<Tidemark> counted = new ArrayList<>();
            for (int offset = 0; offset < tidemarks.size(); offset++) {
                int last = offset;
                while (!(tidemarks.get(last) instanceof Claim)) {
                    last--;
                }
                if (tidemarks.get(offset) instanceof Tidemark tidemark && tidemark.epoch() == last) {
                    counted.add(tidemark);
                }
            }
            return counted;
        }

        /** What each key was last, of what counts. */
        Map<KeyName, Value> stateAt(long micros, Tidemark by) {
            Map<KeyName, Value> state = new HashMap<>();
            for (int offset = (int) by.base().beginOffset(); offset < by.offset(); offset++) {
                if (counts[offset] && changes.get(offset) instanceof Change change && change.timeMicros() <= micros) {
                    state.put(new KeyName(0, change.key()), change.value());
                }
            }
            state.values().removeIf(Value.Absent.class::isInstance);
            return state;
        }
    }

    @Property(tries = 1_000)
    void whatIsRestoredIsTheLastOwnersWordWhereverTheLogIsCut(@ForAll long seed) {
        Random random = new Random(seed);
        Log log = new Log(random);
        List<Tidemark> counted = log.counted();
        List<Segment> segments = cut(log, counted, random);
        ShardArchive archive =
                new ShardArchive(0, segments, Optional.empty(), Optional.of(tail(log, segments, random)));
        Planner planner = new Planner(List.of(archive));
        int restored = 0;
        for (long micros = 0; micros <= log.micros + 60; micros++) {
            long target = micros;
            Optional<Tidemark> by = counted.stream()
                    .filter(each -> each.base().endMicros() <= target && target <= each.throughMicros())
                    .findFirst();

            PlanOutcome outcome = planner.upTo(target);

            assertThat(outcome instanceof Planned).as("time %d", target).isEqualTo(by.isPresent());
            if (by.isPresent()) {
                restored++;
                ShardPlan plan = ((Planned) outcome).shards().get(0);
                assertThat(restore(log, plan, target)).as("time %d", target).isEqualTo(log.stateAt(target, by.get()));
            }
        }
        Statistics.label("owners, any time, any from Kafka")
                .collect(Math.min(log.epochs.size(), 4), restored > 0, segments.isEmpty());
    }

    /** As compactors cut: at claims that count, each beginning with what the segment before it says is in force. */
    private static List<Segment> cut(Log log, List<Tidemark> counted, Random random) {
        List<Segment> segments = new ArrayList<>();
        List<ClaimInterval> claims = List.of();
        long from = 0;
        long epoch = RowsInForce.NO_EPOCH;
        for (Tidemark tidemark : counted) {
            claims = ClaimInterval.append(claims, ClaimInterval.of(tidemark));
            if (tidemark.offset() > from && random.nextInt(3) == 0) {
                long[] last = {1, 0};
                epoch = read(log, from, tidemark.offset(), epoch, (offset, row) -> {
                    last[0] = Math.max(last[0], row.timeMicros());
                    last[1]++;
                });
                SegmentKey key = new SegmentKey(Hour.of(0), 0, 1, from);
                segments.add(new Segment(key, tidemark.offset(), epoch, last[0], last[1], claims, 10, ""));
                from = tidemark.offset();
                claims = List.of();
            }
        }
        return random.nextInt(4) == 0 ? List.of() : segments;
    }

    /** From the highest epoch that the segments tell of, as it is read to restore. */
    private static Tail tail(Log log, List<Segment> segments, Random random) {
        long epoch = segments.stream().mapToLong(Segment::epochAfter).max().orElse(RowsInForce.NO_EPOCH);
        ClaimsInForce inForce = new ClaimsInForce();
        List<ClaimInterval> claims = new ArrayList<>();
        for (int offset = (int) Math.max(epoch, 0); offset < log.tidemarks.size(); offset++) {
            if (inForce.counts(offset, log.tidemarks.get(offset))
                    && log.tidemarks.get(offset) instanceof Tidemark tidemark) {
                claims.add(ClaimInterval.of(tidemark));
            }
        }
        long archived =
                segments.isEmpty() ? 0 : segments.get(segments.size() - 1).end();
        return new Tail(archived == 0 ? 0 : random.nextInt((int) archived + 1), log.changes.size(), claims);
    }

    /** @return the epoch in force at the end */
    private static long read(Log log, long from, long to, long epoch, BiConsumer<Long, LogRow> rows) {
        RowsInForce inForce = new RowsInForce(epoch);
        for (long offset = from; offset < to; offset++) {
            LogRow row = log.changes.get((int) offset);
            if (inForce.counts(row)) {
                rows.accept(offset, row);
            }
        }
        return inForce.epochInForce();
    }

    private static Map<KeyName, Value> restore(Log log, ShardPlan plan, long target) {
        StateAt state = new StateAt(plan, target, 0, new SeenKeys(100));
        Map<KeyName, Value> restored = new HashMap<>();
        List<Change> settled = new ArrayList<>();
        plan.tail().ifPresent(part -> {
            StateAt.Block block = state.block();
            read(log, part.from(), part.to(), part.epochInForce(), block::add);
            settled.addAll(block.settle());
        });
        for (int i = plan.segments().size() - 1; i >= 0; i--) {
            Segment segment = plan.segments().get(i);
            StateAt.Block block = state.block();
            for (long offset = segment.from(); offset < segment.to(); offset++) {
                if (log.counts[(int) offset]) {
                    block.add(offset, log.changes.get((int) offset));
                }
            }
            settled.addAll(block.settle());
        }
        settled.forEach(change -> restored.put(new KeyName(0, change.key()), change.value()));
        return restored;
    }
}
