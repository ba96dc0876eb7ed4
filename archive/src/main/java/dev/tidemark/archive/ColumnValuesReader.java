package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/** Gathers Parquet's column values into one {@link ColumnValues} a row. */
final class ColumnValuesReader extends RecordMaterializer<ColumnValues> {
    private final Row row;

    ColumnValuesReader(MessageType columns) {
        this.row = new Row(columns);
    }

    @Override
    public ColumnValues getCurrentRecord() {
        return row.values;
    }

    @Override
    public GroupConverter getRootConverter() {
        return row;
    }

    private static final class Row extends GroupConverter {
        private final List<Converter> converters = new ArrayList<>();
        private ColumnValues values = new ColumnValues();

        Row(MessageType columns) {
            for (Type column : columns.getFields()) {
                converters.add(converter(column));
            }
        }

        private Converter converter(Type column) {
            if (column.isPrimitive()) {
                return new Column(column.getName());
            }
            return column.getName().equals(SegmentSchema.EMBEDDING) ? new Floats() : new Fields();
        }

        @Override
        public Converter getConverter(int index) {
            return converters.get(index);
        }

        @Override
        public void start() {
            values = new ColumnValues();
        }

        @Override
        public void end() {}

        private final class Column extends PrimitiveConverter {
            private final String name;

            Column(String name) {
                this.name = name;
            }

            @Override
            public void addBinary(Binary value) {
                values.set(name, Bytes.wrap(value.getBytes()));
            }

            @Override
            public void addInt(int value) {
                values.set(name, value);
            }

            @Override
            public void addLong(long value) {
                values.set(name, value);
            }
        }

        /** The list of an embedding, as the bytes that it was made of. */
        private final class Floats extends GroupConverter {
            private final Group element = new Group();
            private ByteBuffer bytes = floats(1_536);

            @Override
            public Converter getConverter(int index) {
                return element;
            }

            @Override
            public void start() {
                bytes.clear();
            }

            @Override
            public void end() {
                values.set(SegmentSchema.EMBEDDING, Bytes.copyOf(bytes.flip()));
            }

            private static ByteBuffer floats(int count) {
                return ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            }

            private final class Group extends GroupConverter {
                private final PrimitiveConverter number = new PrimitiveConverter() {
                    @Override
                    public void addFloat(float value) {
                        if (!bytes.hasRemaining()) {
                            bytes = floats(bytes.capacity() / Float.BYTES * 2).put(bytes.flip());
                        }
                        bytes.putInt(Float.floatToRawIntBits(value));
                    }
                };

                @Override
                public Converter getConverter(int index) {
                    return number;
                }

                @Override
                public void start() {}

                @Override
                public void end() {}
            }
        }

        /** The map column: a group of entries, an entry a name and a value. */
        private final class Fields extends GroupConverter {
            private final Entry entry = new Entry();
            private List<Value.Field> found = new ArrayList<>();

            @Override
            public Converter getConverter(int index) {
                return entry;
            }

            @Override
            public void start() {
                found = new ArrayList<>();
            }

            @Override
            public void end() {
                values.setFields(found);
            }

            private final class Entry extends GroupConverter {
                private final Part name = new Part();
                private final Part value = new Part();

                @Override
                public Converter getConverter(int index) {
                    return index == 0 ? name : value;
                }

                @Override
                public void start() {}

                @Override
                public void end() {
                    found.add(new Value.Field(name.bytes, value.bytes));
                }
            }
        }
    }

    private static final class Part extends PrimitiveConverter {
        private Bytes bytes = Bytes.empty();

        @Override
        public void addBinary(Binary value) {
            bytes = Bytes.wrap(value.getBytes());
        }
    }
}
