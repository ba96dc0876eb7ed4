package dev.tidemark.restorer;

import dev.tidemark.schemas.log.LogRow.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Several readers beside each other, and one who takes what they read. It goes from hand to hand in small batches, few of
 * which are on their way: a reader that is ahead waits, and memory is bounded.
 *
 * <p>The first failure, of a reader or of whoever takes, ends it all; no reader is at work any more when it is told.
 */
final class Readers {
    private static final int BATCH_BYTES = 256 << 10;
    private static final int BATCH_KEYS_MAX = 1_000;
    private static final long STOP_SECONDS_MAX = 30;

    private final BlockingQueue<Handed> onTheWay;

    /** Something that can be read by itself. */
    @FunctionalInterface
    interface Reader {
        void read(Hand hand) throws InterruptedException;
    }

    /** Gets everything, on the thread that asked for it, in no order. */
    interface Taker {
        void take(Change change) throws InterruptedException;

        /**
         * Told of what was read before the next keys.
         *
         * @param isFileEnd whether that was the last of its file
         */
        void read(long bytes, boolean isFileEnd);
    }

    private sealed interface Handed {}

    /** @param taken counted down afterwards */
    private record Batch(List<Change> changes, Optional<CountDownLatch> taken) implements Handed {}

    private record Read(long bytes, boolean isFileEnd) implements Handed {}

    private record Ended() implements Handed {}

    private record Failed(Throwable why) implements Handed {}

    private Readers(int threads) {
        this.onTheWay = new ArrayBlockingQueue<>(2 * threads);
    }

    /** @param threads at most so many read at once */
    static void read(int threads, List<Reader> readers, Taker taker) throws InterruptedException {
        new Readers(threads).run(threads, readers, taker);
    }

    private void run(int threads, List<Reader> readers, Taker taker) throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(threads, work -> {
            Thread thread = new Thread(work, "restore-reader");
            thread.setDaemon(true);
            return thread;
        });
        try {
            readers.forEach(reader -> pool.execute(() -> work(reader)));
            int atWork = readers.size();
            while (atWork > 0) {
                Handed handed = onTheWay.take();
                if (handed instanceof Batch batch) {
                    for (Change change : batch.changes()) {
                        taker.take(change);
                    }
                    batch.taken().ifPresent(CountDownLatch::countDown);
                } else if (handed instanceof Read read) {
                    taker.read(read.bytes(), read.isFileEnd());
                } else if (handed instanceof Failed failed) {
                    throw failure(failed.why());
                } else {
                    atWork--;
                }
            }
        } finally {
            stop(pool);
        }
    }

    private void work(Reader reader) {
        Hand hand = new Hand();
        try {
            try {
                reader.read(hand);
                hand.flush();
                onTheWay.put(new Ended());
            } catch (RuntimeException | Error e) {
                onTheWay.put(new Failed(e));
            }
        } catch (InterruptedException e) {
            // Nobody takes anything any more.
            Thread.currentThread().interrupt();
        }
    }

    private static RuntimeException failure(Throwable why) {
        if (why instanceof Error error) {
            throw error;
        }
        return (RuntimeException) why;
    }

    private static void stop(ExecutorService pool) {
        pool.shutdownNow();
        boolean isInterrupted = Thread.interrupted();
        try {
            pool.awaitTermination(STOP_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            isInterrupted = true;
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Where one reader puts what it reads. */
    final class Hand {
        private List<Change> batch = new ArrayList<>();
        private long batchBytes;

        private Hand() {}

        void give(Change change) throws InterruptedException {
            batch.add(change);
            batchBytes += change.key().length() + change.value().sizeBytes();
            if (batchBytes >= BATCH_BYTES || batch.size() >= BATCH_KEYS_MAX) {
                flush();
            }
        }

        /** Returns when it was taken, and with it all that was given before. */
        void giveAndWait(Change change) throws InterruptedException {
            CountDownLatch taken = new CountDownLatch(1);
            batch.add(change);
            hand(Optional.of(taken));
            taken.await();
        }

        /** After everything that was given. */
        void read(long bytes, boolean isFileEnd) throws InterruptedException {
            flush();
            onTheWay.put(new Read(bytes, isFileEnd));
        }

        private void flush() throws InterruptedException {
            if (!batch.isEmpty()) {
                hand(Optional.empty());
            }
        }

        private void hand(Optional<CountDownLatch> taken) throws InterruptedException {
            onTheWay.put(new Batch(batch, taken));
            batch = new ArrayList<>();
            batchBytes = 0;
        }
    }
}
