package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.servers.S3Endpoint;
import org.junit.jupiter.api.Test;

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
}
