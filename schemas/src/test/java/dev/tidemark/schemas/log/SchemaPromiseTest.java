package dev.tidemark.schemas.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Tidemark.Beat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;
import org.junit.jupiter.api.Test;

/**
 * What was published stays readable. A schema version that records were written with is never edited: an addition is a new
 * file with the next number, a reader of all before it.
 */
class SchemaPromiseTest {
    /** One fingerprint for each version that was ever published; only ever added to. */
    private static final Map<String, List<String>> PUBLISHED = Map.of(
            LogRowCodec.SCHEMA, List.of("5372d9c63a02b1bf", "b2cf5b3bf8921d99"),
            ControlRecordCodec.SCHEMA, List.of("477d3c7013dad5bc"));

    /** The records behind the golden bytes, in the order of the lines. */
    private static final List<LogRow> ROWS = List.of(
            new LogRow.EpochClaimed(17, 1_763_640_000_000_000L),
            new LogRow.ResyncBegun(17, 1_763_640_000_000_001L, "canary gone"),
            new LogRow.Change(
                    17,
                    1_763_640_000_123_456L,
                    1_763_640_000_000_000L,
                    3,
                    Bytes.wrap(new byte[] {0, (byte) 0xff, '{', '\n'}),
                    new Value.Hash(List.of(
                            new Value.Field(Bytes.utf8("text"), Bytes.utf8("größer")),
                            new Value.Field(Bytes.empty(), Bytes.wrap(new byte[] {0, 0, (byte) 0xc0, 0x7f})))),
                    OptionalLong.of(1_763_640_009_999L),
                    "hset"),
            new LogRow.Change(17, 2, 1, 0, Bytes.utf8("s"), new Value.Text(Bytes.empty()), OptionalLong.empty(), ""),
            new LogRow.Change(
                    17,
                    3,
                    2,
                    0,
                    Bytes.utf8("l"),
                    new Value.Opaque("list", Bytes.wrap(new byte[] {1, 2})),
                    OptionalLong.empty(),
                    "rpush"),
            new LogRow.Change(17, 4, 3, 0, Bytes.utf8("gone"), new Value.Absent(), OptionalLong.empty(), "del"),
            new LogRow.ResyncEnded(17, 5, 1));

    /** What version 2 added; its golden bytes hold these after those. */
    private static final List<LogRow> ROWS_OF_VERSION_2 = List.of(
            new LogRow.Change(
                    17,
                    6,
                    5,
                    0,
                    Bytes.utf8("large"),
                    new Value.Blob(
                            "string",
                            Value.Encoding.RAW,
                            Bytes.wrap(HexFormat.of().parseHex("0f".repeat(32))),
                            512L << 20,
                            LocalDate.of(2026, 11, 20)),
                    OptionalLong.of(1_763_640_009_999L),
                    "append"),
            new LogRow.Change(
                    17,
                    7,
                    6,
                    1,
                    Bytes.utf8("large too"),
                    new Value.Blob(
                            "zset",
                            Value.Encoding.DUMP,
                            Bytes.wrap(HexFormat.of().parseHex("f0".repeat(32))),
                            1_000_000,
                            LocalDate.of(1970, 1, 1)),
                    OptionalLong.empty(),
                    "zadd"),
            new LogRow.Definitions(
                    17, 8, LogRow.Definitions.FUNCTIONS, Bytes.wrap(new byte[] {(byte) 0xab}), Bytes.wrap(new byte[] {
                        0, (byte) 0xff
                    })),
            new LogRow.Definitions(17, 9, LogRow.Definitions.INDEX + "chunks", Bytes.utf8("d"), Bytes.empty()));

    private static final List<ControlRecord> CONTROLS = List.of(
            new ControlRecord.Claim("1234@host"),
            new ControlRecord.Doubt(4, 1_763_640_000_000_000L, "run id changed", "10.0.0.7:6379"),
            new Tidemark(
                    1,
                    4,
                    new Base(1, 6, 5),
                    1_763_640_001_000_000L,
                    99,
                    1_100_000,
                    List.of(new Beat("10.0.0.7:6379", "run", "repl", "watch", 12, 3_456, 1_763_640_001_000_000L))));

    @Test
    void publishedVersionsAreNotEdited() {
        PUBLISHED.forEach((name, fingerprints) -> {
            for (int version = 1; version <= fingerprints.size(); version++) {
                long fingerprint = SchemaNormalization.parsingFingerprint64(WireFormat.schema(name, version));
                assertThat(HexFormat.of().toHexDigits(fingerprint))
                        .as(
                                "%s-%d.avsc has changed; records in Kafka were written with it. Put it back and add a new version",
                                name, version)
                        .isEqualTo(fingerprints.get(version - 1));
            }
        });
    }

    @Test
    void everyVersionInUseIsPublished() {
        assertThat(PUBLISHED.get(LogRowCodec.SCHEMA)).hasSize(LogRowCodec.VERSIONS);
        assertThat(PUBLISHED.get(ControlRecordCodec.SCHEMA)).hasSize(ControlRecordCodec.VERSIONS);
    }

    @Test
    void theNewestVersionReadsAllOlderOnes() {
        PUBLISHED.forEach((name, fingerprints) -> {
            Schema newest = WireFormat.schema(name, fingerprints.size());
            for (int version = 1; version <= fingerprints.size(); version++) {
                assertThat(compatibility(newest, WireFormat.schema(name, version)))
                        .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
            }
        });
    }

    @Test
    void anIncompatibleEditWouldBeSeen() {
        Schema published = WireFormat.schema(LogRowCodec.SCHEMA, 1);
        Schema edited = new Schema.Parser()
                .parse(published.toString().replace("\"name\":\"touched_after\"", "\"name\":\"touched_since\""));

        assertThat(compatibility(edited, published)).isEqualTo(SchemaCompatibilityType.INCOMPATIBLE);
        assertThat(SchemaNormalization.parsingFingerprint64(edited))
                .isNotEqualTo(SchemaNormalization.parsingFingerprint64(published));
    }

    @Test
    void goldenRowsOfVersion1AreReadable() throws Exception {
        LogRowCodec codec = new LogRowCodec();
        List<byte[]> golden = golden("log-row-1.hex");

        assertThat(golden).hasSameSizeAs(ROWS);
        for (int i = 0; i < golden.size(); i++) {
            assertThat(codec.decode(golden.get(i))).isEqualTo(ROWS.get(i));
        }
    }

    @Test
    void goldenRowsOfVersion2AreReadable() throws Exception {
        LogRowCodec codec = new LogRowCodec();
        List<byte[]> golden = golden("log-row-2.hex");
        List<LogRow> rows = rowsOfVersion2();

        assertThat(golden).hasSameSizeAs(rows);
        for (int i = 0; i < golden.size(); i++) {
            assertThat(codec.decode(golden.get(i))).isEqualTo(rows.get(i));
        }
    }

    private static List<LogRow> rowsOfVersion2() {
        return Stream.concat(ROWS.stream(), ROWS_OF_VERSION_2.stream()).toList();
    }

    @Test
    void goldenControlRecordsOfVersion1AreReadable() throws Exception {
        ControlRecordCodec codec = new ControlRecordCodec();
        List<byte[]> golden = golden("control-record-1.hex");

        assertThat(golden).hasSameSizeAs(CONTROLS);
        for (int i = 0; i < golden.size(); i++) {
            assertThat(codec.decode(golden.get(i))).isEqualTo(CONTROLS.get(i));
        }
    }

    private static SchemaCompatibilityType compatibility(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                .getType();
    }

    private static List<byte[]> golden(String resource) throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                SchemaPromiseTest.class.getResourceAsStream(resource), StandardCharsets.US_ASCII))) {
            return lines.lines().map(HexFormat.of()::parseHex).toList();
        }
    }

    /** Prints what a new version's golden file holds; run once, when the version is published. */
    public static void main(String[] arguments) {
        rowsOfVersion2()
                .forEach(row -> System.out.println("row " + HexFormat.of().formatHex(new LogRowCodec().encode(row))));
        CONTROLS.forEach(record ->
                System.out.println("control " + HexFormat.of().formatHex(new ControlRecordCodec().encode(record))));
        PUBLISHED.forEach((name, versions) -> System.out.println(name + " "
                + HexFormat.of()
                        .toHexDigits(
                                SchemaNormalization.parsingFingerprint64(WireFormat.schema(name, versions.size())))));
    }
}
