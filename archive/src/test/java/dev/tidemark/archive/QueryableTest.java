package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Value;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The backup is a table: a program that knows nothing of us reads it. */
class QueryableTest {

    @Test
    void duckDbReadsASegment() throws Exception {
        Value hash = new Value.Hash(List.of(
                new Value.Field(Bytes.utf8("text"), Bytes.utf8("words")),
                new Value.Field(Bytes.utf8("n"), Bytes.wrap(new byte[] {0, 1})),
                new Value.Field(Bytes.utf8("doc_id"), Bytes.utf8("d7")),
                new Value.Field(
                        Bytes.utf8("text_embedding"),
                        Bytes.wrap(new byte[] {0, 0, 0, 63, 0, 0, (byte) 0x80, (byte) 0xbf})),
                new Value.Field(Bytes.utf8("metadata"), Bytes.utf8("{\"page\": 7}"))));
        long micros = 1_763_647_200_123_456L;
        SegmentFile file = SegmentFiles.write(
                0,
                10,
                List.of(
                        new ArchivedRow(0, new ResyncEnded(1, micros, 42)),
                        new ArchivedRow(
                                1,
                                new Change(
                                        1,
                                        micros,
                                        micros - 1,
                                        2,
                                        Bytes.utf8("chunk:1"),
                                        hash,
                                        OptionalLong.of(1_763_647_200_999L),
                                        "hset")),
                        new ArchivedRow(
                                2,
                                new Change(
                                        1,
                                        micros,
                                        micros,
                                        0,
                                        Bytes.wrap(new byte[] {(byte) 0xff}),
                                        new Value.Absent(),
                                        OptionalLong.empty(),
                                        "")),
                        new ArchivedRow(
                                3,
                                new Change(
                                        1,
                                        micros,
                                        micros,
                                        0,
                                        Bytes.utf8("s"),
                                        new Value.Text(Bytes.utf8("hello")),
                                        OptionalLong.empty(),
                                        ""))));
        Path path = SegmentFiles.onDisk(SegmentFiles.bytesOf(file));

        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            assertThat(text(
                            statement,
                            "SELECT concat_ws('|', source, shard, \"offset\", epoch, \"row\", db, key, op, type, event,"
                                    + " redis_time, expire_at, text, doc_id, chunk_id, dims, embedding[1], embedding[2], metadata, columns, hex(fields['n'::BLOB])) FROM '"
                                    + path
                                    + "' WHERE key = 'chunk:1'"))
                    .isEqualTo(
                            "prod-rag|3|1|1|change|2|chunk:1|put|hash|hset|2025-11-20 14:00:00.123456+00"
                                    + "|2025-11-20 14:00:00.999+00|words|d7|2|0.5|-1.0|{\"page\": 7}|text:text,*1,doc_id:doc_id,embedding:text_embedding,metadata:metadata|0001");
            assertThat(text(statement, "SELECT hex(key_bytes) FROM '" + path + "' WHERE key IS NULL AND op = 'absent'"))
                    .isEqualTo("FF");
            assertThat(text(statement, "SELECT value::VARCHAR FROM '" + path + "' WHERE type = 'string'"))
                    .isEqualTo("hello");
            assertThat(text(statement, "SELECT begin_offset FROM '" + path + "' WHERE \"row\" = 'resync_end'"))
                    .isEqualTo("42");
            assertThat(text(statement, "SELECT count(*) FROM '" + path + "'")).isEqualTo("4");
        } finally {
            Files.delete(path);
        }
    }

    /** One key that shall live for ever, and says so by an expiry, must not take the table from everybody. */
    @Test
    void anExpiryBeyondWhatEnginesCanSayIsReadByThemAndGivenBackExactly() throws Exception {
        long micros = 1_763_647_200_123_456L;
        List<ArchivedRow> rows = new ArrayList<>();
        for (long expiry :
                new long[] {253_402_300_799_999L, 253_402_300_800_000L, 10_001_800_000_000_000L, Long.MAX_VALUE}) {
            Value text = new Value.Text(Bytes.utf8("text"));
            rows.add(new ArchivedRow(
                    rows.size(),
                    new Change(
                            1,
                            micros,
                            micros,
                            0,
                            Bytes.utf8("k" + rows.size()),
                            text,
                            OptionalLong.of(expiry),
                            "expire")));
        }
        SegmentFile file = SegmentFiles.write(0, 10, rows);
        byte[] bytes = SegmentFiles.bytesOf(file);
        Path path = SegmentFiles.onDisk(bytes);

        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            assertThat(text(statement, "SELECT string_agg(DISTINCT expire_at::VARCHAR) FROM '" + path + "'"))
                    .isEqualTo("9999-12-31 23:59:59.999+00");
        } finally {
            Files.delete(path);
        }
        assertThat(SegmentFiles.read(file, bytes)).isEqualTo(rows);
        try (SegmentRows<Optional<KeyRow>> keys =
                SegmentRows.open(file.segment(), "s3://bucket/key", SegmentFiles.spooled(bytes), RowShapes.KEYS)) {
            List<OptionalLong> expiries = new ArrayList<>();
            keys.forEachRemaining(key -> expiries.add(key.orElseThrow().expireAtMillis()));
            assertThat(expiries)
                    .isEqualTo(rows.stream()
                            .map(row -> ((Change) row.row()).expireAtMillis())
                            .toList());
        }
    }

    private static String text(Statement statement, String query) throws Exception {
        try (ResultSet found = statement.executeQuery(query)) {
            assertThat(found.next()).as(query).isTrue();
            return found.getString(1);
        }
    }
}
