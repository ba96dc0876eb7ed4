package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class MailboxTest {
    private static final long MOST = Long.MAX_VALUE;

    private final Mailbox mailbox = new Mailbox();
    private final List<String> delivered = Collections.synchronizedList(new ArrayList<>());

    /** A connection whose thread waits reads nothing, and Redis closes it when too much has come together. */
    @Test
    void manySmallTouchesDoNotOvertakeALargeOneThatWaits() throws InterruptedException {
        send("first", 1).join();
        Thread large = send("large", MOST);
        awaitWaiting(large);
        Thread small = send("small", 1);
        awaitWaiting(small);

        while (delivered.size() < 3) {
            mailbox.deliver(1, 1);
        }

        assertThat(delivered).containsExactly("first", "large", "small");
        large.join();
        small.join();
    }

    private Thread send(String name, long bytes) {
        Thread sender = new Thread(() -> mailbox.postTouches(new Bundle(mailbox), bytes, () -> delivered.add(name)));
        sender.start();
        return sender;
    }

    private static void awaitWaiting(Thread sender) {
        while (sender.isAlive() && sender.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }
}
