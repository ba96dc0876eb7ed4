package dev.tidemark.capture;

import dev.tidemark.capture.LargeValues.Node;
import dev.tidemark.capture.proof.KeyRef;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Large values that wait for their turn. They wait here and not where they are read, because a doubt makes all of them void:
 * the resync asks for each anew, and must not queue behind what nobody wants any more. Belongs to the loop's thread.
 */
final class LargeReads {
    /** Reads one; the outcome comes on any thread. */
    interface Reader {
        void read(Node node, KeyRef ref, String type, Consumer<LargeValue> done);
    }

    private record Waiting(Node node, KeyRef ref, String type, BooleanSupplier isVoid, Consumer<LargeValue> done) {}

    private final Mailbox mailbox;
    private final Reader reader;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int underWay;

    LargeReads(Mailbox mailbox, Reader reader) {
        this.mailbox = mailbox;
        this.reader = reader;
    }

    /** One outcome comes, on the loop's thread; none where the read is void before its turn comes. */
    void read(Node node, KeyRef ref, String type, BooleanSupplier isVoid, Consumer<LargeValue> done) {
        waiting.add(new Waiting(node, ref, type, isVoid, done));
        next();
    }

    private void next() {
        while (underWay < LargeValues.AT_ONCE && !waiting.isEmpty()) {
            Waiting next = waiting.poll();
            if (!next.isVoid().getAsBoolean()) {
                underWay++;
                reader.read(
                        next.node(),
                        next.ref(),
                        next.type(),
                        outcome -> mailbox.post(() -> {
                            underWay--;
                            next.done().accept(outcome);
                            next();
                        }));
            }
        }
    }
}
