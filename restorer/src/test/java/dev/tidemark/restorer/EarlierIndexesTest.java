package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A baseline holds no search index; those that the log named shortly before it are restored all the same. */
class EarlierIndexesTest {
    private static final String NAME = "earlier-indexes";
    private static final String CHUNKS = RecordedSearch.CHUNKS;
    private static final int ROWS_A_SEGMENT = 20;

    private S3Endpoint s3;
    private RedisServer saving;
    private Settings settings;
    private GeneratedSource source;
    private int definedAt;

    @BeforeEach
    void backUp() throws IOException {
        s3 = S3Endpoint.start();
        saving = RedisServer.start();
        settings = RestoreTest.settings(s3, NAME, 1);
        source = new GeneratedSource(53, 1, 20, 300, List.of());
        Instant taken = source.between(0.5);
        // Named again and dropped before the baseline, and named before it; and dropped when it had begun.
        define("gone", CHUNKS, 0.1);
        define("gone", "", 0.2);
        definedAt = define("chunks", CHUNKS, 0.3);
        define("later", CHUNKS, 0.4);
        define("later", "", 0.9);
        try (Archive archive = Archive.open(settings.s3(), NAME);
                RedisContent content = new RedisContent(saving.uri())) {
            source.archive(archive, ROWS_A_SEGMENT);
            try (Restorer restorer = Restorer.open(settings)) {
                restorer.restore(
                        restorer.plan(Optional.of(taken), false),
                        RestoreTarget.at(saving.uri()),
                        RestoreOptions.careful(),
                        RestoreListener.silent());
            }
            content.redis().save();
            byte[] rdb = Files.readAllBytes(saving.directory().resolve("dump.rdb"));
            SavedBaseline.publish(archive, rdb, taken, content.redis().dbsize());
        }
    }

    /** Empty when it is dropped. */
    private int define(String index, String command, double share) {
        return source.define(share, Definitions.INDEX + index, Bytes.utf8(command));
    }

    @AfterEach
    void stop() {
        saving.close();
        s3.close();
    }

    @Test
    void anIndexThatWasNamedBeforeTheBaselineIsInForceAfterIt() throws InterruptedException {
        try (Restorer restorer = Restorer.open(settings);
                RestoreRun run = run(restorer)) {
            assertThat(run.plan().baseline()).isPresent();
            assertThat(run.plan().shards().get(0).plan().from()).isGreaterThan(definedAt);

            assertThat(indexes(run)).containsExactly(Definitions.INDEX + "chunks");
            assertThat(run.notes()).isEmpty();
        }
    }

    @Test
    void aFileBeforeTheBaselineThatIsDamagedStopsNoRestore() throws IOException, InterruptedException {
        try (Restorer restorer = Restorer.open(settings);
                RestoreRun run = run(restorer)) {
            Path file = s3.directory()
                    .resolve(s3.bucket())
                    .resolve(NAME)
                    .resolve(run.plan().beforeBaseline().stream()
                            .filter(part -> part.from() <= definedAt && definedAt < part.to())
                            .findFirst()
                            .orElseThrow()
                            .path());
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 1;
            Files.write(file, bytes);

            assertThat(indexes(run)).isEmpty();
            assertThat(run.notes()).singleElement().asString().contains("search indexes", "index.definitions");
        }
    }

    private RestoreRun run(Restorer restorer) {
        return restorer.run(
                restorer.plan(Optional.of(source.last()), false), RestoreOptions.careful(), RestoreListener.silent());
    }

    private static List<String> indexes(RestoreRun run) throws InterruptedException {
        return run.validate().indexes().stream().map(Definitions::kind).toList();
    }
}
