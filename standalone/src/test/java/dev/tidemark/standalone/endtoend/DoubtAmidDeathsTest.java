package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.restorer.Points;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.restorer.TimeRange;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Capture, the compactor and the broker die around a doubt and come back, in orders by chance, and in the end Kafka loses its
 * log: nothing that is published spans the doubt. {@code -Dtidemark.rounds=100} tries more orders.
 */
class DoubtAmidDeathsTest {
    private static final int SHARDS = 2;
    private static final int KEYS = 50;
    private static final int REST_MILLIS_MAX = 700;
    private static final Duration WITHIN = Duration.ofMinutes(2);

    /** Who dies around a doubt. */
    @SuppressWarnings("ImmutableEnumChecker") // What it does is a function without a state.
    private enum Part {
        CAPTURE(on -> on.capture.kill(), on -> on.capture.start()),
        COMPACTOR(on -> on.compactor.kill(), on -> on.compactor.start()),
        BROKER(on -> on.kafka.kill(), on -> on.kafka.restart());

        private final Consumer<Deployment> kill;
        private final Consumer<Deployment> start;

        Part(Consumer<Deployment> kill, Consumer<Deployment> start) {
            this.kill = kill;
            this.start = start;
        }
    }

    /** What makes one; none of them is a change of a key that anybody could read later. */
    private enum Cause {
        FLUSHED {
            @Override
            void happen(RedisServer redis) {
                with(redis, RedisCommands::flushall);
            }
        },
        SWAPPED {
            @Override
            void happen(RedisServer redis) {
                with(redis, commands -> commands.swapdb(0, 1));
            }
        },
        LOST {
            @Override
            void happen(RedisServer redis) {
                redis.restart(false);
            }
        };

        abstract void happen(RedisServer redis);
    }

    /** It happened between these two moments. */
    private record DoubtfulMoment(Cause cause, List<Part> deadBefore, Instant before, Instant after) {
        boolean isSpannedBy(TimeRange range) {
            return !range.from().isAfter(before) && !range.through().isBefore(after);
        }
    }

    /** Kept when the test fails: configuration and logs of every process. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_128L));
    private final List<DoubtfulMoment> doubts = new ArrayList<>();

    @Test
    void nothingPublishedSpansADoubtWhateverDiesAroundIt() {
        try (RedisServer redis = RedisServer.start();
                Ground ground = Ground.start();
                Deployment on = Deployment.start(
                        directory, ground, SourceSettings.of("amid-deaths", SHARDS), RedisSettings.at(redis.uri()))) {
            for (int round = 0; round < Integer.getInteger("tidemark.rounds", 1); round++) {
                // On S3 already, so that what spans the doubt need only reach it from the other side.
                write(redis);
                on.awaitArchived(Instant.now());
                doubtAmidDeaths(on, redis, round);
                startAll(on);
                requireNoneSpanned(on, on.awaitProtected(Instant.now()));
            }
            write(redis);
            on.awaitArchived(Instant.now());
            doubtAmidDeaths(on, redis, random.nextInt(Cause.values().length));
            on.kafka.killAndDeleteData();
            startAll(on);
            awaitClaimsOfTheNewLog(on);
            requireNoneSpanned(on, on.points(true));
        }
    }

    private void doubtAmidDeaths(Deployment on, RedisServer redis, int round) {
        List<Optional<Part>> order = new ArrayList<>(List.of(Optional.empty()));
        for (Part part : Part.values()) {
            order.add(Optional.of(part));
        }
        Collections.shuffle(order, random);
        Cause cause = Cause.values()[round % Cause.values().length];
        List<Part> dead = new ArrayList<>();
        for (Optional<Part> next : order) {
            Rest.of(Duration.ofMillis(random.nextInt(REST_MILLIS_MAX)));
            next.ifPresentOrElse(
                    part -> {
                        part.kill.accept(on);
                        dead.add(part);
                    },
                    () -> {
                        Instant before = Instant.now();
                        cause.happen(redis);
                        doubts.add(new DoubtfulMoment(cause, List.copyOf(dead), before, Instant.now()));
                    });
        }
    }

    private void startAll(Deployment on) {
        List<Part> order = new ArrayList<>(List.of(Part.values()));
        Collections.shuffle(order, random);
        for (Part part : order) {
            Rest.of(Duration.ofMillis(random.nextInt(REST_MILLIS_MAX)));
            part.start.accept(on);
        }
    }

    private void requireNoneSpanned(Deployment on, Points withTail) {
        for (Points points : List.of(withTail, on.points(false))) {
            assertThat(points.ranges()).isNotEmpty();
            for (DoubtfulMoment doubt : doubts) {
                assertThat(points.ranges()).as("%s, %s", doubt, points.tail()).noneMatch(doubt::isSpannedBy);
            }
        }
        for (DoubtfulMoment doubt : doubts) {
            requireRefused(on, doubt, true);
            requireRefused(on, doubt, false);
        }
    }

    private static void requireRefused(Deployment on, DoubtfulMoment doubt, boolean withTail) {
        try (Restorer restorer = Restorer.open(on.settings())) {
            restorer.plan(Optional.of(doubt.after()), withTail);
        } catch (TidemarkError refused) {
            assertThat(refused.code()).as(refused.getMessage()).isEqualTo(ExitCode.NOT_RESTORABLE);
            return;
        }
        throw new AssertionError("a plan leads to the moment after " + doubt);
    }

    private static void awaitClaimsOfTheNewLog(Deployment on) {
        try (ShardLog log = new ShardLog(
                on.settings().kafka(), LogTopics.first(on.settings().source().name()), WITHIN)) {
            Await.until(WITHIN, () -> hasClaim(log, 0) && hasClaim(log, 1), "capture claims again, in an empty log");
        }
    }

    private static boolean hasClaim(ShardLog log, int shard) {
        AtomicInteger claims = new AtomicInteger();
        try {
            log.readTidemarks(shard, 0, log.tidemarksEnd(shard), (offset, record) -> {
                if (record instanceof Tidemark) {
                    claims.incrementAndGet();
                }
            });
        } catch (TidemarkError notYet) {
            return false;
        }
        return claims.get() > 1;
    }

    private static void write(RedisServer redis) {
        with(redis, commands -> {
            for (int key = 0; key < KEYS; key++) {
                commands.set("key:" + key, Instant.now().toString());
            }
        });
    }

    private static void with(RedisServer redis, Consumer<RedisCommands<String, String>> what) {
        try (RedisClient client = RedisClient.create(RedisURI.create(redis.uri()))) {
            what.accept(client.connect().sync());
        }
    }
}
