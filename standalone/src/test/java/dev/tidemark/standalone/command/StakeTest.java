package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestorePart;
import org.junit.jupiter.api.Test;

class StakeTest {
    private static final RestoreOptions CAREFUL = RestoreOptions.careful();

    private final Stake server = Stake.ofServer("redis://10.0.0.9:6379");
    private final Stake replica = Stake.ofReplica("whoever follows 127.0.0.1:7000");
    private final Stake snapshot = Stake.ofSnapshot("dump.rdb");

    @Test
    void whoAllowsNoLossHasNone() {
        assertThat(server.lost(CAREFUL)).isEmpty();
        assertThat(replica.lost(CAREFUL)).isEmpty();
        assertThat(snapshot.lost(CAREFUL)).isEmpty();
    }

    @Test
    void whatIsReplacedIsLost() {
        assertThat(server.lost(CAREFUL.replacing())).hasValueSatisfying(said -> assertThat(said)
                .startsWith("redis://10.0.0.9:6379: every key in all its databases is deleted")
                .doesNotContain("part"));
        assertThat(replica.lost(CAREFUL.replacing())).hasValueSatisfying(said -> assertThat(said)
                .startsWith("whoever follows 127.0.0.1:7000: every key that it holds is deleted"));
        assertThat(snapshot.lost(CAREFUL.replacing()))
                .hasValueSatisfying(said -> assertThat(said).startsWith("dump.rdb is replaced, if it is there"));
    }

    /** Or whoever runs the second part would fear for what the first has written. */
    @Test
    void onePartDeletesForAllOfThem() {
        assertThat(server.lost(CAREFUL.replacing().doing(new RestorePart(2, 4))))
                .hasValueSatisfying(said -> assertThat(said).contains("unless another part has done that already"));
    }

    @Test
    void aFileIsNeverTheCapturedSource() {
        assertThat(server.lost(CAREFUL.intoTheSource())).isPresent();
        assertThat(replica.lost(CAREFUL.intoTheSource())).isPresent();
        assertThat(snapshot.lost(CAREFUL.intoTheSource())).isEmpty();
    }
}
