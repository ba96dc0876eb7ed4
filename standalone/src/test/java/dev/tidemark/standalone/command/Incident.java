package dev.tidemark.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.archive.Archive;
import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Gap;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Kafka and the source are gone: an archive with a gap is on S3, and somebody types commands.
 *
 * <p>One for a class of tests ({@code @RegisterExtension static}), which write nothing to the archive of {@code tidemark.yml}; what a test changes is a source of its own.
 */
final class Incident implements BeforeAllCallback, AfterAllCallback {
    final Instant began = Instant.now().minus(Duration.ofMinutes(30)).truncatedTo(ChronoUnit.SECONDS);
    final Instant gapBegins = began.plusSeconds(600);
    final Instant gapEnds = began.plusSeconds(700);
    final Instant last = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    Path directory;
    S3Endpoint s3;
    S3Settings settings;
    private final Terminal terminal = Terminal.in(() -> directory);

    /** With what commands find without {@code --config}: an archive, and the settings that lead to it. */
    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        directory = Files.createTempDirectory("tidemark-incident-");
        s3 = S3Endpoint.start();
        settings = S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey()));
        backUp("prod-rag");
        write("tidemark.yml", "prod-rag", "");
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        if (s3 != null) {
            s3.close();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    void backUp(String source) {
        try (Archive archive = Archive.open(settings, source)) {
            SegmentWriter writer = new SegmentWriter(source, new SegmentKey(Hour.of(micros(began)), 0, 1, 0));
            writer.add(0, new LogRow.EpochClaimed(0, micros(began)));
            writer.add(1, new LogRow.ResyncBegun(0, micros(began), "first start"));
            writer.add(2, change(Bytes.utf8("lost in the gap"), began, text("x")));
            writer.add(3, new LogRow.ResyncEnded(0, micros(began), 1));
            writer.add(4, change(Bytes.utf8("chunk:1"), began.plusSeconds(300), chunk("first edition", 1)));
            writer.add(5, new LogRow.ResyncBegun(0, micros(gapEnds), "coverage lost"));
            writer.add(6, change(Bytes.utf8("chunk:1"), gapEnds, chunk("first edition", 1)));
            writer.add(7, change(Bytes.wrap(new byte[] {0, (byte) 0xff, (byte) 0x9e}), gapEnds, text("binary")));
            writer.add(8, new LogRow.ResyncEnded(0, micros(gapEnds), 5));
            writer.add(9, change(Bytes.utf8("chunk:1"), gapEnds.plusSeconds(100), chunk("second edition", 2)));
            writer.add(10, change(Bytes.utf8("chunk:2"), gapEnds.plusSeconds(101), chunk("another", 3)));
            archive.put(writer.finish(
                    11,
                    0,
                    micros(gapEnds.plusSeconds(101)),
                    List.of(
                            new ClaimInterval(new Base(1, 3, micros(began)), micros(gapBegins), 5, 1_100_000),
                            new ClaimInterval(new Base(5, 8, micros(gapEnds)), micros(last), 11, 900_000))));
            archive.gaps()
                    .explain(new Gap(
                            new GapKey(micros(gapBegins) + 1, 0, 1, 7),
                            "10.0.0.7:6379",
                            "failover",
                            OptionalLong.empty()));
        }
    }

    /** Settings of a source that was never backed up, for {@code --config}. */
    String configure(String source, String more) throws IOException {
        return write(source + ".yml", source, more);
    }

    String configureBackedUp(String source, String more) throws IOException {
        backUp(source);
        return configure(source, more);
    }

    private String write(String file, String source, String more) throws IOException {
        return Files.writeString(directory.resolve(file), """
                source: {name: %s, shards: 1}
                redis: {uri: "redis://127.0.0.1:1"}
                kafka: {bootstrap: "127.0.0.1:1"}
                s3: {bucket: "%s", endpoint: "%s", path-style: true, access-key-id: "%s", secret-access-key: "%s"}
                %s
                """.formatted(
                                source, s3.bucket(), s3.uri(), s3.accessKey(), s3.secretKey(), more))
                .toString();
    }

    /** Its JSON, which must fit the published schema. */
    JsonNode answer(String command, int code, String... arguments) throws IOException {
        return terminal.answer(command, code, arguments);
    }

    /** Its exit code; what it prints takes the place of what the one before printed. */
    int run(String... arguments) {
        return terminal.run(arguments);
    }

    /** What went to the standard output. */
    String text() {
        return terminal.out();
    }

    /** What went to either output. */
    String printed() {
        return terminal.printed();
    }

    private static Value text(String text) {
        return new Value.Text(Bytes.utf8(text));
    }

    private static Value chunk(String text, int first) {
        // Floats of one significant byte would pass for text; these do not.
        ByteBuffer floats = ByteBuffer.allocate(3 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        floats.putFloat(first).putFloat(first + 1).putFloat(first + 2);
        return new Value.Hash(List.of(
                new Field(Bytes.utf8("text"), Bytes.utf8(text)),
                new Field(Bytes.utf8("text_embedding"), Bytes.wrap(floats.array()))));
    }

    private static LogRow.Change change(Bytes key, Instant at, Value value) {
        return new LogRow.Change(0, micros(at), micros(at) - 1, 0, key, value, OptionalLong.empty(), "hset");
    }

    private static long micros(Instant instant) {
        return RedisTime.micros(instant);
    }
}
