package dev.tidemark.restorer.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Value;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import org.junit.jupiter.api.Test;

class StateAtTest {
    private static final int KEYS = 6;

    @Property(tries = 5_000)
    void theStateIsThatOfTheModelHoweverTheRowsAreCutIntoBlocks(@ForAll long seed) {
        Random random = new Random(seed);
        List<LogRow> log = log(random);
        long begin = random.nextInt(5);
        long end = begin + 1 + random.nextInt(Math.max(1, log.size() - (int) begin));
        long target = log.get(random.nextInt(log.size())).timeMicros() + random.nextInt(3) - 1;
        ShardPlan plan = plan(begin, Math.max(end, begin + 2));
        long exactness = exactness(log, plan, target);

        Map<KeyName, Change> expected = new HashMap<>();
        long uncertain = 0;
        for (KeyName name : names()) {
            Optional<Change> last = Optional.empty();
            for (int offset = (int) begin;
                    offset < Math.min(log.size(), plan.claim().offset());
                    offset++) {
                if (log.get(offset) instanceof Change change && nameOf(change).equals(name)) {
                    if (change.timeMicros() <= target) {
                        last = Optional.of(change);
                    }
                }
            }
            if (last.isEmpty() || last.get().value() instanceof Value.Absent) {
                continue;
            }
            long expiry = last.get().expireAtMillis().orElse(Long.MAX_VALUE / 1_000) * 1_000;
            if (expiry > target) {
                expected.put(name, last.get());
            } else if (expiry > target - exactness) {
                uncertain++;
            }
        }

        StateAt state = new StateAt(plan, target, exactness, new SeenKeys(1_000));
        Map<KeyName, Change> found = restore(state, log, random);

        assertThat(found).isEqualTo(expected);
        assertThat(state.uncertain()).isEqualTo(uncertain);
        Statistics.label("uncertain").collect(uncertain > 0);
    }

    /** Who wants a key for ever and says so by an expiry gives Redis what no count of microseconds can say. */
    @Test
    void aKeyThatExpiresInMoreThanTwoHundredThousandYearsIsThere() {
        KeyName name = names().iterator().next();
        for (long expiry : new long[] {Long.MAX_VALUE / 1_000 + 1, 10_001_800_000_000_000L, Long.MAX_VALUE}) {
            Change far = change(name, text(1), 1_000, 990, OptionalLong.of(expiry), "expire");
            StateAt state = new StateAt(plan(0, 2), 2_000, 1_000, new SeenKeys(1_000));

            assertThat(state.isPresent(far)).isTrue();
            assertThat(state.uncertain()).isZero();
            assertThat(TtlRule.SHIFT.expiry(far.expireAtMillis(), 1_000, 2_000).getAsLong())
                    .isGreaterThanOrEqualTo(expiry);
        }
    }

    /**
     * Not against the rules but against the truth: keys that change at known times, signals that come late, barriers
     * once in a while, and a reader that reads even later.
     */
    @Property(tries = 3_000)
    void everyKeyIsRestoredAsItTrulyWasAtSomeInstantOfTheExactness(@ForAll long seed) {
        Random random = new Random(seed);
        Map<KeyName, TreeMap<Long, Value>> truth = new HashMap<>();
        List<Change> read = new ArrayList<>();
        long through = 2_000;
        for (KeyName name : names()) {
            TreeMap<Long, Value> states = new TreeMap<>(Map.of(0L, new Value.Absent()));
            truth.put(name, states);
            long at = 0;
            long readBefore = 0;
            for (int i = 0; i < 10; i++) {
                at = Math.max(at + 1 + random.nextInt(200), readBefore);
                long barrier = at / 100 * 100 - 1;
                states.put(at, value(random));
                long second = at + random.nextInt(60);
                if (random.nextBoolean()) {
                    states.put(second, value(random));
                }
                long readAt = second + random.nextInt(120);
                read.add(change(name, states.floorEntry(readAt).getValue(), readAt, barrier, OptionalLong.empty(), ""));
                readBefore = readAt + 1;
                at = readAt;
            }
        }
        read.sort(java.util.Comparator.comparingLong(Change::timeMicros));
        List<LogRow> log = new ArrayList<>(read);
        ShardPlan plan = plan(0, log.size());
        long target = random.nextInt((int) through);
        long exactness = exactness(log, plan, target);

        Map<KeyName, Change> found = restore(new StateAt(plan, target, exactness, new SeenKeys(1_000)), log, random);

        long readThrough = read.get(read.size() - 1).timeMicros();
        if (target > readThrough) {
            return;
        }
        for (KeyName name : names()) {
            TreeMap<Long, Value> states = truth.get(name);
            Set<Value> possible = new HashSet<>(
                    states.subMap(target - exactness, true, target, true).values());
            Optional.ofNullable(states.floorEntry(target - exactness)).ifPresent(each -> possible.add(each.getValue()));
            Value restored = found.containsKey(name) ? found.get(name).value() : new Value.Absent();
            assertThat(possible)
                    .as("%s at %d, exact within %d", name, target, exactness)
                    .contains(restored);
        }
        Statistics.label("exact").collect(exactness == 0);
    }

    @Test
    void aReservedKeyIsNeverRestored() {
        StateAt state = new StateAt(plan(0, 10), 100, 0, new SeenKeys(10));
        KeyName canary = new KeyName(0, Bytes.utf8("tidemark:canary:x"));
        StateAt.Block block = state.block();

        block.add(0, change(canary, text(1), 50, 40, OptionalLong.empty(), ""));
        block.add(1, change(new KeyName(0, ReservedKeys.RESTORE_LOCK), text(1), 50, 40, OptionalLong.empty(), ""));

        assertThat(block.settle()).isEmpty();
    }

    @Test
    void theSameNameInTwoDatabasesIsTwoKeys() {
        StateAt state = new StateAt(plan(0, 10), 100, 0, new SeenKeys(10));
        Bytes key = Bytes.utf8("k");
        StateAt.Block block = state.block();

        block.add(0, change(new KeyName(0, key), text(1), 50, 40, OptionalLong.empty(), ""));
        block.add(1, change(new KeyName(9, key), text(2), 50, 40, OptionalLong.empty(), ""));

        assertThat(block.settle()).extracting(Change::db).containsExactly(0, 9);
    }

    @Test
    void moreKeysThanTheBoundAreRefused() {
        SeenKeys seen = new SeenKeys(3_000);
        for (int i = 0; i < 3_000; i++) {
            assertThat(seen.add(new KeyName(i % 3, Bytes.utf8("key" + i)))).isTrue();
            assertThat(seen.add(new KeyName(i % 3, Bytes.utf8("key" + i)))).isFalse();
        }

        assertThatThrownBy(() -> seen.add(new KeyName(0, Bytes.utf8("one more"))))
                .isInstanceOf(SeenKeys.Full.class);
        assertThat(seen.contains(new KeyName(1, Bytes.utf8("key2")))).isFalse();
        assertThat(seen.contains(new KeyName(2, Bytes.utf8("key2")))).isTrue();
        assertThat(seen.size()).isEqualTo(3_000);
    }

    @Test
    void whatDoesNotFitInMemoryIsKeptInOtherRoom() {
        List<Integer> rooms = new ArrayList<>();
        SeenKeys seen = new SeenKeys(3_000, longs -> {
            rooms.add(longs);
            return LongBuffer.allocate(longs);
        });

        for (int i = 0; i < 50_000; i++) {
            assertThat(seen.add(new KeyName(i % 3, Bytes.utf8("key" + i)))).isTrue();
        }

        assertThat(rooms).hasSizeGreaterThan(2);
        for (int i = 0; i < 50_000; i++) {
            assertThat(seen.contains(new KeyName(i % 3, Bytes.utf8("key" + i)))).isTrue();
            assertThat(seen.contains(new KeyName(i % 3 + 1, Bytes.utf8("key" + i))))
                    .isFalse();
        }
        assertThat(seen.size()).isEqualTo(50_000);
    }

    private static Map<KeyName, Change> restore(StateAt state, List<LogRow> log, Random random) {
        Map<KeyName, Change> found = new HashMap<>();
        int to = log.size();
        while (to > 0) {
            int from = Math.max(0, to - 1 - random.nextInt(8));
            StateAt.Block block = state.block();
            for (int offset = from; offset < to; offset++) {
                block.add(offset, log.get(offset));
            }
            for (Change change : block.settle()) {
                assertThat(found.put(nameOf(change), change))
                        .as("written twice")
                        .isNull();
            }
            to = from;
        }
        return found;
    }

    private static long exactness(List<LogRow> log, ShardPlan plan, long target) {
        Exactness exactness = new Exactness(target);
        for (int offset = 0; offset < log.size(); offset++) {
            if (plan.reads(offset) && log.get(offset) instanceof Change change) {
                exactness.add(change.timeMicros(), change.touchedAfterMicros());
            }
        }
        return exactness.micros();
    }

    private static List<LogRow> log(Random random) {
        List<LogRow> log = new ArrayList<>();
        long micros = 10_000;
        int rows = 5 + random.nextInt(60);
        for (int i = 0; i < rows; i++) {
            micros += random.nextInt(1_500);
            int kind = random.nextInt(12);
            if (kind == 0) {
                log.add(new EpochClaimed(i, micros));
            } else if (kind == 1) {
                log.add(new ResyncBegun(1, micros, "test"));
            } else {
                KeyName name = names().get(random.nextInt(KEYS));
                OptionalLong expiry = random.nextInt(3) == 0
                        ? OptionalLong.of(micros / 1_000 + random.nextInt(8))
                        : OptionalLong.empty();
                String event = random.nextInt(6) == 0 ? "expired" : "hset";
                log.add(change(name, value(random), micros, micros - random.nextInt(6_000), expiry, event));
            }
        }
        return log;
    }

    private static List<KeyName> names() {
        List<KeyName> names = new ArrayList<>();
        for (int i = 0; i < KEYS; i++) {
            names.add(new KeyName(i % 2, Bytes.utf8("k" + i / 2)));
        }
        return names;
    }

    private static KeyName nameOf(Change change) {
        return new KeyName(change.db(), change.key());
    }

    private static Value value(Random random) {
        return random.nextInt(4) == 0 ? new Value.Absent() : text(random.nextInt(1_000_000));
    }

    private static Value text(int number) {
        return new Value.Text(Bytes.utf8("v" + number));
    }

    private static Change change(
            KeyName name, Value value, long micros, long touchedAfter, OptionalLong expiry, String event) {
        return new Change(1, micros, touchedAfter, name.db(), name.key(), value, expiry, event);
    }

    private static ShardPlan plan(long begin, long end) {
        ClaimInterval claim = new ClaimInterval(new Base(begin, begin + 1, 0), Long.MAX_VALUE, end, 0);
        return new ShardPlan(0, claim, claim.base().beginOffset(), List.of(), Optional.empty());
    }
}
