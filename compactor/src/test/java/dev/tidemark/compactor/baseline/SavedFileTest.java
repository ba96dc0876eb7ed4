package dev.tidemark.compactor.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.schemas.redis.HostPort;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.schemas.redis.SourceDoor;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.SettableClock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a server saved is told by its own clock, which somebody may have set. */
class SavedFileTest {
    private static final int HOUR_SECONDS = 3_600;
    private static final Duration SILENCE_MAX = Duration.ofSeconds(10);

    @TempDir
    private Path directory;

    @Test
    @Timeout(60) // It waited for an hour to come again.
    void aClockThatWasSetBackBehindTheLastSaveIsNotWaitedFor() throws IOException {
        Optional<SettableClock> clock = SettableClock.in(directory);
        assumeTrue(clock.isPresent(), SettableClock.NEEDS);
        try (RedisServer server = clock.get().startServer()) {
            SourceDoor door = new SourceDoor(RedisSettings.at(server.uri()), SILENCE_MAX);
            HostPort node = new HostPort("127.0.0.1", server.port());
            try (RedisSocket redis = door.node(node)) {
                clock.get().setOffBy(HOUR_SECONDS);
                redis.call("SAVE");
                clock.get().setOffBy(0);
                assertThat(Instant.ofEpochSecond(Long.parseLong(redis.call("LASTSAVE"))))
                        .isAfter(Instant.now());
                redis.call("SET", "after", "the clock was set");
            }

            SavedFile saved = SavedFile.of(door, node, () -> {});

            try (InputStream file = saved.open(Optional.empty())) {
                assertThat(new String(file.readAllBytes(), StandardCharsets.ISO_8859_1))
                        .contains("the clock was set");
            }
        }
    }
}
