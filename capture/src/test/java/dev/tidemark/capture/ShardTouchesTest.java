package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.Beats;
import dev.tidemark.capture.proof.Coverage;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.settings.SourceKeys;
import dev.tidemark.schemas.settings.SourceSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShardTouchesTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Coverage watcher = new Coverage("node", 1, new Beats());
    private final ShardTouches touches = new ShardTouches(
            new CapturedKeys(SourceSettings.of("rag", 1)),
            new CaptureMetrics(registry, 1, () -> 0),
            new Shards(1),
            Map.of());

    /** The log could not take its row, and its shard would never get past it. */
    @Test
    void aKeyWhoseNameIsTooLongIsSetAsideAndCounted() {
        Bytes longest = Bytes.wrap(new byte[SourceKeys.NAME_BYTES_MAX]);
        Bytes tooLong = Bytes.wrap(new byte[SourceKeys.NAME_BYTES_MAX + 1]);

        touches.touched(watcher, 0, List.of(longest, tooLong, Bytes.utf8("short")), "set");
        touches.touched(watcher, -1, List.of(tooLong), "");

        assertThat(watcher.held(0)).as("touched keys that are held").isEqualTo(2);
        assertThat(registry.counter("tidemark.capture.names.too.long").count()).isEqualTo(2);
    }
}
