package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.servers.S3Endpoint;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

class AttemptsTest {
    /** As Ctrl-C does to a command that waits for the store. */
    @Test
    void whoIsInterruptedIsNotSentToLookAtTheStore() {
        try (S3Endpoint s3 = S3Endpoint.start();
                ObjectStore store = ObjectStore.open(Stores.of(s3))) {
            assertThat(store.get("absent", 1)).isEmpty();
            Thread.currentThread().interrupt();
            try {
                assertThatThrownBy(() -> store.get("absent", 1))
                        .isInstanceOf(TidemarkError.class)
                        .hasMessage("interrupted: cannot read s3://%s/absent".formatted(s3.bucket()));
            } finally {
                // For the servers, whose end is waited for.
                Thread.interrupted();
            }
        }
    }

    @Test
    void lentCredentialsWhoseTimeIsOverAreNotTakenForTheNetwork() {
        AwsServiceException expired = AwsServiceException.builder()
                .statusCode(400)
                .awsErrorDetails(
                        AwsErrorDetails.builder().errorCode("ExpiredToken").build())
                .build();

        assertThatThrownBy(() -> new Attempts(Duration.ofSeconds(5), 3).of("read s3://b/k", timeLeft -> {
                    throw expired;
                }))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("400 ExpiredToken (1 attempt")
                .hasMessageContaining("get new ones");
        assertThat(Attempts.isAboutCredentials(expired)).isTrue();
    }

    @Test
    void aClockThatIsWrongIsNotTakenForAMissingRight() {
        AwsServiceException skewed = AwsServiceException.builder()
                .statusCode(403)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode("RequestTimeTooSkewed")
                        .build())
                .build();

        assertThatThrownBy(() -> new Attempts(Duration.ofSeconds(5), 1).of("read s3://b/k", timeLeft -> {
                    throw skewed;
                }))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("403 RequestTimeTooSkewed (1 attempt")
                .hasMessageEndingWith("set the one that is wrong");
    }

    @ParameterizedTest
    @CsvSource({
        "400, KMS.DisabledException, is disabled",
        "400, KMS.NotFoundException, does not exist",
        "403, AccessDenied, is not authorized to perform: kms:GenerateDataKey on the resource"
    })
    void aKeyThatRefusesIsNotTakenForTheNetworkOrTheBucket(int status, String code, String words) {
        AwsServiceException refused = AwsServiceException.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage(words)
                        .build())
                .build();

        assertThatThrownBy(() -> new Attempts(Duration.ofSeconds(5), 3).of("write s3://b/k", timeLeft -> {
                    throw refused;
                }))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("%d %s (1 attempt".formatted(status, code))
                .hasMessageContaining("s3.encryption.kms-key")
                .hasMessageContaining("'tidemark policy'");
    }
}
