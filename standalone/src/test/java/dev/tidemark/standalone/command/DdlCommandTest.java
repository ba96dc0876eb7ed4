package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is printed; that DuckDB runs it is for the compactor's tests to show. */
class DdlCommandTest {
    private static final Instant NOW = Instant.parse("2026-11-20T14:00:00Z");

    @TempDir
    private Path directory;

    private final Terminal terminal = Terminal.in(() -> directory).at(Clock.fixed(NOW, ZoneOffset.UTC));

    @BeforeEach
    void configure() throws IOException {
        Files.writeString(directory.resolve("tidemark.yml"), """
                source: {name: prod-rag}
                s3: {bucket: my-backups, root: redis}
                """);
    }

    @Test
    void athenaFindsPartitionsByTheirTemplates() {
        assertThat(terminal.run("ddl", "--engine", "athena")).isZero();

        assertThat(terminal.out())
                .contains("CREATE EXTERNAL TABLE `prod_rag_segments`")
                .contains("`embedding` array<float>")
                .contains("'projection.hr.digits' = '2'")
                .contains("'storage.location.template' = 's3://my-backups/redis/prod-rag/changes/dt=${dt}/hr=${hr}/'")
                .contains("'storage.location.template' = 's3://my-backups/redis/prod-rag/rolled/dt=${dt}/'")
                .contains("CREATE OR REPLACE VIEW \"prod_rag\" AS")
                .contains("INTERVAL '600' SECOND");
    }

    @Test
    void trinoGetsItsOwnTypesAndTheLocationThatItKnows() {
        assertThat(terminal.run("ddl", "--engine", "trino", "--location", "s3a://copy/rag", "--settle", "20"))
                .isZero();

        assertThat(terminal.out())
                .contains("partition_projection_location_template = 's3a://copy/rag/segments/dt=${dt}/hr=${hr}/'")
                .contains("\"fields\" map(varbinary, varbinary)")
                .contains("INTERVAL '1200' SECOND");
    }

    @Test
    void queriesHaveTheTimesAndTheKeyThatWereAskedFor() throws IOException {
        assertThat(terminal.run(
                        "ddl",
                        "--engine",
                        "duckdb",
                        "--at",
                        "2026-11-20T13:00:00Z",
                        "--from",
                        "-3h",
                        "--key",
                        "it's",
                        "-o",
                        "json"))
                .isZero();

        assertThat(terminal.err()).isEmpty();
        JsonNode statements = new ObjectMapper().readTree(terminal.out());
        assertThat(statements).hasSize(9);
        assertThat(statements.findValuesAsText("sql"))
                .anyMatch(sql -> sql.contains("redis_time <= TIMESTAMPTZ '2026-11-20 13:00:00.000000+00'"))
                .anyMatch(sql -> sql.contains("redis_time > TIMESTAMPTZ '2026-11-20 11:00:00.000000+00'"))
                .anyMatch(sql -> sql.contains("\"key\" = 'it''s'"));
    }
}
