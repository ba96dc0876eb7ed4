package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.RedisServer.Options;
import dev.tidemark.servers.S3Endpoint;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Hashes with fields that expire, on a server that has them: those are logged as they were dumped. */
class FieldExpiryTest {
    private static final long FAR_MILLIS = 4_102_444_800_123L;

    @Test
    void smallAndLargeHashesComeBackWithTheExpiryOfEachField() {
        requireProven(true, redis -> {});
    }

    @Test
    void aFieldThatExpiresAtAnotherTimeIsFound() {
        requireProven(false, redis -> redis.redis()
                .hpexpireat(RedisContent.bytes("large"), FAR_MILLIS + 1, RedisContent.bytes("f7")));
    }

    private static void requireProven(boolean proven, Consumer<RedisContent> beforeTheProof) {
        Optional<Path> binary = newerServer();
        assumeTrue(binary.isPresent(), "TIDEMARK_MATRIX names no server whose fields expire");
        try (S3Endpoint s3 = S3Endpoint.start();
                RedisServer target = RedisServer.start(Options.defaults().withBinary(binary.get()));
                RedisContent content = new RedisContent(target.uri())) {
            Settings settings = RestoreTest.settings(s3, "fields", 1);
            try (Archive archive = Archive.open(settings.s3(), "fields")) {
                SmallSource source = new SmallSource(archive);
                for (String key : List.of("small", "large", "dying")) {
                    fill(content, key);
                    source.put(
                            key,
                            new Value.Opaque("hash", Bytes.wrap(content.redis().dump(RedisContent.bytes(key)))));
                }
                source.put("plain", new Value.Hash(List.of(new Field(Bytes.utf8("f"), Bytes.utf8("v")))));
                source.archive();
            }
            content.redis().flushall();

            RestoreReport report;
            try (Restorer restorer = Restorer.open(settings)) {
                report = restorer.restore(
                        restorer.plan(Optional.empty(), false),
                        RestoreTarget.at(target.uri()),
                        RestoreOptions.careful(),
                        progress -> {
                            if (progress.phase() == Phase.PROVING && progress.keys() == 0) {
                                beforeTheProof.accept(content);
                            }
                        });
            }

            assertThat(report.isProven()).as(report.toString()).isEqualTo(proven);
            assertThat(report.limits()).isEmpty();
            if (proven) {
                assertThat(content.redis().hpexpiretime(RedisContent.bytes("large"), RedisContent.bytes("f3")))
                        .containsExactly(FAR_MILLIS + 3);
                assertThat(content.redis().hpexpiretime(RedisContent.bytes("small"), RedisContent.bytes("f4")))
                        .containsExactly(-1L);
            }
        }
    }

    /** Fields that expire far away, soon, at once and never; of "dying" all within the second. */
    private static void fill(RedisContent content, String key) {
        byte[] name = RedisContent.bytes(key);
        int fields = key.equals("large") ? 700 : 10;
        for (int i = 0; i < fields; i++) {
            byte[] field = RedisContent.bytes("f" + i);
            content.redis().hset(name, field, RedisContent.bytes(i % 2 == 0 ? "value " + i : Integer.toString(i)));
            if (key.equals("dying")) {
                content.redis().hpexpire(name, 900, field);
            } else if (i % 4 == 3) {
                content.redis().hpexpireat(name, FAR_MILLIS + i, field);
            } else if (i % 4 == 1) {
                content.redis().hpexpire(name, i % 8 == 1 ? 100 : 60_000, field);
            }
        }
    }

    private static Optional<Path> newerServer() {
        String named = System.getenv().getOrDefault("TIDEMARK_MATRIX", "");
        return Arrays.stream(named.split(","))
                .filter(each -> each.startsWith("redis-") && !each.endsWith("="))
                .map(each -> Path.of(each.substring(each.indexOf('=') + 1)))
                .findFirst();
    }
}
