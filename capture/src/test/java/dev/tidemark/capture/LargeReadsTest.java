package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Whose turn it is. */
class LargeReadsTest {
    private static final LargeValues.Node NODE = new LargeValues.Node("127.0.0.1", 6379, "run");

    private final Mailbox mailbox = new Mailbox();
    private final List<String> begun = new ArrayList<>();
    private final List<Consumer<LargeValue>> underWay = new ArrayList<>();
    private final LargeReads reads = new LargeReads(mailbox, (node, ref, type, done) -> {
        begun.add(ref.key().asUtf8().orElseThrow());
        underWay.add(done);
    });
    private boolean isDoubted;

    @Test
    void whatADoubtMadeVoidIsNotReadAnyMore() throws Exception {
        for (int i = 0; i < 100; i++) {
            reads.read(NODE, ref("before" + i), "string", () -> isDoubted, outcome -> {});
        }
        assertThat(begun).containsExactly("before0", "before1");

        isDoubted = true;
        reads.read(NODE, ref("after"), "string", () -> false, outcome -> {});
        underWay.get(0).accept(new LargeValue.Failed("slow"));
        mailbox.deliver(0, 10);

        assertThat(begun).containsExactly("before0", "before1", "after");
    }

    private static KeyRef ref(String key) {
        return new KeyRef(0, Bytes.utf8(key));
    }
}
