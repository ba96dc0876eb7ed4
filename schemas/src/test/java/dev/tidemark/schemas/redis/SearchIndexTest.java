package dev.tidemark.schemas.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** On replies in the form that RediSearch 2.10 gives them over RESP2; the module is not on the test machines. */
class SearchIndexTest {
    @Test
    void everyOptionOfAnIndexAndItsFieldsIsTold() {
        List<Object> info = info(
                list("key_type", "HASH", "prefixes", list("chunk:", "doc \"1\":"), "default_score", "1"),
                list(
                        list("identifier", "text", "attribute", "text", "type", "TEXT", "WEIGHT", "2", "NOSTEM"),
                        list(
                                "identifier",
                                "$.t",
                                "attribute",
                                "tags",
                                "type",
                                "TAG",
                                "SEPARATOR",
                                "|",
                                "SORTABLE",
                                "UNF"),
                        list(
                                "identifier",
                                "embedding",
                                "attribute",
                                "embedding",
                                "type",
                                "VECTOR",
                                "algorithm",
                                "HNSW",
                                "data_type",
                                "FLOAT32",
                                "dim",
                                768L,
                                "distance_metric",
                                "COSINE",
                                "M",
                                16L,
                                "ef_construction",
                                200L),
                        list("identifier", "shape", "attribute", "shape", "type", "GEOSHAPE", "coord_system", "FLAT")),
                5);

        assertThat(SearchIndex.createdBy(bytes("chunks"), info))
                .isEqualTo("FT.CREATE chunks ON HASH PREFIX 2 chunk: \"doc \\\"1\\\":\" SCORE 1 NOFREQS STOPWORDS 1 und"
                        + " SCHEMA text TEXT WEIGHT 2 NOSTEM $.t AS tags TAG SEPARATOR | SORTABLE UNF"
                        + " embedding VECTOR HNSW 10 TYPE FLOAT32 DIM 768 DISTANCE_METRIC COSINE M 16 EF_CONSTRUCTION 200"
                        + " shape GEOSHAPE FLAT");
    }

    @Test
    void howMuchIsIndexedDoesNotMatter() {
        List<Object> field = list(list("identifier", "n", "attribute", "n", "type", "NUMERIC"));
        List<Object> rule = list("key_type", "JSON");

        assertThat(SearchIndex.createdBy(bytes("i"), info(rule, field, 5)))
                .isEqualTo(SearchIndex.createdBy(bytes("i"), info(rule, field, 6)));
    }

    @Test
    void anotherFormIsRefused() {
        List<Object> nested =
                list(list("identifier", "v", "attribute", "v", "type", "VECTOR", "index", list("dim", 4L)));

        assertThatThrownBy(() -> SearchIndex.createdBy(bytes("i"), info(list("key_type", "HASH"), nested, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another form");
        assertThatThrownBy(() -> SearchIndex.createdBy(bytes("i"), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static List<Object> info(List<Object> definition, List<Object> fields, long documents) {
        return list(
                "index_name",
                "chunks",
                "index_options",
                list("NOFREQS"),
                "index_definition",
                definition,
                "attributes",
                fields,
                "num_docs",
                documents,
                "gc_stats",
                list("bytes_collected", "0"),
                "stopwords_list",
                list("und"));
    }

    private static List<Object> list(Object... items) {
        List<Object> list = new ArrayList<>();
        for (Object item : items) {
            list.add(item instanceof String text ? bytes(text) : item);
        }
        return list;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
