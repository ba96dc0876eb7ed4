package dev.tidemark.archive;

import static org.apache.parquet.schema.LogicalTypeAnnotation.mapType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.timestampType;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;

/** The columns of a segment, version 1: flat, so that a query engine reads them as a table. */
final class SegmentSchema {
    static final String SOURCE = "source";
    static final String SHARD = "shard";
    static final String OFFSET = "offset";
    static final String EPOCH = "epoch";
    static final String ROW = "row";
    static final String DB = "db";
    static final String KEY = "key";
    static final String KEY_BYTES = "key_bytes";
    static final String OP = "op";
    static final String TYPE = "type";
    static final String EVENT = "event";
    static final String REDIS_TIME = "redis_time";
    static final String TOUCHED_AFTER = "touched_after";
    static final String EXPIRE_AT = "expire_at";
    static final String VALUE = "value";
    static final String FIELDS = "fields";
    static final String FIELD_ENTRY = "key_value";
    static final String FIELD_NAME = "key";
    static final String FIELD_VALUE = "value";
    static final String DUMP = "dump";
    static final String DETAIL = "detail";
    static final String BEGIN_OFFSET = "begin_offset";

    static final String CHANGE = "change";
    static final String CLAIM = "claim";
    static final String RESYNC_BEGIN = "resync_begin";
    static final String RESYNC_END = "resync_end";

    static final String PUT = "put";
    static final String ABSENT = "absent";

    static final MessageType ALL = Types.buildMessage()
            .required(BINARY)
            .as(stringType())
            .named(SOURCE)
            .required(INT32)
            .named(SHARD)
            .required(INT64)
            .named(OFFSET)
            .required(INT64)
            .named(EPOCH)
            .required(BINARY)
            .as(stringType())
            .named(ROW)
            .optional(INT32)
            .named(DB)
            .optional(BINARY)
            .as(stringType())
            .named(KEY)
            .optional(BINARY)
            .named(KEY_BYTES)
            .optional(BINARY)
            .as(stringType())
            .named(OP)
            .optional(BINARY)
            .as(stringType())
            .named(TYPE)
            .optional(BINARY)
            .as(stringType())
            .named(EVENT)
            .required(INT64)
            .as(timestampType(true, TimeUnit.MICROS))
            .named(REDIS_TIME)
            .optional(INT64)
            .as(timestampType(true, TimeUnit.MICROS))
            .named(TOUCHED_AFTER)
            .optional(INT64)
            .as(timestampType(true, TimeUnit.MILLIS))
            .named(EXPIRE_AT)
            .optional(BINARY)
            .named(VALUE)
            .addField(Types.buildGroup(Repetition.OPTIONAL)
                    .as(mapType())
                    .repeatedGroup()
                    .required(BINARY)
                    .named(FIELD_NAME)
                    .required(BINARY)
                    .named(FIELD_VALUE)
                    .named(FIELD_ENTRY)
                    .named(FIELDS))
            .optional(BINARY)
            .named(DUMP)
            .optional(BINARY)
            .as(stringType())
            .named(DETAIL)
            .optional(INT64)
            .named(BEGIN_OFFSET)
            .named("tidemark_segment");

    /** What exactness is computed from. */
    static final MessageType TIMES = Types.buildMessage()
            .addField(ALL.getType(OFFSET))
            .addField(ALL.getType(ROW))
            .addField(ALL.getType(REDIS_TIME))
            .addField(ALL.getType(TOUCHED_AFTER))
            .named("tidemark_segment");

    private SegmentSchema() {}
}
