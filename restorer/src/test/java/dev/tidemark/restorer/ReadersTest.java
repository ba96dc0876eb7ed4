package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value.Text;
import dev.tidemark.servers.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReadersTest {
    private static final int THREADS = 3;
    private final Taken taken = new Taken();

    @Test
    void everyKeyComesOnceOnTheTakersThreadAndEachReadersOwnInOrder() throws InterruptedException {
        List<Readers.Reader> readers = IntStream.range(0, 10)
                .<Readers.Reader>mapToObj(reader -> hand -> {
                    for (int i = 0; i < 5_000; i++) {
                        hand.give(change(reader, i, 100));
                    }
                    hand.read(reader, true);
                })
                .toList();

        Readers.read(THREADS, readers, taken);

        assertThat(taken.keys).hasSize(50_000).doesNotHaveDuplicates();
        for (int reader = 0; reader < 10; reader++) {
            String prefix = reader + ":";
            assertThat(taken.keys.stream().filter(key -> key.startsWith(prefix)).toList())
                    .containsExactlyElementsOf(
                            IntStream.range(0, 5_000).mapToObj(i -> prefix + i).toList());
        }
        assertThat(taken.bytes).isEqualTo(45);
        assertThat(taken.threads).containsExactly(Thread.currentThread().getName());
    }

    @Test
    void noReaderIsMoreThanSomeBatchesAhead() throws InterruptedException {
        AtomicInteger given = new AtomicInteger();
        AtomicReference<Thread> reading = new AtomicReference<>();
        Readers.Reader endless = hand -> {
            reading.set(Thread.currentThread());
            for (int i = 0; i < 2_000; i++) {
                hand.give(change(0, i, 100_000));
                given.incrementAndGet();
            }
        };
        taken.first = () -> {
            Await.until(
                    Duration.ofSeconds(30),
                    () -> reading.get().getState() == Thread.State.WAITING,
                    "the reader waits for room");
            // Batches of 256 KiB: two on their way for each thread, one that waits at the door.
            assertThat(given.get()).isLessThan(3 * (2 * 1 + 2));
        };

        Readers.read(1, List.of(endless), taken);

        assertThat(taken.keys).hasSize(2_000);
    }

    @Test
    void whoWaitsForALargeValueGoesOnOnlyWhenItWasTaken() throws InterruptedException {
        List<String> seen = new ArrayList<>();
        Readers.Reader reader = hand -> {
            hand.give(change(0, 0, 1));
            hand.giveAndWait(change(0, 1, 1));
            seen.addAll(taken.keys);
        };

        Readers.read(THREADS, List.of(reader), taken);

        assertThat(seen).containsExactly("0:0", "0:1");
    }

    @Test
    void theFirstFailureIsToldWhenNoReaderIsAtWorkAnyMore() {
        AtomicInteger atWork = new AtomicInteger();
        CountDownLatch bothStuck = new CountDownLatch(2);
        Readers.Reader stuck = hand -> {
            atWork.incrementAndGet();
            bothStuck.countDown();
            try {
                new CountDownLatch(1).await();
            } finally {
                atWork.decrementAndGet();
            }
        };
        Readers.Reader failing = hand -> {
            bothStuck.await();
            throw new IllegalStateException("a damaged block");
        };

        assertThatThrownBy(() -> Readers.read(THREADS, List.of(stuck, stuck, failing), taken))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a damaged block");
        assertThat(atWork).hasValue(0);
    }

    @Test
    void aTakerThatFailsStopsReadersThatWaitForIt() {
        AtomicInteger atWork = new AtomicInteger();
        Readers.Reader reader = hand -> {
            atWork.incrementAndGet();
            try {
                for (int i = 0; ; i++) {
                    hand.giveAndWait(change(atWork.get(), i, 1));
                }
            } finally {
                atWork.decrementAndGet();
            }
        };
        taken.first = () -> {
            throw new IllegalStateException("the target is full");
        };

        assertThatThrownBy(() -> Readers.read(THREADS, List.of(reader, reader, reader), taken))
                .hasMessage("the target is full");
        assertThat(atWork).hasValue(0);
    }

    @Test
    void anInterruptOfTheTakerEndsThemAllAndIsThrown() {
        AtomicInteger atWork = new AtomicInteger();
        Thread itself = Thread.currentThread();
        Readers.Reader reader = hand -> {
            atWork.incrementAndGet();
            itself.interrupt();
            try {
                new CountDownLatch(1).await();
            } finally {
                atWork.decrementAndGet();
            }
        };

        assertThatThrownBy(() -> Readers.read(THREADS, List.of(reader), taken))
                .isInstanceOf(InterruptedException.class);
        assertThat(atWork).hasValue(0);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void nothingToReadIsNoWait() throws InterruptedException {
        Readers.read(THREADS, List.of(), taken);

        assertThat(taken.keys).isEmpty();
    }

    private static Change change(int reader, int number, int bytes) {
        return new Change(
                0,
                0,
                0,
                0,
                Bytes.utf8(reader + ":" + number),
                new Text(Bytes.wrap(new byte[bytes])),
                OptionalLong.empty(),
                "");
    }

    private static final class Taken implements Readers.Taker {
        private final List<String> keys = new ArrayList<>();
        private final Set<String> threads = ConcurrentHashMap.newKeySet();
        private long bytes;
        private Step first = () -> {};

        private interface Step {
            void run() throws InterruptedException;
        }

        @Override
        public void take(Change change) throws InterruptedException {
            if (keys.isEmpty()) {
                first.run();
            }
            threads.add(Thread.currentThread().getName());
            keys.add(change.key().asUtf8().orElseThrow());
        }

        @Override
        public void read(long more, boolean isFileEnd) {
            bytes += more;
        }
    }
}
