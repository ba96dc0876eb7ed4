package dev.tidemark.archive;

import static org.apache.parquet.schema.LogicalTypeAnnotation.dateType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.mapType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.timestampType;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.FLOAT;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import java.util.Set;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;

/** The columns of a segment: flat, so that a query engine reads them as a table. Each layout adds columns at the end. */
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

    static final String BLOB_SHA256 = "blob_sha256";
    static final String BLOB_LENGTH = "blob_length";
    static final String BLOB_DAY = "blob_day";
    static final String DIGEST = "digest";

    static final String CHUNK_ID = "chunk_id";
    static final String DOC_ID = "doc_id";
    static final String TEXT = "text";
    static final String EMBEDDING = "embedding";
    static final String LIST = "list";
    static final String ELEMENT = "element";
    static final String EMBEDDING_PATH = EMBEDDING + "." + LIST + "." + ELEMENT;
    static final String DIMS = "dims";
    static final String METADATA = "metadata";
    static final String COLUMNS = "columns";

    /** What a field of a hash can become. */
    static final Set<String> CHUNK_COLUMNS = Set.of(CHUNK_ID, DOC_ID, TEXT, EMBEDDING, METADATA);

    static final String CHANGE = "change";
    static final String CLAIM = "claim";
    static final String RESYNC_BEGIN = "resync_begin";
    static final String RESYNC_END = "resync_end";
    static final String DEFINITIONS = "definitions";

    /**
     * The last millisecond of the year 9999. What lies behind it some engines cannot say and others only to the year 294247,
     * and a query that comes by it fails as a whole. So there {@link #EXPIRE_AT} stays here, and {@link #DETAIL} is exact.
     */
    static final long EXPIRE_AT_MAX = 253_402_300_799_999L;

    static final String PUT = "put";
    static final String ABSENT = "absent";

    private static final MessageType LAYOUT_1 = Types.buildMessage()
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

    private static final MessageType LAYOUT_2 = Types.buildMessage()
            .addFields(LAYOUT_1.getFields().toArray(Type[]::new))
            .optional(BINARY)
            .named(BLOB_SHA256)
            .optional(INT64)
            .named(BLOB_LENGTH)
            .optional(INT32)
            .as(dateType())
            .named(BLOB_DAY)
            .optional(BINARY)
            .named(DIGEST)
            .named("tidemark_segment");

    /** What is written. */
    static final MessageType ALL = Types.buildMessage()
            .addFields(LAYOUT_2.getFields().toArray(Type[]::new))
            .optional(BINARY)
            .as(stringType())
            .named(CHUNK_ID)
            .optional(BINARY)
            .as(stringType())
            .named(DOC_ID)
            .optional(BINARY)
            .as(stringType())
            .named(TEXT)
            .addField(Types.optionalList().requiredElement(FLOAT).named(EMBEDDING))
            .optional(INT32)
            .named(DIMS)
            .optional(BINARY)
            .as(stringType())
            .named(METADATA)
            .optional(BINARY)
            .as(stringType())
            .named(COLUMNS)
            .named("tidemark_segment");

    /** What exactness is computed from; the same in every layout. */
    static final MessageType TIMES = Types.buildMessage()
            .addField(ALL.getType(OFFSET))
            .addField(ALL.getType(ROW))
            .addField(ALL.getType(REDIS_TIME))
            .addField(ALL.getType(TOUCHED_AFTER))
            .named("tidemark_segment");

    /** Which row is where. */
    static final MessageType OFFSETS =
            Types.buildMessage().addField(ALL.getType(OFFSET)).named("tidemark_segment");

    /** What happened to which key and when, without values; the same in every layout. */
    static final MessageType KEYS = Types.buildMessage()
            .addField(ALL.getType(OFFSET))
            .addField(ALL.getType(ROW))
            .addField(ALL.getType(DB))
            .addField(ALL.getType(KEY_BYTES))
            .addField(ALL.getType(OP))
            .addField(ALL.getType(TYPE))
            .addField(ALL.getType(EVENT))
            .addField(ALL.getType(REDIS_TIME))
            .addField(ALL.getType(TOUCHED_AFTER))
            .addField(ALL.getType(EXPIRE_AT))
            .addField(ALL.getType(DETAIL))
            .named("tidemark_segment");

    /** The same with what the bloom filter of a roll-up is of: Parquet takes a column that is not asked for as empty. */
    static final MessageType KEYS_AND_NAMES = Types.buildMessage()
            .addFields(KEYS.getFields().toArray(Type[]::new))
            .addField(ALL.getType(KEY))
            .named("tidemark_segment");

    private static final MessageType OUTLINE_1 = without(LAYOUT_1, Set.of(FIELDS));
    private static final MessageType OUTLINE_2 = without(LAYOUT_2, Set.of(FIELDS));
    private static final MessageType OUTLINE =
            without(ALL, Set.of(FIELDS, CHUNK_ID, DOC_ID, TEXT, EMBEDDING, METADATA));

    private SegmentSchema() {}

    private static MessageType without(MessageType all, Set<String> columns) {
        return Types.buildMessage()
                .addFields(all.getFields().stream()
                        .filter(field -> !columns.contains(field.getName()))
                        .toArray(Type[]::new))
                .named("tidemark_segment");
    }

    /** The same but for what hashes hold. */
    static MessageType outlineOf(int layout) {
        return switch (layout) {
            case 1 -> OUTLINE_1;
            case 2 -> OUTLINE_2;
            default -> OUTLINE;
        };
    }

    /** What a file of that layout has. */
    static MessageType of(int layout) {
        return switch (layout) {
            case 1 -> LAYOUT_1;
            case 2 -> LAYOUT_2;
            default -> ALL;
        };
    }
}
