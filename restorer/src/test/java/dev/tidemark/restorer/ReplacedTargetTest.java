package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What is there is deleted first; whoever is kept from that says truly what is left of it. */
@TestInstance(Lifecycle.PER_CLASS)
class ReplacedTargetTest {
    private BackedUp backup;
    private RedisServer target;
    private RedisContent content;

    @BeforeAll
    void backUp() {
        backup = new BackedUp(51, 2, 200, 1_500);
    }

    @BeforeEach
    void startTarget() {
        target = RedisServer.start();
        content = new RedisContent(target.uri());
    }

    @AfterEach
    void stopTarget() {
        content.close();
        target.close();
    }

    @AfterAll
    void stop() {
        backup.close();
    }

    @Test
    void replaceDeletesWhatWasThere() {
        content.redis().select(5);
        content.redis().set(RedisContent.bytes("theirs"), RedisContent.bytes("1"));

        RestoreReport report = replaced(RestoreListener.silent());

        assertThat(report.isProven()).isTrue();
        assertThat(content.read().keySet())
                .isEqualTo(backup.source().stateAt(backup.source().last()).keySet());
    }

    /** Whoever stops it then is not told that the target is as it was. */
    @Test
    void thatItWritesIsToldBeforeAnythingIsDeleted() {
        content.redis().set(RedisContent.bytes("of before"), RedisContent.bytes("1"));
        List<Long> there = new ArrayList<>();

        replaced(progress -> {
            if (progress.phase() == Phase.WRITING) {
                there.add(content.redis().exists(RedisContent.bytes("of before")));
            }
        });

        assertThat(there).startsWith(1L).endsWith(0L);
    }

    @Test
    void whoIsToldToStopBeforeAnythingIsDeletedDeletesNothing() {
        content.redis().set(RedisContent.bytes("of before"), RedisContent.bytes("1"));

        assertThatThrownBy(() -> replaced(progress -> {
                    if (progress.phase() == Phase.WRITING) {
                        Thread.currentThread().interrupt();
                    }
                }))
                .hasMessage("the restore was interrupted before its first write");

        assertThat(Thread.interrupted()).isTrue();
        assertThat(content.redis().keys("*"))
                .as("neither emptied nor locked")
                .containsExactly(RedisContent.bytes("of before"));
    }

    @Test
    void aUserWhoMayNotEmptyTheTargetIsRefusedAndNothingIsDeleted() {
        content.redis().set(RedisContent.bytes("theirs"), RedisContent.bytes("1"));
        for (String right : List.of("flushall", "multi", "exec")) {
            target.aclUser("filler", "s3cret", "~*", "&*", "+@all", "-" + right);

            requireRefused(target.uri("filler", "s3cret"), ExitCode.TARGET_REFUSED, "NOPERM");

            assertThat(content.redis().keys("*"))
                    .as("neither emptied nor locked, without " + right)
                    .containsExactly(RedisContent.bytes("theirs"));
        }
    }

    /** Its answer does not come, so nobody knows whether it was. */
    @Test
    void ofATargetThatIsLostWhileItIsEmptiedNobodySaysThatItWasNot() throws IOException {
        content.redis().set(RedisContent.bytes("theirs"), RedisContent.bytes("1"));
        try (ForgetfulRelay relay = ForgetfulRelay.before(target.port(), "FLUSHALL")) {
            requireRefused(relay.uri(), ExitCode.UNREACHABLE, "Whether it was emptied is not known");
        }
    }

    private RestoreReport replaced(RestoreListener listener) {
        return replaced(target.uri(), listener);
    }

    private RestoreReport replaced(URI uri, RestoreListener listener) {
        try (Restorer restorer = Restorer.open(backup.settings())) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            return restorer.restore(
                    plan, RestoreTarget.at(uri), RestoreOptions.careful().replacing(), listener);
        }
    }

    private void requireRefused(URI uri, ExitCode code, String words) {
        assertThatThrownBy(() -> replaced(uri, RestoreListener.silent()))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(code))
                .hasMessageContaining(words);
    }
}
