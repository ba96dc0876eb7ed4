package dev.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.servers.BundledRedis;
import dev.tidemark.servers.RedisBinary;
import org.junit.jupiter.api.Test;

class SoakGroundTest {
    @Test
    void aServerThatDoesNotTellExpiriesExactlyIsRefused() {
        RedisBinary older = BundledRedis.extract().orElseThrow();

        assertThatThrownBy(() -> SoakGround.requireExactExpiries(older))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining(older.version())
                .hasMessageContaining("7.0 or later");
    }
}
