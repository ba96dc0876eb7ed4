package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Checksums;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectStoreTest {
    private static S3Endpoint s3;
    private static ObjectStore store;

    @BeforeAll
    static void start() {
        s3 = S3Endpoint.start();
        store = ObjectStore.open(Stores.of(s3));
    }

    @AfterAll
    static void stop() {
        store.close();
        s3.close();
    }

    @AfterEach
    void heal() {
        s3.faults().clear();
    }

    @Test
    void aKeyIsWonOnce() {
        assertThat(store.create("once", body("mine"), Map.of())).isEqualTo(Creation.CREATED);

        assertThat(store.create("once", body("other"), Map.of())).isEqualTo(Creation.EXISTS);

        assertThat(read("once")).isEqualTo("mine");
    }

    @Test
    void ofManyWritersThatRaceOneWinsAndAllOthersAreTold() throws Exception {
        int writers = 20;
        ExecutorService threads = Executors.newFixedThreadPool(writers);
        CyclicBarrier start = new CyclicBarrier(writers);
        List<Callable<Creation>> races = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            String content = "writer " + i;
            races.add(() -> {
                try (ObjectStore own = ObjectStore.open(Stores.of(s3))) {
                    start.await(120, TimeUnit.SECONDS);
                    return own.create("race", body(content), Map.of());
                }
            });
        }

        List<Creation> outcomes = new ArrayList<>();
        for (Future<Creation> each : threads.invokeAll(races)) {
            outcomes.add(each.get());
        }
        threads.shutdown();

        assertThat(outcomes).containsOnlyOnce(Creation.CREATED).hasSize(writers);
    }

    @Test
    void aLostAnswerIsReadBackAndNotTakenForALostRace() {
        Injection lost = s3.faults().loseAnswers(1, S3Requests.puts().under("lost-answer"));

        assertThat(store.create("lost-answer", body("mine"), Map.of())).isEqualTo(Creation.CREATED);

        assertThat(lost.hits()).isEqualTo(1);
        assertThat(read("lost-answer")).isEqualTo("mine");
    }

    @Test
    void aLostAnswerToALostRaceIsALostRace() {
        store.create("lost-race", body("theirs"), Map.of());
        Injection lost = s3.faults().loseAnswers(1, S3Requests.puts().under("lost-race"));

        assertThat(store.create("lost-race", body("mine"), Map.of())).isEqualTo(Creation.EXISTS);

        assertThat(lost.hits()).isEqualTo(1);
    }

    @Test
    void everyAnswerOfTheStoreIsOverheard() {
        List<PutAnswer> answers = new ArrayList<>();
        s3.faults().failNext(1, 409, S3Requests.puts().under("overheard"));

        store.create("overheard", body("mine"), Map.of(), answers::add);
        store.create("overheard", body("other"), Map.of(), answers::add);
        s3.faults().failNext(1, 500, S3Requests.puts().under("overheard-2"));
        store.create("overheard-2", body("mine"), Map.of(), answers::add);

        assertThat(answers)
                .containsExactly(
                        PutAnswer.CONFLICT, PutAnswer.ACCEPTED, PutAnswer.TAKEN, PutAnswer.UNKNOWN, PutAnswer.ACCEPTED);
    }

    @Test
    void theSameBytesOfAnotherWriterAreNotOurs() {
        try (ObjectStore other = ObjectStore.open(Stores.of(s3))) {
            other.create("same-bytes", body("same"), Map.of());

            assertThat(store.create("same-bytes", body("same"), Map.of())).isEqualTo(Creation.EXISTS);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {409, 500, 503, 429})
    void aRefusalThatPassesIsTriedAgain(int status) {
        String key = "passes-" + status;
        Injection refusals = s3.faults().failNext(2, status, S3Requests.puts().under(key));

        assertThat(store.create(key, body("mine"), Map.of())).isEqualTo(Creation.CREATED);

        assertThat(refusals.hits()).isEqualTo(2);
        assertThat(read(key)).isEqualTo("mine");
    }

    @Test
    void aLostRequestIsMadeAgain() {
        Injection lost = s3.faults().loseRequests(2, S3Requests.puts().under("lost-request"));

        assertThat(store.create("lost-request", body("mine"), Map.of())).isEqualTo(Creation.CREATED);

        assertThat(lost.hits()).isEqualTo(2);
    }

    @Test
    void everyVerbOutlivesRefusals() throws Exception {
        store.put("verbs/a", body("a"), Map.of("x", "1"));
        Injection refusals = s3.faults().failNext(4, 503, S3Requests.all());

        assertThat(read("verbs/a")).isEqualTo("a");
        assertThat(store.head("verbs/a")).isPresent();
        store.list("verbs/", Optional.empty())
                .forEachRemaining(key -> assertThat(key).isEqualTo("verbs/a"));
        store.put("verbs/a", body("b"), Map.of());

        assertThat(refusals.hits()).isEqualTo(4);
    }

    @Test
    void attemptsAreBoundedAndTheErrorSaysWhatIsSafe() {
        Injection refusals = s3.faults().failNext(1_000, 503, S3Requests.puts().under("bounded"));

        assertThatThrownBy(() -> store.create("bounded", body("mine"), Map.of()))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("s3://" + s3.bucket() + "/bounded")
                .hasMessageContaining("503")
                .hasMessageContaining("stays readable")
                .satisfies(e -> assertThat(((TidemarkError) e).code().number()).isEqualTo(7));
        assertThat(refusals.hits()).isEqualTo(5);
        assertThat(store.head("bounded")).isEmpty();
    }

    @Test
    void aStoreThatAnswersTooLateIsGivenUpAtTheDeadline() {
        s3.faults().delay(Duration.ofSeconds(60), S3Requests.puts().under("late"));
        long began = System.nanoTime();

        try (ObjectStore hasty =
                ObjectStore.open(Stores.of(s3, s3.uri(), Duration.ofSeconds(2), 10, Checksums.WHEN_SUPPORTED))) {
            assertThatThrownBy(() -> hasty.create("late", body("mine"), Map.of()))
                    .isInstanceOf(TidemarkError.class);
        }

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void aConnectionThatFallsSilentIsGivenUpAndTheRequestMadeOnAnother() throws Exception {
        try (FaultProxy proxy = FaultProxy.before("127.0.0.1", s3.port());
                ObjectStore own = ObjectStore.open(Stores.of(
                        s3,
                        URI.create("http://127.0.0.1:" + proxy.port()),
                        Duration.ofSeconds(4),
                        5,
                        Checksums.WHEN_SUPPORTED))) {
            own.create("silent/a", body("a"), Map.of());
            proxy.blackHole();
            assertThatThrownBy(() -> own.create("silent/b", body("b"), Map.of()))
                    .isInstanceOf(TidemarkError.class);
            proxy.heal();

            assertThat(own.create("silent/c", body("c"), Map.of())).isEqualTo(Creation.CREATED);
        }
    }

    @Test
    void aRefusedUserIsToldAtOnce() {
        Injection refusal = s3.faults().failNext(10, 403, S3Requests.puts().under("forbidden"));

        assertThatThrownBy(() -> store.put("forbidden", body("x"), Map.of()))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("rights");
        assertThat(refusal.hits()).isEqualTo(1);
    }

    @Test
    void aStoreThatDoesNotKnowTheChecksumsIsToldByItsSetting() {
        s3.faults().failNext(10, 400, S3Requests.puts().under("checksums"));

        assertThatThrownBy(() -> store.put("checksums", body("x"), Map.of()))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("400 XAmzContentSHA256Mismatch")
                .hasMessageContaining("s3.checksums: when-required");
    }

    @Test
    void whatIsNotThereIsEmptyButAMissingBucketIsAnError() throws Exception {
        assertThat(store.get("nowhere", 10)).isEmpty();
        assertThat(store.head("nowhere")).isEmpty();
        assertThat(store.getRange("nowhere", 0, 5)).isEmpty();

        s3.faults().clear();
        try (ObjectStore elsewhere = ObjectStore.open(new S3Settings(
                "no-such-bucket",
                "",
                Stores.of(s3).endpoint(),
                "us-east-1",
                true,
                Stores.of(s3).accessKeyId(),
                Stores.of(s3).secretAccessKey(),
                Optional.empty(),
                Checksums.WHEN_SUPPORTED,
                Duration.ofSeconds(5),
                2))) {
            assertThatThrownBy(() -> elsewhere.get("key", 10)).isInstanceOf(TidemarkError.class);
            assertThatThrownBy(() -> elsewhere.list("", Optional.empty())).isInstanceOf(TidemarkError.class);
        }
    }

    @Test
    void readsAreBoundedAndMayBePartial() {
        store.put("ten", body("0123456789"), Map.of());

        assertThat(store.getRange("ten", 3, 4).map(bytes -> new String(bytes, StandardCharsets.UTF_8)))
                .contains("3456");
        assertThat(store.getRange("ten", 10, 4))
                .hasValueSatisfying(rest -> assertThat(rest).isEmpty());
        assertThat(store.get("ten", 10)).isPresent();
        assertThatThrownBy(() -> store.get("ten", 9)).isInstanceOf(TidemarkError.class);
    }

    @Test
    void listingsGoThroughAllPagesInOrder() throws Exception {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 1_050; i++) {
            keys.add("pages/%04d".formatted(i));
        }
        try (HeadRequests many = new HeadRequests()) {
            many.of(keys, key -> {
                store.put(key, body(""), Map.of());
                return key;
            });
        }

        assertThat(store.list("pages/", Optional.empty())).toIterable().containsExactlyElementsOf(keys);
        assertThat(store.list("pages/", Optional.of("pages/0007")))
                .toIterable()
                .containsExactlyElementsOf(keys.subList(8, keys.size()));
    }

    @Test
    void aBodyOfManyBlocksArrivesWholeWithOrWithoutChecksums() throws Exception {
        byte[] bytes = new byte[(5 << 20) + 17];
        new Random(3).nextBytes(bytes);
        ObjectBody.Sink sink = new ObjectBody.Sink();
        for (int from = 0; from < bytes.length; from += 777_777) {
            sink.write(bytes, from, Math.min(777_777, bytes.length - from));
        }
        ObjectBody body = sink.body();

        try (ObjectStore plain =
                ObjectStore.open(Stores.of(s3, s3.uri(), Duration.ofSeconds(20), 3, Checksums.WHEN_REQUIRED))) {
            for (ObjectStore each : List.of(store, plain)) {
                String key = "blocks-" + (each == plain);
                Injection lost = s3.faults().loseAnswers(1, S3Requests.puts().under(key));
                assertThat(each.create(key, body, Map.of())).isEqualTo(Creation.CREATED);
                assertThat(lost.hits()).isEqualTo(1);
                assertThat(each.get(key, bytes.length))
                        .hasValueSatisfying(read -> assertThat(read).isEqualTo(bytes));
            }
        }
    }

    @Test
    void theProbePassesAStoreThatHasConditionalWritesAsOftenAsItIsAsked() {
        store.probeCreateOnly("probe");
        store.probeCreateOnly("probe");

        assertThat(store.head("probe")).isEmpty();
    }

    @Test
    void theProbeNeedsNoRightToDelete() {
        Injection refusals = s3.faults().failNext(100, 403, S3Requests.of("DELETE"));

        store.probeCreateOnly("probe-undeletable");
        try (ObjectStore other = ObjectStore.open(Stores.of(s3))) {
            other.probeCreateOnly("probe-undeletable");
        }

        assertThat(refusals.hits()).isEqualTo(1);
    }

    @Test
    void manyMayProbeAtOnce() throws Exception {
        int probers = 12;
        ExecutorService threads = Executors.newFixedThreadPool(probers);
        List<Callable<Boolean>> probes = new ArrayList<>();
        for (int i = 0; i < probers; i++) {
            probes.add(() -> {
                try (ObjectStore own = ObjectStore.open(Stores.of(s3))) {
                    for (int round = 0; round < 10; round++) {
                        own.probeCreateOnly("probe-together");
                    }
                    return true;
                }
            });
        }

        for (Future<Boolean> each : threads.invokeAll(probes)) {
            assertThat(each.get()).isTrue();
        }
        threads.shutdown();
    }

    @Test
    void theProbeRefusesAStoreWhereTheLastWriterWins() throws Exception {
        try (OldStore old = new OldStore();
                ObjectStore own = ObjectStore.open(
                        Stores.of(s3, old.uri(), Duration.ofSeconds(5), 3, Checksums.WHEN_SUPPORTED))) {
            assertThatThrownBy(() -> own.probeCreateOnly("probe"))
                    .isInstanceOf(TidemarkError.class)
                    .hasMessageContaining("If-None-Match")
                    .satisfies(
                            e -> assertThat(((TidemarkError) e).code().number()).isEqualTo(7));
        }
    }

    private static ObjectBody body(String text) {
        return ObjectBody.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String read(String key) {
        return new String(store.get(key, 1_000).orElseThrow(), StandardCharsets.UTF_8);
    }
}
