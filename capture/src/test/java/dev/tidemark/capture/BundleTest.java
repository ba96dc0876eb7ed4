package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BundleTest {
    private static final int TOUCHES = 200_000;

    private final Mailbox mailbox = new Mailbox();
    private final Bundle touches = new Bundle(mailbox);

    @Test
    void oneLetterBringsAllThatHasCome() throws InterruptedException {
        List<Integer> delivered = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int touch = i;
            touches.add(() -> delivered.add(touch));
        }

        mailbox.deliver(0, 1);

        assertThat(delivered).containsExactly(0, 1, 2, 3, 4);
    }

    /** The PONG proves what came before it, on its own connection: a touch that it overtook would be claimed and not logged. */
    @Test
    void nothingThatIsPostedLaterOvertakesIt() throws InterruptedException {
        int connections = 2;
        long pongs = (long) connections * (TOUCHES / 7);
        AtomicLong[] seen = {new AtomicLong(), new AtomicLong()};
        List<String> overtaken = new ArrayList<>();
        AtomicLong ponged = new AtomicLong();
        List<Thread> senders = new ArrayList<>();
        for (int connection = 0; connection < connections; connection++) {
            AtomicLong mine = seen[connection];
            senders.add(new Thread(() -> {
                for (long sent = 1; sent <= TOUCHES; sent++) {
                    long touch = sent;
                    mailbox.postTouches(touches, 1, () -> mine.set(touch));
                    if (touch % 7 == 0) {
                        mailbox.post(() -> {
                            ponged.incrementAndGet();
                            if (mine.get() < touch) {
                                overtaken.add(touch + " after " + mine.get());
                            }
                        });
                    }
                }
            }));
        }
        senders.forEach(Thread::start);

        while (ponged.get() < pongs) {
            mailbox.deliver(1, 100);
        }

        for (Thread sender : senders) {
            sender.join();
        }
        assertThat(overtaken).isEmpty();
    }
}
