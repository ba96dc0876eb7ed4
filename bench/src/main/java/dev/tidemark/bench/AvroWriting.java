package dev.tidemark.bench;

import dev.tidemark.archive.ZstdCodec;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.AbstractList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.avro.AvroWriteSupport;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/**
 * The same rows by parquet-avro: the same codec, row groups, pages and checksums of pages, no dictionary on embeddings.
 * What its columns are given is as cheap as it can be made: embeddings are looked at where they are, and columns that no
 * chunk has are left out.
 */
final class AvroWriting implements RowWriting {
    private static final long ROW_GROUP_BYTES = 16L << 20;
    private static final int PAGE_BYTES = 1 << 20;

    private static final Schema SCHEMA = SchemaBuilder.record("row")
            .fields()
            .requiredString("source")
            .requiredInt("shard")
            .requiredLong("offset")
            .requiredLong("epoch")
            .requiredString("row")
            .optionalInt("db")
            .optionalString("key")
            .optionalBytes("key_bytes")
            .optionalString("op")
            .optionalString("type")
            .requiredLong("redis_time")
            .optionalLong("touched_after")
            .optionalString("chunk_id")
            .optionalString("doc_id")
            .optionalString("text")
            .name("text_embedding")
            .type()
            .optional()
            .array()
            .items()
            .floatType()
            .optionalInt("dims")
            .optionalString("metadata")
            .optionalString("columns")
            .endRecord();

    @Override
    public long write(List<LogRow> rows) {
        return written(rows).size();
    }

    byte[] file(List<LogRow> rows) {
        return written(rows).toByteArray();
    }

    private static ByteArrayOutputStream written(List<LogRow> rows) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ParquetConfiguration configuration = new PlainParquetConfiguration();
        configuration.setBoolean(AvroWriteSupport.WRITE_OLD_LIST_STRUCTURE, false);
        try (ParquetWriter<GenericRecord> writer = AvroParquetWriter.<GenericRecord>builder(file(bytes))
                .withSchema(SCHEMA)
                .withDataModel(GenericData.get())
                .withConf(configuration)
                .withCodecFactory(new ZstdCodec())
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withRowGroupSize(ROW_GROUP_BYTES)
                .withPageSize(PAGE_BYTES)
                .withPageWriteChecksumEnabled(true)
                .withDictionaryEncoding("text", false)
                .withDictionaryEncoding("metadata", false)
                .withDictionaryEncoding("text_embedding.list.element", false)
                .build()) {
            for (int at = 0; at < rows.size(); at++) {
                writer.write(record(at, (Change) rows.get(at)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes;
    }

    private static GenericRecord record(long offset, Change change) {
        GenericRecord row = new GenericData.Record(SCHEMA);
        row.put("source", "bench");
        row.put("shard", 0);
        row.put("offset", offset);
        row.put("epoch", change.epoch());
        row.put("row", "change");
        row.put("db", change.db());
        row.put("key", new Utf8(change.key().array()));
        row.put("key_bytes", ByteBuffer.wrap(change.key().array()));
        row.put("op", "put");
        row.put("type", change.value().type());
        row.put("redis_time", change.timeMicros());
        row.put("touched_after", change.touchedAfterMicros());
        StringBuilder columns = new StringBuilder();
        for (Value.Field field : ((Value.Hash) change.value()).fields()) {
            String name = new Utf8(field.name().array()).toString();
            if (name.equals("text_embedding")) {
                Floats floats = new Floats(field.value());
                row.put(name, floats);
                row.put("dims", floats.size());
            } else {
                row.put(name, new Utf8(field.value().array()));
            }
            columns.append(columns.length() == 0 ? "" : ",")
                    .append(name)
                    .append(':')
                    .append(name);
        }
        row.put("columns", columns.toString());
        return row;
    }

    /** An embedding as Avro wants a list: a float is boxed when it is asked for, and not kept. */
    private static final class Floats extends AbstractList<Float> {
        private final ByteBuffer bytes;

        Floats(Bytes embedding) {
            bytes = ByteBuffer.wrap(embedding.array()).order(ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public Float get(int index) {
            return bytes.getFloat(index * Float.BYTES);
        }

        @Override
        public int size() {
            return bytes.limit() / Float.BYTES;
        }
    }

    private static OutputFile file(ByteArrayOutputStream bytes) {
        return new OutputFile() {
            @Override
            public PositionOutputStream create(long blockSizeHint) {
                return new PositionOutputStream() {
                    @Override
                    public long getPos() {
                        return bytes.size();
                    }

                    @Override
                    public void write(int b) {
                        bytes.write(b);
                    }

                    @Override
                    public void write(byte[] block, int from, int length) {
                        bytes.write(block, from, length);
                    }
                };
            }

            @Override
            public PositionOutputStream createOrOverwrite(long blockSizeHint) {
                return create(blockSizeHint);
            }

            @Override
            public boolean supportsBlockSize() {
                return false;
            }

            @Override
            public long defaultBlockSize() {
                return 0;
            }
        };
    }
}
