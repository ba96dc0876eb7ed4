package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.settings.ColumnsPreset;
import dev.tidemark.schemas.settings.ColumnsSettings;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What common libraries write with their defaults, and the columns that it becomes by their presets. */
class ChunkPresetsTest {
    private static final Bytes EMBEDDING = Bytes.wrap(new byte[] {0, 0, 0, 63, 0, 0, (byte) 0x80, (byte) 0xbf});

    /** langchain-redis, RedisVectorStore.add_texts: each entry of a document's metadata is a field of its own beside. */
    @Test
    void langchainRedis() {
        ChunkColumns.Split split = split(
                ColumnsPreset.LANGCHAIN,
                field("text", "The tide is out"),
                new Field(Bytes.utf8("embedding"), EMBEDDING),
                field("_index_name", "handbook"),
                field("_metadata_json", "{\"source\": \"handbook.pdf\", \"page\": 7}"),
                field("source", "handbook.pdf"),
                field("page", "7"));

        assertThat(split.columns()).isEqualTo("text:text,embedding:embedding,*1,metadata:_metadata_json,*2");
        assertThat(split.values())
                .containsEntry(SegmentSchema.TEXT, Bytes.utf8("The tide is out"))
                .containsEntry(SegmentSchema.EMBEDDING, EMBEDDING)
                .containsEntry(SegmentSchema.METADATA, Bytes.utf8("{\"source\": \"handbook.pdf\", \"page\": 7}"));
    }

    /** langchain-community's older store: content_key, content_vector_key, and metadata as fields of their own. */
    @Test
    void langchainCommunity() {
        ChunkColumns.Split split = split(
                ColumnsPreset.LANGCHAIN_COMMUNITY,
                field("content", "The tide is out"),
                new Field(Bytes.utf8("content_vector"), EMBEDDING),
                field("source", "handbook.pdf"));

        assertThat(split.columns()).isEqualTo("text:content,embedding:content_vector,*1");
    }

    /** RedisVL's SemanticCache: a CacheEntry as a dictionary. */
    @Test
    void redisVl() {
        ChunkColumns.Split split = split(
                ColumnsPreset.REDISVL,
                field("entry_id", "63ac2ba4"),
                field("prompt", "When is low tide?"),
                field("response", "At noon"),
                new Field(Bytes.utf8("prompt_vector"), EMBEDDING),
                field("inserted_at", "1763647200.5"),
                field("updated_at", "1763647200.5"),
                field("metadata", "{\"lang\": \"en\"}"));

        assertThat(split.columns())
                .isEqualTo("chunk_id:entry_id,text:prompt,*1,embedding:prompt_vector,*2,metadata:metadata");
    }

    @Test
    void oneFieldOfAPresetMayBeNamedOtherwise() {
        ColumnsSettings settings = new ColumnsSettings(
                ColumnsPreset.LANGCHAIN,
                Optional.empty(),
                Optional.of("source"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());

        ChunkColumns.Split split = new ChunkColumns(settings.fields())
                .split(new Value.Hash(Stream.of(field("text", "t"), field("source", "handbook.pdf"))
                        .toList()));

        assertThat(split.values())
                .isEqualTo(
                        Map.of(SegmentSchema.TEXT, Bytes.utf8("t"), SegmentSchema.DOC_ID, Bytes.utf8("handbook.pdf")));
    }

    private static ChunkColumns.Split split(ColumnsPreset preset, Field... fields) {
        ColumnsSettings settings = new ColumnsSettings(
                preset, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        return new ChunkColumns(settings.fields())
                .split(new Value.Hash(Stream.of(fields).toList()));
    }

    private static Field field(String name, String value) {
        return new Field(Bytes.utf8(name), Bytes.utf8(value));
    }
}
