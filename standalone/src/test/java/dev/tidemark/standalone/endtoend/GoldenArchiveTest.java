package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestoreReport;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What was archived by the first build comes back with this one. */
class GoldenArchiveTest {
    @Test
    void theArchiveOfLayoutVersion1IsRestored() throws Exception {
        GoldenArchive golden = new GoldenArchive(
                Path.of(GoldenArchiveTest.class.getResource("/golden/v1").toURI()));
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
        }
    }
}
