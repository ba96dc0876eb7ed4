package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.drill.ChunkName;
import dev.tidemark.restorer.drill.Comparison;
import dev.tidemark.restorer.drill.Comparison.Means;
import dev.tidemark.restorer.drill.DrillReport;
import dev.tidemark.restorer.drill.Hit;
import dev.tidemark.restorer.drill.Query;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.MatrixServer;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What was in vector sets is found again by the server's own search, where the server has them. */
class VectorSetSearchTest {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);
    private static final int WANTED = 10;
    private static final long ANY_NUMBER = 1_000;

    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void aDrillFindsTheSameAndAllowsForWhatChangedSince(MatrixServer server) {
        try (Both both = Both.start(server);
                S3Endpoint s3 = S3Endpoint.start()) {
            both.fill(60);
            Settings settings = RestoreTest.settings(s3, "vectors", 1);
            Instant at;
            try (Archive archive = Archive.open(settings.s3(), "vectors")) {
                SmallSource archived = new SmallSource(archive);
                archived.put("set", new Value.Opaque("vectorset", Bytes.wrap(both.here.dump("set"))));
                archived.archive();
                at = archived.now();
            }
            Settings reaching = settings.with(RedisSettings.at(both.source.uri()));

            DrillReport same = drill(reaching, at, both);
            assertThat(same.passed()).as("%s", same).isTrue();
            assertThat(same.searchesLeftOut()).isEmpty();
            assertThat(same.searches()).hasSize(5).allSatisfy(search -> assertThat(search)
                    .isEqualTo(new Comparison(Means.VSIM, WANTED, WANTED, 0, true)));

            both.there.flushall();
            for (int i = 0; i < 30; i++) {
                both.here.vadd("set", "element " + i, -1.0, 0.0, i * 1.0);
            }
            DrillReport later = drill(reaching, at, both);
            assertThat(later.passed()).as("%s", later).isTrue();
            assertThat(later.searches().stream()
                            .mapToInt(Comparison::changedSince)
                            .sum())
                    .isPositive();
        }
    }

    private static DrillReport drill(Settings settings, Instant at, Both both) {
        try (Lookout lookout = Lookout.open(settings, Clock.systemUTC())) {
            return lookout.drill(
                    RestoreTarget.at(both.restored.uri()),
                    new DrillOptions(Optional.of(at), "no such field", false),
                    new Random(7),
                    RestoreListener.silent());
        }
    }

    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void anElementThatIsMissingIsADisagreement(MatrixServer server) {
        try (Both both = Both.start(server)) {
            both.fill(60);
            both.copy();
            Query query = both.query("element 30");
            both.there.vrem("set", "element 31");

            List<Hit> before = both.nearest(both.source, query);
            List<Hit> after = both.nearest(both.restored, query);

            assertThat(before).hasSize(WANTED);
            assertThat(Comparison.of(Means.VSIM, WANTED, before, after, both.changed("element 31"))
                            .agrees())
                    .as("as if it had changed since")
                    .isTrue();
            assertThat(Comparison.of(Means.VSIM, WANTED, before, after, Set.of())
                            .agrees())
                    .isFalse();
        }
    }

    /** Which of them a server tells depends on the order in which it was given them. */
    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void ofEquallyNearOnesNoneIsTakenByChance(MatrixServer server) {
        try (Both both = Both.start(server)) {
            both.here.vadd("set", "near", 1.0, 0.0, 0.0);
            for (int i = 0; i < 2 * WANTED; i++) {
                both.here.vadd("set", "equal " + i, 0.0, 1.0, 0.0);
            }
            both.copy();

            assertThat(both.nearest(both.source, both.query("near")))
                    .isEqualTo(both.nearest(both.restored, both.query("near")))
                    .extracting(hit -> hit.name().element().orElseThrow())
                    .containsExactly(Bytes.utf8("near"));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void whatIsAnotherByNowIsNotSearchedFor(MatrixServer server) {
        try (Both both = Both.start(server)) {
            both.fill(60);
            Query query = both.query("element 30");

            both.here.vadd("set", "element 30", 0.0, 0.0, -1.0);
            assertThat(both.nearest(both.source, query)).isEmpty();
            both.here.vrem("set", "element 30");
            assertThat(both.nearest(both.source, query)).isEmpty();
            both.here.del("set");
            assertThat(both.nearest(both.source, query)).isEmpty();
            both.here.set("set", "text");
            assertThat(both.nearest(both.source, query)).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void aSetThatIsTooLargeIsLeftAlone(MatrixServer server) {
        try (Both both = Both.start(server);
                TargetRedis redis = TargetRedis.open(RestoreTarget.at(both.source.uri()), ANSWER_LIMIT, "")) {
            both.fill(60);

            VectorSetSearch small = new VectorSetSearch(redis, 60);
            VectorSetSearch smaller = new VectorSetSearch(redis, 59);
            List<Query> queries = small.sample(5, new Random(1));

            assertThat(queries).hasSize(5);
            assertThat(small.nearest(queries, WANTED)).noneMatch(List::isEmpty);
            assertThat(smaller.sample(5, new Random(1))).isEmpty();
            assertThat(smaller.nearest(queries, WANTED)).allMatch(List::isEmpty);
        }
    }

    /** The source, and what was restored. */
    private record Both(
            RedisServer source,
            RedisServer restored,
            RedisClient client,
            RedisCommands<String, String> here,
            RedisCommands<String, String> there)
            implements AutoCloseable {
        static Both start(MatrixServer server) {
            assumeTrue(server.isHere(), server::whyNot);
            RedisServer source = RedisServer.start(server.options());
            RedisServer restored = RedisServer.start(server.options());
            RedisClient client = RedisClient.create();
            Both both = new Both(source, restored, client, connect(client, source), connect(client, restored));
            boolean hasVectorSets = both.here.commandInfo("VADD").get(0) != null;
            if (!hasVectorSets) {
                both.close();
            }
            assumeTrue(hasVectorSets, () -> server + " has no vector sets");
            return both;
        }

        private static RedisCommands<String, String> connect(RedisClient client, RedisServer server) {
            StatefulRedisConnection<String, String> connection = client.connect(RedisURI.create(server.uri()));
            return connection.sync();
        }

        /** No two of them are equally near to any. */
        void fill(int elements) {
            for (int i = 0; i < elements; i++) {
                here.vadd("set", "element " + i, Math.cos(i * i / 4_000.0), Math.sin(i * i / 4_000.0), 0.0);
            }
        }

        void copy() {
            there.restore("set", 0, here.dump("set"));
        }

        Query query(String element) {
            try (TargetRedis redis = TargetRedis.open(RestoreTarget.at(source.uri()), ANSWER_LIMIT, "")) {
                ChunkName name = name(element);
                return new Query(
                        name, new VectorSetSearch(redis, ANY_NUMBER).of(name).orElseThrow());
            }
        }

        List<Hit> nearest(RedisServer server, Query query) {
            try (TargetRedis redis = TargetRedis.open(RestoreTarget.at(server.uri()), ANSWER_LIMIT, "")) {
                return new VectorSetSearch(redis, ANY_NUMBER)
                        .nearest(List.of(query), WANTED)
                        .get(0);
            }
        }

        Set<ChunkName> changed(String element) {
            return Set.of(name(element));
        }

        private static ChunkName name(String element) {
            return ChunkName.ofElement(new KeyName(0, Bytes.utf8("set")), Bytes.utf8(element));
        }

        @Override
        public void close() {
            client.shutdown();
            restored.close();
            source.close();
        }
    }
}
