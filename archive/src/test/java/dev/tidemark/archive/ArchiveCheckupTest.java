package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.tidemark.schemas.checkup.Finding;
import dev.tidemark.schemas.checkup.Finding.State;
import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.checkup.Mend.Place;
import dev.tidemark.schemas.settings.Checksums;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Requests;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ArchiveCheckupTest {
    private static final String SOURCE = "prod-rag";

    private S3Endpoint s3;

    @BeforeEach
    void start() {
        s3 = S3Endpoint.start();
    }

    @AfterEach
    void stop() {
        s3.close();
    }

    @Test
    void aStoreThatDoesAllIsInOrderAndHoldsNothingAfterwards() {
        List<Finding> found = examine(Stores.of(s3));

        assertThat(wanting(found)).isEmpty();
        assertThat(found)
                .extracting(Finding::check)
                .containsExactly(
                        "compression",
                        "reachable",
                        "list",
                        "put",
                        "encryption",
                        "get",
                        "create-only put",
                        "multipart",
                        "create-only multipart",
                        "multipart abort",
                        "multipart list",
                        "delete");
        assertThat(found.toString()).doesNotContain(s3.secretKey());
        assertThat(objects()).isEmpty();
    }

    @Test
    void aBucketThatIsAbsentIsToBeCreated() {
        S3Settings other = S3Settings.at(s3.uri(), "elsewhere", s3.accessKey(), Secret.of(s3.secretKey()));

        assertThat(wanting(examine(other))).singleElement().satisfies(finding -> {
            assertThat(finding.check()).isEqualTo("bucket");
            assertThat(finding.mend().orElseThrow().line())
                    .isEqualTo(
                            "aws s3api create-bucket --bucket elsewhere --region us-east-1 --endpoint-url " + s3.uri());
        });
    }

    @Test
    void aWrongSecretIsAboutCredentials() {
        S3Settings wrong = S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of("hunter2"));

        List<Finding> found = examine(wrong);

        assertThat(wanting(found)).extracting(Finding::check).containsExactly("credentials");
        assertThat(found.toString()).doesNotContain("hunter2");
    }

    /** As Amazon S3 documents it; the store of the tests lends none. */
    @Test
    void lentCredentialsWhoseTimeIsOverAreAboutCredentials() throws IOException {
        byte[] answer = "<Error><Code>ExpiredToken</Code></Error>".getBytes(StandardCharsets.US_ASCII);
        HttpServer lender = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4);
        lender.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(400, answer.length);
                exchange.getResponseBody().write(answer);
            }
        });
        lender.start();
        try {
            URI uri = URI.create("http://127.0.0.1:" + lender.getAddress().getPort());

            assertThat(wanting(examine(Stores.of(s3, uri, Duration.ofSeconds(5), 1, Checksums.WHEN_SUPPORTED))))
                    .extracting(Finding::check)
                    .containsExactly("credentials");
        } finally {
            lender.stop(0);
        }
    }

    @Test
    void writesThatAreRefusedAreNamedWithTheStatementThatAllowsThem() {
        s3.faults().failRatio(1, 403, S3Requests.puts());

        List<Finding> found = examine(Stores.of(s3));

        assertThat(wanting(found)).extracting(Finding::check).containsExactly("put", "create-only put", "multipart");
        assertThat(wanting(found).get(0).mend().orElseThrow())
                .satisfies(mend -> assertThat(mend.place()).isEqualTo(Place.IAM_POLICY))
                .satisfies(mend -> assertThat(mend.line())
                        .isEqualTo(
                                "{\"Effect\":\"Allow\",\"Action\":\"s3:PutObject\",\"Resource\":\"arn:aws:s3:::%s/*\"}"
                                        .formatted(s3.bucket())));
        s3.faults().clear();
        assertThat(objects()).isEmpty();
    }

    @Test
    void aRefusedDeleteIsAWarningThatNamesWhatWasLeftBehind() {
        s3.faults().failRatio(1, 403, S3Requests.of("DELETE"));

        Finding delete = finding(examine(Stores.of(s3)), "delete");

        s3.faults().clear();
        assertThat(delete.state()).isEqualTo(State.WARNING);
        assertThat(objects()).hasSize(3).allSatisfy(key -> assertThat(delete.found())
                .contains(key));
    }

    @Test
    void refusedReadsAreNamed() {
        s3.faults().failRatio(1, 403, S3Requests.gets());

        List<Finding> found = examine(Stores.of(s3));

        assertThat(wanting(found)).extracting(Finding::check).containsExactly("list", "get", "multipart list");
        assertThat(finding(found, "multipart list"))
                .satisfies(each -> assertThat(each.state()).isEqualTo(State.WARNING))
                .satisfies(each -> assertThat(each.mend().orElseThrow().line())
                        .contains("s3:ListBucketMultipartUploads", "arn:aws:s3:::%s\"".formatted(s3.bucket())));
        s3.faults().clear();
        assertThat(objects()).isEmpty();
    }

    @Test
    void aStoreThatIgnoresTheConditionIsFound() throws IOException {
        try (OldStore old = new OldStore()) {
            S3Settings settings = Stores.of(s3, old.uri(), Duration.ofSeconds(5), 1, Checksums.WHEN_SUPPORTED);

            assertThat(finding(examine(settings), "create-only put"))
                    .satisfies(each -> assertThat(each.state()).isEqualTo(State.MISSING))
                    .satisfies(each -> assertThat(each.found()).contains("ignores If-None-Match:"));
        }
    }

    @Test
    void aBucketWithVersionsWhereTheConditionIsIgnoredIsNotTakenForTheWholeStore() throws IOException {
        try (OldStore old = new OldStore(true)) {
            S3Settings settings = Stores.of(s3, old.uri(), Duration.ofSeconds(5), 1, Checksums.WHEN_SUPPORTED);

            assertThat(finding(examine(settings), "create-only put"))
                    .satisfies(each -> assertThat(each.state()).isEqualTo(State.MISSING))
                    .satisfies(each -> assertThat(each.found()).contains("in this bucket, which keeps versions"))
                    .satisfies(each -> assertThat(each.mend().orElseThrow().line())
                            .contains("use a bucket that keeps no versions"));
        }
    }

    @Test
    void aStoreThatIgnoresTheConditionOfAnUploadInPartsIsWarnedOf() throws IOException {
        try (OldStore old = new OldStore()) {
            S3Settings settings = Stores.of(s3, old.uri(), Duration.ofSeconds(5), 1, Checksums.WHEN_SUPPORTED);

            assertThat(finding(examine(settings), "create-only multipart"))
                    .satisfies(each -> assertThat(each.state()).isEqualTo(State.WARNING))
                    .satisfies(each -> assertThat(each.found()).contains("ignores If-None-Match when"));
        }
    }

    @Test
    void aStoreThatDoesNotKnowTheChecksumsIsToldInTheSettingsAndNotByARight() {
        s3.faults().failRatio(1, 400, S3Requests.puts());

        assertThat(wanting(examine(Stores.of(s3))))
                .extracting(Finding::check)
                .containsExactly("put", "create-only put", "multipart");
        assertThat(wanting(examine(Stores.of(s3))))
                .allSatisfy(each -> assertThat(each.mend().orElseThrow())
                        .satisfies(mend -> assertThat(mend.place()).isEqualTo(Place.TIDEMARK_YML))
                        .satisfies(mend -> assertThat(mend.line()).isEqualTo("s3.checksums: when-required")));
    }

    @Test
    void whatABucketWithVersionsHidesIsNotCalledGone() {
        s3.faults().hideDeleted(S3Requests.of("DELETE"));

        assertThat(finding(examine(Stores.of(s3)), "delete").found())
                .isEqualTo("allowed; the bucket keeps versions: 3 probes are hidden and not gone");
    }

    @Test
    void aStoreThatIsAwayOrSilentIsAFindingInBoundedTime() {
        URI nobody = URI.create("http://127.0.0.1:" + FreePort.next());
        Instant began = Instant.now();

        assertThat(wanting(examine(Stores.of(s3, nobody, Duration.ofSeconds(30), 5, Checksums.WHEN_SUPPORTED))))
                .extracting(Finding::check)
                .containsExactly("reachable");
        s3.faults().delay(Duration.ofMinutes(2), S3Requests.all());
        assertThat(wanting(examine(Stores.of(s3)))).extracting(Finding::check).containsExactly("reachable");

        assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(18));
    }

    private static List<Finding> examine(S3Settings settings) {
        Findings findings = Findings.of("s3", "s3://" + settings.bucket());
        new ArchiveCheckup(settings, SOURCE, findings).run();
        return findings.soFar();
    }

    private static List<Finding> wanting(List<Finding> found) {
        return found.stream().filter(each -> each.mend().isPresent()).toList();
    }

    private static Finding finding(List<Finding> found, String check) {
        return found.stream()
                .filter(each -> each.check().equals(check))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no finding about " + check + " in " + found));
    }

    private List<String> objects() {
        List<String> keys = new ArrayList<>();
        try (ObjectStore store = ObjectStore.open(Stores.of(s3))) {
            store.list("", Optional.empty()).forEachRemaining(keys::add);
        }
        return keys;
    }
}
