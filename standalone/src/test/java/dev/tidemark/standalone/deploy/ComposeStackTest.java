package dev.tidemark.standalone.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.oracle.Oracle;
import dev.tidemark.oracle.OracleOptions;
import dev.tidemark.oracle.judge.Tally;
import dev.tidemark.oracle.judge.Verdict;
import dev.tidemark.servers.Await;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * docker-compose.yml in a container engine, by its own images: what Redis held comes back whichever of its containers is killed.
 *
 * <p>A skip where there is no engine, no Compose, or an image that cannot be had: {@code docker compose build} makes ours,
 * {@code deploy/compose/local-images} all of them without a registry.
 */
class ComposeStackTest {
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final int WRITES_BETWEEN = 500;

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_128L));

    @Test
    void whatRedisHeldComesBackWhicheverContainerIsKilled() {
        Optional<String> whyNot = ComposeStack.whyNot();
        assumeTrue(whyNot.isEmpty(), () -> whyNot.orElseThrow());

        try (ComposeStack stack = ComposeStack.start();
                Oracle oracle = Oracle.open(
                        stack.redis(),
                        OracleOptions.seeded(random.nextLong())
                                .withKeysPerThread(200)
                                .withOpsPerSecondMax(300))) {
            Tally tally = new Tally();
            oracle.resume();
            awaitRestorable(stack, oracle);
            for (String victim : new String[] {"capture-a", "kafka", "s3", "compactor", "redis"}) {
                oracle.awaitWrites(random.nextInt(WRITES_BETWEEN), SOON);
                stack.kill(victim);
                stack.revive(victim);
                if (victim.equals("redis")) {
                    oracle.rebase();
                }
                Instant back = oracle.now();
                JsonNode points = awaitRestorable(stack, oracle);
                System.out.printf(
                        "killed=%s restorable_again_after=%s%n", victim, Duration.between(back, oracle.now()));
                JsonNode range = points.at(
                        "/ranges/" + random.nextInt(points.get("ranges").size()));
                Instant any = Oracle.randomInstant(random, instant(range, "from"), instant(range, "through"));
                tally.add(judge(stack, oracle, any));
            }
            oracle.stop();
            tally.add(judge(stack, oracle, latest(awaitRestorable(stack, oracle))));
            System.out.println(tally);
        }
    }

    private static Verdict judge(ComposeStack stack, Oracle oracle, Instant at) {
        JsonNode restored =
                stack.tidemark("restore", "--to", at.toString(), "--into", stack.scratchInside(), "--replace");
        assertThat(restored.get("proven").asBoolean()).as(restored.toString()).isTrue();

        Duration exactness =
                Duration.ofNanos(Math.round(restored.get("exactness_seconds").asDouble() * 1e9));
        Verdict verdict = oracle.check(stack.scratch(), at, exactness);
        assertThat(verdict.clean()).as(verdict.toString()).isTrue();
        return verdict;
    }

    private static JsonNode awaitRestorable(ComposeStack stack, Oracle oracle) {
        Instant past = oracle.now();
        return Await.seldom(
                SOON,
                () -> Optional.of(stack.tidemark("points"))
                        .filter(points -> !points.get("ranges").isEmpty()
                                && latest(points).isAfter(past)),
                "restorable past " + past);
    }

    private static Instant latest(JsonNode points) {
        return instant(points.at("/ranges/" + (points.get("ranges").size() - 1)), "through");
    }

    private static Instant instant(JsonNode object, String name) {
        return Instant.parse(object.get(name).asText());
    }
}
