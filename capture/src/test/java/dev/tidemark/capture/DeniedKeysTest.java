package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.Await;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An ACL that leaves a prefix out: its keys are seen, and may not be read. */
@ExtendWith(SharedKafka.class)
class DeniedKeysTest {
    private static final int KEYS = 1_000;
    private static final long MEASURED_SECONDS = 5;

    @Test
    void theServerIsNotAskedForThemAllTheTime(CaptureFixture fixture) {
        for (int i = 0; i < KEYS; i++) {
            fixture.commands.set("denied:" + i, "1");
        }
        fixture.redis.aclUser("backup", "pw", "~tidemark:*", "~open:*", "&*", "+@all");
        fixture.settings =
                fixture.settings.with(RedisSettings.at(fixture.redis.uri()).as("backup", Secret.of("pw")));
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        fixture.startCapture(meters);
        Counter unreadable = meters.get("tidemark.capture.late")
                .tag("cause", "key_unreadable")
                .counter();
        Await.until(CaptureFixture.SOON, () -> unreadable.count() > 2 * KEYS, "all of them to be denied twice");

        double before = unreadable.count();
        long fromMicros = fixture.redisMicros();
        Await.until(
                CaptureFixture.SOON,
                () -> fixture.redisMicros() - fromMicros > MEASURED_SECONDS * 1_000_000,
                "some time to pass");
        double asked = unreadable.count() - before;

        assertThat(asked / MEASURED_SECONDS)
                .as("keys that are asked for in a second")
                .isLessThan(KEYS / 4.0);
        fixture.redis.aclUser("backup", "pw", "~*", "&*", "+@all");
        fixture.awaitTidemarksPast(fixture.redisMicros());
        assertThat(CaptureFixture.present(fixture.logged.statesBelowTidemarks()))
                .hasSize(KEYS);
    }
}
