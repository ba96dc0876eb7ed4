package dev.tidemark.archive;

import static org.apache.parquet.schema.LogicalTypeAnnotation.dateType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.timestampType;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import dev.tidemark.schemas.layout.ArchiveKey.RollUpKey;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.HourMarker;
import dev.tidemark.schemas.layout.RollUp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Types;

/** The Parquet form of an hour's marker, version 1: a row a shard, small enough to be in memory. */
final class HourMarkerFile {
    static final String DT = "dt";
    static final String HR = "hr";
    static final String SHARD = "shard";
    static final String GENERATION = "generation";
    static final String FROM_OFFSET = "from_offset";
    static final String TO_OFFSET = "to_offset";
    static final String EPOCH_AFTER = "epoch_after";
    static final String LAST_TIME = "last_time";
    static final String ROWS = "row_count";
    static final String REFERENCES = "reference_count";
    static final String CLAIMS = "claims";
    static final String SIZE_BYTES = "size_bytes";
    static final String SHA256 = "sha256";
    static final String LAYOUT = "layout";
    static final String STAMP = "stamp";

    static final MessageType SCHEMA = Types.buildMessage()
            .required(INT32)
            .as(dateType())
            .named(DT)
            .required(INT32)
            .named(HR)
            .required(INT32)
            .named(SHARD)
            .required(INT32)
            .named(GENERATION)
            .required(INT64)
            .named(FROM_OFFSET)
            .required(INT64)
            .named(TO_OFFSET)
            .required(INT64)
            .named(EPOCH_AFTER)
            .required(INT64)
            .as(timestampType(true, TimeUnit.MICROS))
            .named(LAST_TIME)
            .required(INT64)
            .named(ROWS)
            .required(INT64)
            .named(REFERENCES)
            .required(BINARY)
            .as(stringType())
            .named(CLAIMS)
            .required(INT64)
            .named(SIZE_BYTES)
            .required(BINARY)
            .as(stringType())
            .named(SHA256)
            .required(INT32)
            .named(LAYOUT)
            .required(INT64)
            .as(timestampType(true, TimeUnit.MICROS))
            .named(STAMP)
            .named("tidemark_hour_marker");

    private static final String VERSION = "tidemark.marker";
    private static final String VERSION_KNOWN = "1";

    private HourMarkerFile() {}

    static ObjectBody of(HourMarker marker) {
        ObjectBody.Sink sink = new ObjectBody.Sink();
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new StreamFile(sink, sink::written))
                .withConf(new PlainParquetConfiguration())
                .withType(SCHEMA)
                .withExtraMetaData(Map.of(VERSION, VERSION_KNOWN))
                .withCodecFactory(new ZstdCodec())
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withPageWriteChecksumEnabled(true)
                .build()) {
            for (RollUp rollUp : marker.shards()) {
                writer.write(row(marker, rollUp));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sink.body();
    }

    private static Group row(HourMarker marker, RollUp rollUp) {
        Group row = new SimpleGroup(SCHEMA);
        row.add(DT, Math.toIntExact(marker.hour().date().toEpochDay()));
        row.add(HR, marker.hour().hour());
        row.add(SHARD, rollUp.key().shard());
        row.add(GENERATION, rollUp.generation());
        row.add(FROM_OFFSET, rollUp.from());
        row.add(TO_OFFSET, rollUp.to());
        row.add(EPOCH_AFTER, rollUp.epochAfter());
        row.add(LAST_TIME, rollUp.lastMicros());
        row.add(ROWS, rollUp.rows());
        row.add(REFERENCES, rollUp.references());
        row.add(CLAIMS, SegmentMetadata.text(rollUp.claims()));
        row.add(SIZE_BYTES, rollUp.sizeBytes());
        row.add(SHA256, rollUp.sha256());
        row.add(LAYOUT, rollUp.layout());
        row.add(STAMP, marker.stampMicros());
        return row;
    }

    /** @throws IllegalArgumentException when that is no marker of this hour of a version that we know */
    static HourMarker parse(Hour hour, byte[] bytes) {
        List<RollUp> shards = new ArrayList<>();
        long stamp = 0;
        try (RowFileReader reader = RowFileReader.open(new MemoryFile(bytes))) {
            if (!VERSION_KNOWN.equals(reader.footer().get(VERSION))
                    || !reader.schema().equals(SCHEMA)) {
                throw new IllegalArgumentException("it is no marker of version " + VERSION_KNOWN);
            }
            reader.want(SCHEMA);
            while (reader.hasNext()) {
                ColumnValues row = reader.next().orElseThrow();
                if (row.requireLong(DT) != hour.date().toEpochDay() || row.requireLong(HR) != hour.hour()) {
                    throw new IllegalArgumentException("it speaks of another hour");
                }
                shards.add(rollUp(hour, row));
                stamp = row.requireLong(STAMP);
            }
            return new HourMarker(hour, stamp, shards);
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Parquet has its own kinds for whatever it cannot make sense of.
            throw new IllegalArgumentException("it is no Parquet: " + e.getMessage(), e);
        }
    }

    private static RollUp rollUp(Hour hour, ColumnValues row) {
        return new RollUp(
                new RollUpKey(hour, Math.toIntExact(row.requireLong(SHARD))),
                Math.toIntExact(row.requireLong(GENERATION)),
                row.requireLong(FROM_OFFSET),
                row.requireLong(TO_OFFSET),
                row.requireLong(EPOCH_AFTER),
                row.requireLong(LAST_TIME),
                row.requireLong(ROWS),
                row.requireLong(REFERENCES),
                SegmentMetadata.claims(row.requireText(CLAIMS)),
                row.requireLong(SIZE_BYTES),
                row.requireText(SHA256),
                Math.toIntExact(row.requireLong(LAYOUT)));
    }
}
