package dev.tidemark.capture;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * What the loop has still to hear, in the order in which it happened. Signals and the PONGs that prove them pass through
 * here together: a hand-off that reordered them would void the proof.
 *
 * <p>Replies and acknowledgements are bounded by the requests that are under way. Signals are bounded here: when the loop
 * falls behind, the thread that reads them from the socket waits, and Redis's output-buffer limit decides.
 */
final class Mailbox {
    /** What a name takes beside its own bytes: two objects and a reference. */
    static final int NAME_OVERHEAD_BYTES = 48;

    private static final int TOUCHES_BYTES_MAX = 16 << 20;

    private final BlockingQueue<Runnable> letters = new LinkedBlockingQueue<>();
    /** In turn: else many small ones of one connection would keep a large one of another waiting for ever. */
    private final Semaphore touches = new Semaphore(TOUCHES_BYTES_MAX, true);

    /** A reply, an acknowledgement, news of a connection. */
    void post(Runnable letter) {
        letters.add(letter);
    }

    /** Some touches at once, whose names take so much memory, with all that the watcher has put there before. */
    void postTouches(Bundle watchers, long bytes, Runnable letter) {
        int permits = (int) Math.min(bytes, TOUCHES_BYTES_MAX);
        touches.acquireUninterruptibly(permits);
        watchers.add(() -> {
            touches.release(permits);
            letter.run();
        });
    }

    /**
     * Delivers what is there, waiting a little for the first.
     *
     * @return whether there is more
     */
    boolean deliver(long waitMillis, int lettersMax) throws InterruptedException {
        Runnable letter = letters.poll(waitMillis, TimeUnit.MILLISECONDS);
        for (int delivered = 1; letter != null; delivered++) {
            letter.run();
            letter = delivered < lettersMax ? letters.poll() : null;
        }
        return !letters.isEmpty();
    }
}
