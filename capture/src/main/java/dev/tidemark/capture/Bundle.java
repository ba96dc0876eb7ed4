package dev.tidemark.capture;

import java.util.ArrayList;
import java.util.List;

/**
 * Letters of one kind that come in crowds, one call each: the loop is woken once for all that came since it looked last.
 *
 * <p>A letter may so be delivered before others of the mailbox that were posted earlier, and never after one that was posted
 * later: what follows it into the mailbox, like the PONG behind a touch, still finds it delivered.
 */
final class Bundle {
    private final Mailbox mailbox;
    private List<Runnable> letters = new ArrayList<>();

    Bundle(Mailbox mailbox) {
        this.mailbox = mailbox;
    }

    void add(Runnable letter) {
        synchronized (this) {
            letters.add(letter);
            if (letters.size() == 1) {
                // Not after the lock: another thread's letter would be in a bundle that is not in the mailbox yet, and
                // what
                // that thread posts next would overtake it.
                mailbox.post(this::open);
            }
        }
    }

    private void open() {
        List<Runnable> all;
        synchronized (this) {
            all = letters;
            letters = new ArrayList<>();
        }
        all.forEach(Runnable::run);
    }
}
