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
    private static final int TOUCHES_MAX = 1 << 20;

    private final BlockingQueue<Runnable> letters = new LinkedBlockingQueue<>();
    private final Semaphore touches = new Semaphore(TOUCHES_MAX);

    /** A reply, an acknowledgement, news of a connection. */
    void post(Runnable letter) {
        letters.add(letter);
    }

    /** Some touches at once. */
    void postTouches(int count, Runnable letter) {
        int permits = Math.min(count, TOUCHES_MAX);
        touches.acquireUninterruptibly(permits);
        letters.add(() -> {
            touches.release(permits);
            letter.run();
        });
    }

    /** Delivers what is there, waiting a little for the first. */
    void deliver(long waitMillis, int lettersMax) throws InterruptedException {
        Runnable letter = letters.poll(waitMillis, TimeUnit.MILLISECONDS);
        for (int delivered = 0; letter != null; delivered++) {
            letter.run();
            letter = delivered < lettersMax ? letters.poll() : null;
        }
    }
}
