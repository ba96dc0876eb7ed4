package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.RollUpRows;
import dev.tidemark.archive.RollUpWriter;
import dev.tidemark.archive.SegmentRows;
import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestoreReport;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.HourMarker;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What was archived by the builds that introduced a layout comes back with this one. */
class GoldenArchiveTest {
    @Test
    void theArchiveOfLayoutVersion1IsRestored() throws Exception {
        requireRestored(golden("v1"), target -> {});
    }

    @Test
    void theArchiveOfLayoutVersion2IsRestoredWithItsLargeValuesAndFunctions() throws Exception {
        requireRestored(
                golden("v2"), target -> assertThat(answerOf(target, "golden")).isEqualTo("golden"));
    }

    @Test
    void theArchiveOfLayoutVersion3IsRestoredAndItsRolledUpHourIsRead() throws Exception {
        requireRestored(golden("v3"), target -> {});
        try (S3Endpoint s3 = S3Endpoint.start()) {
            golden("v3").uploadTo(s3);
            try (Archive archive = Archive.open(
                    S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey())), "e2e")) {
                Hour hour = archive.rolled().latest(Optional.empty()).orElseThrow();
                HourMarker marker = archive.rolled().marker(hour).orElseThrow();
                for (RollUp rollUp : marker.shards()) {
                    assertThat(sortedRows(archive.rolled().rows(rollUp)))
                            .isEqualTo(sortedRows(archive, hour, rollUp.key().shard()));
                }
            }
        }
    }

    private static List<ArchivedRow> sortedRows(RollUpRows<ArchivedRow> rows) {
        List<ArchivedRow> found = new ArrayList<>();
        try (rows) {
            rows.forEachRemaining(found::add);
        }
        return found;
    }

    private static List<ArchivedRow> sortedRows(Archive archive, Hour hour, int shard) {
        List<ArchivedRow> found = new ArrayList<>();
        for (Segment segment : archive.segmentsOf(hour)) {
            if (segment.key().shard() == shard) {
                try (SegmentRows<ArchivedRow> rows = archive.rows(segment)) {
                    rows.forEachRemaining(found::add);
                }
            }
        }
        found.sort(RollUpWriter.ORDER);
        return found;
    }

    private static GoldenArchive golden(String version) throws URISyntaxException {
        return new GoldenArchive(Path.of(
                GoldenArchiveTest.class.getResource("/golden/" + version).toURI()));
    }

    private static String answerOf(RedisServer server, String function) {
        RedisClient client = RedisClient.create(server.uri().toString());
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            return connection.sync().fcall(function, ScriptOutputType.VALUE);
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        }
    }

    private static void requireRestored(GoldenArchive golden, Consumer<RedisServer> more) throws IOException {
        try (S3Endpoint s3 = S3Endpoint.start();
                RedisServer target = RedisServer.start()) {
            golden.uploadTo(s3);
            Settings settings = Settings.of(
                    SourceSettings.of("e2e", 2),
                    RedisSettings.defaults(),
                    KafkaSettings.defaults(),
                    S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey())));

            RestoreReport report;
            try (Restorer restorer = Restorer.open(settings)) {
                report = restorer.restore(
                        restorer.plan(Optional.of(golden.time()), false),
                        RestoreTarget.at(target.uri()),
                        RestoreOptions.careful(),
                        RestoreListener.silent());
            }

            assertThat(report.isProven()).as(report.toString()).isTrue();
            assertThat(GoldenArchive.contentOf(target.uri())).isEqualTo(golden.expected());
            more.accept(target);
        }
    }
}
