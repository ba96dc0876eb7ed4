package dev.tidemark.capture.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.Watch.Step;
import dev.tidemark.schemas.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Each way in which a barrier can go, and each doubt. */
class WatchTest {
    private static final String SLOTS = "7 0-5460";
    private static final BeatReply QUIET =
            new BeatReply(1_000, Optional.empty(), "run", "repl", "master", 100, 0, 0, SLOTS);

    private final Watch watch = new Watch("w", "node:6379");

    @Test
    void theFirstBarrierTakesTheCanaryOverFromWhoeverHadIt() {
        assertThat(complete(readBack("somebody", 44))).isInstanceOf(Step.Complete.class);
    }

    @Test
    void aBarrierCompletesOnlyAfterReplyBothSignalsAndThenBothPongs() {
        for (List<Function<Watch, Step>> order : permutations(List.<Function<Watch, Step>>of(
                watch -> watch.beatReplied(QUIET),
                watch -> watch.canarySeen(Signal.TRACKING),
                watch -> watch.canarySeen(Signal.NOTIFICATIONS)))) {
            Watch fresh = new Watch("w", "node:6379");
            fresh.begin();

            assertThat(fresh.ponged(Signal.TRACKING))
                    .as("a PONG before the PING")
                    .isInstanceOf(Step.Wait.class);
            assertThat(order.get(0).apply(fresh)).isInstanceOf(Step.Wait.class);
            assertThat(order.get(1).apply(fresh)).isInstanceOf(Step.Wait.class);
            assertThat(fresh.ponged(Signal.NOTIFICATIONS))
                    .as("a PONG too early")
                    .isInstanceOf(Step.Wait.class);
            assertThat(order.get(2).apply(fresh)).isInstanceOf(Step.PingAll.class);
            assertThat(fresh.ponged(Signal.NOTIFICATIONS)).isInstanceOf(Step.Wait.class);
            assertThat(fresh.ponged(Signal.NOTIFICATIONS)).as("the same again").isInstanceOf(Step.Wait.class);
            assertThat(fresh.resting()).isFalse();
            assertThat(fresh.ponged(Signal.TRACKING))
                    .isInstanceOfSatisfying(
                            Step.Complete.class,
                            complete -> assertThat(complete.beat().timeMicros()).isEqualTo(1_000));
            assertThat(fresh.resting()).isTrue();
        }
    }

    @Test
    void aSignalOfTheBarrierBeforeDoesNotCountForTheNext() {
        complete(UnaryOperator.identity());
        watch.canarySeen(Signal.TRACKING);
        watch.canarySeen(Signal.NOTIFICATIONS);

        watch.begin();

        assertThat(watch.beatReplied(readBack("w", 1).apply(QUIET))).isInstanceOf(Step.Wait.class);
    }

    @Test
    void everythingThatDoesNotFitTheLastBeatIsADoubt() {
        doubts(answer -> reply(answer, readBackOf("w", 1), "other", "repl", "master", 101, 0, 0), "run id changed");
        doubts(answer -> reply(answer, readBackOf("w", 1), "run", "other", "master", 101, 0, 0), "replication id");
        doubts(answer -> reply(answer, readBackOf("w", 1), "run", "repl", "slave", 101, 0, 0), "not a primary");
        doubts(answer -> reply(answer, readBackOf("w", 1), "run", "repl", "master", 101, 1, 0), "data set replaced");
        doubts(answer -> reply(answer, readBackOf("w", 1), "run", "repl", "master", 99, 0, 0), "counter fell");
        doubts(answer -> reply(answer, readBackOf("x", 1), "run", "repl", "master", 101, 0, 0), "another capture");
        doubts(answer -> reply(answer, readBackOf("w", 0), "run", "repl", "master", 101, 0, 0), "beat 0 where 1");
        doubts(answer -> reply(answer, readBackOf("w", -1), "run", "repl", "master", 101, 0, 0), "beat -1 where 1");
        doubts(answer -> reply(answer, Optional.empty(), "run", "repl", "master", 101, 0, 0), "canary gone");
    }

    @Test
    void statisticsThatWereResetAreADoubtToo() {
        Watch fresh = new Watch("w", "node:6379");
        complete(fresh, reply(QUIET, Optional.empty(), "run", "repl", "master", 100, 3, 0));
        fresh.begin();

        assertThat(fresh.beatReplied(reply(QUIET, readBackOf("w", 1), "run", "repl", "master", 101, 0, 0)))
                .isInstanceOfSatisfying(
                        Step.Over.class,
                        over -> assertThat(over.doubt().reason()).contains("reset"));
    }

    /** Its eviction is a signal too: if that were taken for the beat's own, the PING would leave too early. */
    @Test
    void aBarrierThatFoundItsCanaryEvictedProvesNothingAndTheNextOneDoes() {
        complete(UnaryOperator.identity());

        Step step = complete(answer -> reply(answer, Optional.empty(), "run", "repl", "master", 101, 0, 1));
        assertThat(step).isInstanceOf(Step.Unproven.class);

        Step next = complete(answer -> reply(answer, readBackOf("w", 2), "run", "repl", "master", 102, 0, 1));
        assertThat(next).isInstanceOf(Step.Complete.class);
    }

    /** Likewise. Somebody's broom may give an expiry to every key that has none. */
    @Test
    void aBarrierThatFoundItsCanaryExpiringProvesNothingAndTheNextOneDoes() {
        complete(UnaryOperator.identity());

        Step step = complete(answer -> reply(
                answer, Optional.of(new BeatReply.Canary("w", 1, true, Map.of())), "run", "repl", "master", 101, 0, 0));
        assertThat(step).isInstanceOf(Step.Unproven.class);

        Step next = complete(answer -> reply(answer, readBackOf("w", 2), "run", "repl", "master", 102, 0, 0));
        assertThat(next).isInstanceOf(Step.Complete.class);
    }

    /** Likewise: a job that adds a field to every hash, changes it and takes it away finds the canary too. */
    @Test
    void aBarrierThatFoundAForeignFieldChangedProvesNothingAndTheNextOneDoes() {
        complete(readBack("w", 0, Map.of("found", "when it was taken over")));
        assertThat(complete(readBack("w", 1, Map.of("found", "when it was taken over"))))
                .isInstanceOf(Step.Complete.class);

        List<Map<String, String>> jobs = List.of(Map.of("job", "1"), Map.of("job", "2"), Map.of());
        for (int i = 0; i < jobs.size(); i++) {
            assertThat(complete(readBack("w", 2 + 2 * i, jobs.get(i)))).isInstanceOf(Step.Unproven.class);
            assertThat(complete(readBack("w", 3 + 2 * i, jobs.get(i)))).isInstanceOf(Step.Complete.class);
        }
    }

    @Test
    void slotsThatMovedOrAreMovingAreADoubtOfTheNode() {
        doubts(answer -> slots("7 0-5459"), "slots moved");
        doubts(answer -> slots("8 0-5460"), "slots moved");
        doubts(answer -> slots("7 0-5460 [5460->-ab]"), "slots are moving");
    }

    @Test
    void whatConcernsTheWatchAloneIsNoDoubtOfTheNode() {
        Step canary = second(reply(QUIET, readBackOf("x", 1), "run", "repl", "master", 101, 0, 0));
        Step flushed = second(reply(QUIET, readBackOf("w", 1), "run", "repl", "master", 101, 1, 0));

        assertThat(canary).isInstanceOfSatisfying(Step.Over.class, over -> assertThat(
                        over.doubt().cause().isOfNode())
                .isFalse());
        assertThat(flushed).isInstanceOfSatisfying(Step.Over.class, over -> assertThat(
                        over.doubt().cause().isOfNode())
                .isTrue());
    }

    @Test
    void withoutNotificationsNoBarrierBeginsAndTheOneUnderWayWaitsUntilTheyAreBack() {
        watch.begin();
        watch.beatReplied(QUIET);
        watch.notificationsLost();

        assertThat(watch.canarySeen(Signal.TRACKING)).isInstanceOf(Step.Wait.class);
        assertThat(watch.notificationsBack()).isInstanceOf(Step.PingAll.class);
        watch.ponged(Signal.TRACKING);
        assertThat(watch.ponged(Signal.NOTIFICATIONS)).isInstanceOf(Step.Complete.class);

        watch.notificationsLost();
        assertThat(watch.resting()).isFalse();
        assertThat(watch.notificationsBack()).isInstanceOf(Step.Wait.class);
        assertThat(watch.resting()).isTrue();
    }

    @Test
    void aPongLostWithTheNotificationsDoesNotHoldTheBarrierForEver() {
        watch.begin();
        watch.beatReplied(QUIET);
        watch.canarySeen(Signal.NOTIFICATIONS);
        watch.canarySeen(Signal.TRACKING);
        watch.notificationsLost();

        assertThat(watch.ponged(Signal.TRACKING)).isInstanceOf(Step.Wait.class);
        assertThat(watch.notificationsBack()).isInstanceOf(Step.Complete.class);
    }

    @Test
    void aRefusedBeatIsTriedAgainUnderTheSameNumber() {
        complete(UnaryOperator.identity());
        assertThat(watch.begin()).isEqualTo(2);
        watch.refused();

        assertThat(watch.begin()).isEqualTo(2);
    }

    private void doubts(UnaryOperator<BeatReply> second, String reason) {
        Watch fresh = new Watch("w", "node:6379");
        complete(fresh, QUIET);
        fresh.begin();
        fresh.canarySeen(Signal.TRACKING);
        fresh.canarySeen(Signal.NOTIFICATIONS);

        Step step = fresh.beatReplied(second.apply(QUIET));

        assertThat(step).isInstanceOfSatisfying(Step.Over.class, over -> assertThat(
                        over.doubt().reason())
                .contains(reason));
        assertThat(fresh.ponged(Signal.TRACKING))
                .as("nothing completes a watch in doubt")
                .isInstanceOf(Step.Wait.class);
        assertThat(fresh.ponged(Signal.NOTIFICATIONS)).isInstanceOf(Step.Wait.class);
    }

    private static Step second(BeatReply reply) {
        Watch fresh = new Watch("w", "node:6379");
        complete(fresh, QUIET);
        fresh.begin();
        return fresh.beatReplied(reply);
    }

    private Step complete(UnaryOperator<BeatReply> reply) {
        return complete(watch, reply.apply(QUIET));
    }

    private static Step complete(Watch watch, BeatReply reply) {
        watch.begin();
        watch.beatReplied(reply);
        watch.canarySeen(Signal.TRACKING);
        watch.canarySeen(Signal.NOTIFICATIONS);
        watch.ponged(Signal.TRACKING);
        return watch.ponged(Signal.NOTIFICATIONS);
    }

    private static UnaryOperator<BeatReply> readBack(String id, long n) {
        return answer -> reply(answer, readBackOf(id, n), "run", "repl", "master", 101, 0, 0);
    }

    private static UnaryOperator<BeatReply> readBack(String id, long n, Map<String, String> foreign) {
        Map<Bytes, Bytes> fields = new HashMap<>();
        foreign.forEach((name, value) -> fields.put(Bytes.utf8(name), Bytes.utf8(value)));
        Optional<BeatReply.Canary> canary = Optional.of(new BeatReply.Canary(id, n, false, fields));
        return answer -> reply(answer, canary, "run", "repl", "master", 101, 0, 0);
    }

    private static Optional<BeatReply.Canary> readBackOf(String id, long n) {
        return Optional.of(new BeatReply.Canary(id, n, false, Map.of()));
    }

    private static BeatReply reply(
            BeatReply like,
            Optional<BeatReply.Canary> canary,
            String runId,
            String replId,
            String role,
            long commands,
            long replacements,
            long evicted) {
        return new BeatReply(
                like.timeMicros(), canary, runId, replId, role, commands, replacements, evicted, like.slots());
    }

    private static BeatReply slots(String slots) {
        return new BeatReply(1_000, readBackOf("w", 1), "run", "repl", "master", 101, 0, 0, slots);
    }

    private static <T> List<List<T>> permutations(List<T> items) {
        if (items.isEmpty()) {
            return List.of(List.of());
        }
        List<List<T>> all = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            List<T> rest = new ArrayList<>(items);
            T first = rest.remove(i);
            for (List<T> tail : permutations(rest)) {
                List<T> permutation = new ArrayList<>(List.of(first));
                permutation.addAll(tail);
                all.add(permutation);
            }
        }
        return all;
    }
}
