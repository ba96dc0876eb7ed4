package dev.tidemark.servers;

import static dev.tidemark.servers.S3EndpointTest.createOnly;
import static dev.tidemark.servers.S3EndpointTest.put;
import static dev.tidemark.servers.S3EndpointTest.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3FaultsTest {
    private static S3Endpoint endpoint;
    private static S3Client s3;

    @BeforeAll
    static void start() {
        endpoint = S3Endpoint.start();
        s3 = S3Clients.to(endpoint);
    }

    @AfterAll
    static void stop() {
        s3.close();
        endpoint.close();
    }

    @AfterEach
    void clear() {
        endpoint.faults().clear();
    }

    @ParameterizedTest
    @ValueSource(ints = {409, 500, 503})
    void theNextRequestsAreRefusedAndNotCarriedOut(int status) {
        String key = "refused/" + status;
        S3Faults.Injection fault = endpoint.faults().failNext(2, status, S3Requests.puts());

        assertStatus(status, () -> put(s3, endpoint, key, "x"));
        assertThatThrownBy(() -> text(s3, endpoint, key)).isInstanceOf(NoSuchKeyException.class);
        assertStatus(status, () -> put(s3, endpoint, key, "x".repeat(1 << 20)));
        put(s3, endpoint, key, "third");

        assertThat(text(s3, endpoint, key)).isEqualTo("third");
        assertThat(fault.hits()).isEqualTo(2);
        assertThat(fault.isUsedUp()).isTrue();
    }

    @Test
    void aLostAnswerLeavesTheObjectThere() {
        S3Faults.Injection fault = endpoint.faults().loseAnswers(1, S3Requests.puts());

        assertThatThrownBy(() -> createOnly(s3, endpoint, "lost/answer", "there"))
                .isInstanceOf(SdkClientException.class);

        assertThat(fault.hits()).isEqualTo(1);
        assertThat(text(s3, endpoint, "lost/answer")).isEqualTo("there");
        assertStatus(412, () -> createOnly(s3, endpoint, "lost/answer", "again"));
    }

    @Test
    void theAnswerOfAReadIsLostToo() {
        put(s3, endpoint, "lost/read", "x".repeat(300_000));
        endpoint.faults().loseAnswers(1, S3Requests.gets().under("lost/"));

        assertThatThrownBy(() -> text(s3, endpoint, "lost/read")).isInstanceOf(SdkClientException.class);

        assertThat(text(s3, endpoint, "lost/read")).hasSize(300_000);
    }

    @Test
    void aLostRequestLeavesNothing() {
        endpoint.faults().loseRequests(1, S3Requests.puts());

        assertThatThrownBy(() -> put(s3, endpoint, "lost/request", "x")).isInstanceOf(SdkClientException.class);

        assertThatThrownBy(() -> text(s3, endpoint, "lost/request")).isInstanceOf(NoSuchKeyException.class);
    }

    @Test
    void onlyWhatMatchesIsMet() {
        endpoint.faults().failNext(100, 500, S3Requests.puts().under("source/segments/"));
        S3Faults.Injection listings =
                endpoint.faults().failNext(1, 503, S3Requests.gets().under("source/_progress/"));

        put(s3, endpoint, "source/blobs/1", "x");
        assertThat(text(s3, endpoint, "source/blobs/1")).isEqualTo("x");
        assertStatus(500, () -> put(s3, endpoint, "source/segments/a=b c", "x"));
        assertStatus(
                503,
                () -> s3.listObjectsV2(list -> list.bucket(endpoint.bucket()).prefix("source/_progress/")));

        assertThat(listings.hits()).isEqualTo(1);
    }

    @Test
    void aRatioFailsSomeAndNotAll() {
        S3Faults.Injection fault = endpoint.faults().failRatio(0.5, 503, S3Requests.puts());
        int refused = 0;
        for (int i = 0; i < 60; i++) {
            try {
                put(s3, endpoint, "ratio/" + i, "x");
            } catch (S3Exception slowDown) {
                refused++;
            }
        }

        assertThat(refused).isBetween(10, 50);
        assertThat(fault.hits()).isEqualTo(refused);
    }

    @Test
    void aDelayHoldsARequestUntilItIsOver() {
        Duration delay = Duration.ofMillis(400);
        endpoint.faults().delay(delay, S3Requests.puts());
        long start = System.nanoTime();

        put(s3, endpoint, "delayed/1", "x");

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(delay);
    }

    @Test
    void endingADelayLetsTheRequestGoOn() throws Exception {
        S3Faults.Injection delay = endpoint.faults().delay(Duration.ofMinutes(5), S3Requests.puts());
        CompletableFuture<Void> held = CompletableFuture.runAsync(() -> put(s3, endpoint, "delayed/2", "x"));
        Await.until(Duration.ofSeconds(60), () -> delay.hits() == 1, "the request is held");
        assertThatThrownBy(() -> text(s3, endpoint, "delayed/2")).isInstanceOf(NoSuchKeyException.class);

        delay.close();

        held.get(10, TimeUnit.SECONDS);
        assertThat(text(s3, endpoint, "delayed/2")).isEqualTo("x");
    }

    private static void assertStatus(int status, ThrowingCallable request) {
        assertThatThrownBy(request)
                .isInstanceOfSatisfying(S3Exception.class, refused -> assertThat(refused.statusCode())
                        .isEqualTo(status));
    }
}
