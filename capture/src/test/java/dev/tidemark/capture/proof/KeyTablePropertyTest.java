package dev.tidemark.capture.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.Bytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The table, and what stands on it, beside the plain collections that they take the place of. */
class KeyTablePropertyTest {
    private static final int STEPS = 3_000;

    @Property(tries = 200)
    void aTableHoldsWhatAMapHolds(@ForAll long seed) {
        Random random = new Random(seed);
        int names = 1 + random.nextInt(400);
        KeyTable table = new KeyTable(random.nextInt(50));
        Map<KeyRef, Integer> slots = new HashMap<>();

        for (int step = 0; step < STEPS; step++) {
            KeyRef ref = ref(random, names);
            if (random.nextInt(5) < 2 && slots.containsKey(ref)) {
                table.remove(slots.remove(ref));
            } else {
                Integer before = slots.put(ref, table.put(ref));
                assertThat(before == null || before.equals(slots.get(ref))).isTrue();
            }
            assertThat(table.size()).isEqualTo(slots.size());
        }

        slots.forEach((ref, slot) -> {
            assertThat(table.find(ref)).isEqualTo(slot);
            assertThat(table.ref(slot)).isEqualTo(ref);
        });
        assertThat(slots.values()).doesNotHaveDuplicates();
        for (int absent = 0; absent < names; absent++) {
            KeyRef ref = ref(random, names);
            assertThat(table.find(ref)).isEqualTo(slots.getOrDefault(ref, KeyTable.NONE));
        }
    }

    @Property(tries = 200)
    void heldTouchesKeepTheOrderOfTheLastTouch(@ForAll long seed) {
        Random random = new Random(seed);
        int names = 1 + random.nextInt(500);
        HeldTouches held = new HeldTouches();
        Map<KeyRef, Long> model = new java.util.LinkedHashMap<>();
        long generation = 1;

        for (int step = 0; step < STEPS; step++) {
            if (random.nextInt(100) == 0) {
                generation++;
            } else if (random.nextInt(200) == 0) {
                long through = generation - random.nextInt(3);
                held.dropThrough(through);
                model.values().removeIf(each -> each <= through);
            } else {
                KeyRef ref = ref(random, names);
                held.touched(ref, generation);
                model.remove(ref);
                model.put(ref, generation);
            }
        }

        List<KeyRef> found = new ArrayList<>();
        held.forEach(found::add);
        assertThat(found).containsExactlyElementsOf(model.keySet());
    }

    /** Any number of bursts, so that it grows and shrinks with reads under way: nothing is lost, and all is in turn. */
    @Property(tries = 200)
    void openKeysAreReadOnceEachInTheOrderOfTheirTouches(@ForAll long seed) {
        Random random = new Random(seed);
        OpenKeys open = new OpenKeys();
        Map<KeyRef, Long> dirty = new java.util.LinkedHashMap<>();
        Map<KeyRef, Long> reading = new HashMap<>();
        int names = 1 + random.nextInt(800);
        boolean burst = true;

        for (int step = 0; step < STEPS; step++) {
            burst ^= random.nextInt(300) == 0;
            long since = step / 100;
            if (random.nextInt(10) < (burst ? 7 : 1)) {
                KeyRef ref = ref(random, names);
                open.touched(ref, "", since);
                dirty.putIfAbsent(ref, since);
            } else if (random.nextInt(3) > 0) {
                Optional<OpenKeys.Read> next = open.nextToRead();
                assertThat(next.isPresent())
                        .isEqualTo(dirty.keySet().stream().anyMatch(ref -> !reading.containsKey(ref)));
                next.ifPresent(read -> {
                    assertThat(dirty.remove(read.ref())).isEqualTo(read.since());
                    assertThat(reading.put(read.ref(), read.since())).isNull();
                });
            } else if (!reading.isEmpty()) {
                KeyRef ref = reading.keySet().iterator().next();
                long readSince = reading.remove(ref);
                if (random.nextInt(4) == 0) {
                    open.failed(ref);
                    dirty.merge(ref, readSince, Math::min);
                } else {
                    open.acknowledged(ref);
                }
            }
            long oldest = Math.min(least(dirty), least(reading));
            assertThat(open.oldest()).isEqualTo(oldest);
        }
    }

    @Test
    void aMillionNamesThatCountUpwardsDoNotCollide() {
        KeyTable table = new KeyTable(0);
        long began = System.nanoTime();
        for (int i = 0; i < 1_000_000; i++) {
            byte[] name = ByteBuffer.allocate(8).putInt(i).putInt(i * 31).array();
            table.put(new KeyRef(0, Bytes.wrap(name)));
        }

        assertThat(table.size()).isEqualTo(1_000_000);
        // A tenth of a second where they do not, minutes where they do.
        assertThat(System.nanoTime() - began).isLessThan(10_000_000_000L);
    }

    @Test
    void aBurstOfNamesTakesAHundredBytesEachAndGivesThemBack() {
        OpenKeys open = new OpenKeys();
        HeldTouches held = new HeldTouches();
        for (int i = 0; i < 100_000; i++) {
            KeyRef ref = new KeyRef(0, Bytes.utf8("%030d".formatted(i)));
            open.touched(ref, "hset", 1);
            held.touched(ref, 1);
        }

        assertThat(open.bytes()).isLessThan(120 * 100_000);
        assertThat(held.bytes()).isLessThan(110 * 100_000);
        for (int i = 0; i < 99_990; i++) {
            open.acknowledged(open.nextToRead().orElseThrow().ref());
        }
        held.dropThrough(1);
        assertThat(open.bytes()).isLessThan(10_000);
        assertThat(held.bytes()).isLessThan(10_000);
        assertThat(open.size()).isEqualTo(10);
    }

    private static long least(Map<KeyRef, Long> keys) {
        return keys.values().stream().mapToLong(each -> each).min().orElse(OpenKeys.NONE);
    }

    private static KeyRef ref(Random random, int names) {
        int name = random.nextInt(names);
        return new KeyRef(name % 2, Bytes.utf8("key-" + name / 2));
    }
}
