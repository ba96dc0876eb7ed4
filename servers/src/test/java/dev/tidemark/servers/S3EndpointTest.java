package dev.tidemark.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

class S3EndpointTest {
    private static final int PART_BYTES = 5 << 20;

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

    @Test
    void anObjectIsAPlainFileWithItsMetadata() {
        Map<String, String> metadata = Map.of("end-offset", "42", "claims", "x".repeat(1_900));
        String key = "prod/segments/dt=2026-11-20/hr=14/s03-g001-00000000000000000042.parquet";

        s3.putObject(
                put -> put.bucket(endpoint.bucket()).key(key).metadata(metadata), RequestBody.fromString("content"));

        HeadObjectResponse head =
                s3.headObject(get -> get.bucket(endpoint.bucket()).key(key));
        assertThat(head.metadata()).isEqualTo(metadata);
        assertThat(head.contentLength()).isEqualTo(7);
        assertThat(text(s3, endpoint, key)).isEqualTo("content");
        assertThat(endpoint.directory().resolve(endpoint.bucket()).resolve(key)).hasContent("content");
    }

    @Test
    void aRangeOfAnObjectIsRead() {
        put(s3, endpoint, "ranged", "0123456789");

        String middle = s3.getObjectAsBytes(
                        get -> get.bucket(endpoint.bucket()).key("ranged").range("bytes=3-5"))
                .asUtf8String();

        assertThat(middle).isEqualTo("345");
    }

    @Test
    void aCreateOnlyPutIsRefusedWhereSomethingIs() {
        createOnly(s3, endpoint, "slot/taken", "first");

        assertThatThrownBy(() -> createOnly(s3, endpoint, "slot/taken", "second"))
                .isInstanceOfSatisfying(S3Exception.class, refused -> assertThat(refused.statusCode())
                        .isEqualTo(412));
        assertThat(text(s3, endpoint, "slot/taken")).isEqualTo("first");
    }

    @Test
    void ofTwentyWhoRaceForASlotOneWins() throws Exception {
        int racers = 20;
        ExecutorService threads = Executors.newFixedThreadPool(racers);
        try {
            for (int round = 0; round < 5; round++) {
                String key = "race/" + round;
                CountDownLatch start = new CountDownLatch(1);
                List<Future<Integer>> results = new ArrayList<>();
                for (int racer = 0; racer < racers; racer++) {
                    String content = "racer " + racer;
                    results.add(threads.submit(() -> {
                        start.await();
                        return createStatus(key, content);
                    }));
                }

                start.countDown();
                List<Integer> statuses = new ArrayList<>();
                for (Future<Integer> result : results) {
                    statuses.add(result.get(30, TimeUnit.SECONDS));
                }

                int winner = statuses.indexOf(200);
                assertThat(statuses).containsOnlyOnce(200).containsOnly(200, 412);
                assertThat(text(s3, endpoint, key)).isEqualTo("racer " + winner);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aListingKnowsPrefixDelimiterStartAndPages() {
        for (String key : List.of("list/a/1", "list/a/2", "list/b/1", "list/c", "list/d")) {
            put(s3, endpoint, key, "");
        }

        ListObjectsV2Response folders = s3.listObjectsV2(
                list -> list.bucket(endpoint.bucket()).prefix("list/").delimiter("/"));
        ListObjectsV2Response after = s3.listObjectsV2(
                list -> list.bucket(endpoint.bucket()).prefix("list/").startAfter("list/a/2"));
        List<String> paged = s3
                .listObjectsV2Paginator(
                        list -> list.bucket(endpoint.bucket()).prefix("list/").maxKeys(2))
                .contents()
                .stream()
                .map(S3Object::key)
                .toList();

        assertThat(folders.commonPrefixes().stream().map(CommonPrefix::prefix)).containsExactly("list/a/", "list/b/");
        assertThat(folders.contents().stream().map(S3Object::key)).containsExactly("list/c", "list/d");
        assertThat(after.contents().stream().map(S3Object::key)).containsExactly("list/b/1", "list/c", "list/d");
        assertThat(paged).containsExactly("list/a/1", "list/a/2", "list/b/1", "list/c", "list/d");
    }

    @Test
    void aMultipartUploadShowsWhenItIsComplete() {
        String bucket = endpoint.bucket();
        String upload = s3.createMultipartUpload(create -> create.bucket(bucket).key("parts"))
                .uploadId();
        List<CompletedPart> parts = new ArrayList<>();
        for (int number = 1; number <= 2; number++) {
            int part = number;
            String tag = s3.uploadPart(
                            each -> each.bucket(bucket)
                                    .key("parts")
                                    .uploadId(upload)
                                    .partNumber(part),
                            RequestBody.fromBytes(new byte[part == 1 ? PART_BYTES : 3]))
                    .eTag();
            parts.add(CompletedPart.builder().partNumber(part).eTag(tag).build());
        }
        assertThat(s3.listObjectsV2(list -> list.bucket(bucket).prefix("parts")).contents())
                .isEmpty();

        s3.completeMultipartUpload(complete ->
                complete.bucket(bucket).key("parts").uploadId(upload).multipartUpload(all -> all.parts(parts)));

        assertThat(s3.headObject(head -> head.bucket(bucket).key("parts")).contentLength())
                .isEqualTo(PART_BYTES + 3);
    }

    @Test
    void strangersAreRefused() {
        S3Endpoint.Options wrong = S3Endpoint.Options.defaults();
        try (S3Client stranger = S3Clients.to(endpoint, endpoint.accessKey(), wrong.secretKey())) {
            assertThatThrownBy(() -> put(stranger, endpoint, "foreign", "x"))
                    .isInstanceOfSatisfying(S3Exception.class, refused -> assertThat(refused.statusCode())
                            .isEqualTo(403));
        }
        assertThat(wrong.toString()).doesNotContain(wrong.secretKey());
    }

    @Test
    void startedAgainItHasItsObjectsUnderTheSameAddressAndCredentials(@TempDir Path directory) {
        S3Endpoint first = S3Endpoint.start(S3Endpoint.Options.defaults().withDirectory(directory));
        S3Endpoint.Options again = first.sameAgain();
        try (S3Client client = S3Clients.to(first)) {
            client.putObject(
                    put -> put.bucket(first.bucket()).key("k").metadata(Map.of("m", "1")),
                    RequestBody.fromString("kept"));
            first.close();
            assertThatThrownBy(() -> text(client, first, "k")).isInstanceOf(SdkClientException.class);

            try (S3Endpoint second = S3Endpoint.start(again)) {
                assertThat(second.uri()).isEqualTo(first.uri());
                assertThat(text(client, second, "k")).isEqualTo("kept");
                assertThat(client.headObject(
                                        head -> head.bucket(second.bucket()).key("k"))
                                .metadata())
                        .containsEntry("m", "1");
            }
        }
    }

    @Test
    void downRefusesAndUpServesAgain() {
        put(s3, endpoint, "updown", "x");

        endpoint.down();
        assertThatThrownBy(() -> text(s3, endpoint, "updown")).isInstanceOf(SdkClientException.class);
        endpoint.up();

        assertThat(text(s3, endpoint, "updown")).isEqualTo("x");
    }

    @Test
    void aBadNetworkCanBePutBeforeIt() {
        try (FaultProxy proxy = FaultProxy.before("127.0.0.1", endpoint.port());
                S3Client client = S3Clients.to(proxy.uri("http"), endpoint.accessKey(), endpoint.secretKey())) {
            put(client, endpoint, "proxied", "x");
            assertThat(text(client, endpoint, "proxied")).isEqualTo("x");

            proxy.refuse();
            proxy.cut();

            assertThatThrownBy(() -> text(client, endpoint, "proxied")).isInstanceOf(SdkClientException.class);
        }
    }

    private static int createStatus(String key, String content) {
        try {
            createOnly(s3, endpoint, key, content);
            return 200;
        } catch (S3Exception refused) {
            return refused.statusCode();
        }
    }

    static void put(S3Client client, S3Endpoint endpoint, String key, String content) {
        client.putObject(put -> put.bucket(endpoint.bucket()).key(key), RequestBody.fromString(content));
    }

    static void createOnly(S3Client client, S3Endpoint endpoint, String key, String content) {
        client.putObject(
                put -> put.bucket(endpoint.bucket()).key(key).ifNoneMatch("*"), RequestBody.fromString(content));
    }

    static String text(S3Client client, S3Endpoint endpoint, String key) {
        return client.getObjectAsBytes(get -> get.bucket(endpoint.bucket()).key(key))
                .asString(StandardCharsets.UTF_8);
    }
}
