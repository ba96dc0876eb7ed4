package dev.tidemark.restorer;

import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;

/**
 * Of several that read values beside each other, only one has a large one at hand: memory is bounded by one such value, however
 * many there are. Each has a turn of its own, for its own thread.
 */
final class LargeTurn {
    private final Semaphore one;
    private boolean isMine;

    /** @param one permit, shared by all */
    LargeTurn(Semaphore one) {
        this.one = one;
    }

    /** Waits for it, unless it is ours already. */
    void take() throws InterruptedIOException {
        if (isMine) {
            return;
        }
        try {
            one.acquire();
            isMine = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while it waited for room for a large value");
        }
    }

    boolean isMine() {
        return isMine;
    }

    void giveBack() {
        if (isMine) {
            isMine = false;
            one.release();
        }
    }
}
