package dev.tidemark.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.rdb.BlockIndex;
import dev.tidemark.rdb.BlockIndex.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The blocks of a snapshot, version 1. */
final class BlockIndexJson {
    private BlockIndexJson() {}

    static byte[] of(BlockIndex index) {
        ObjectNode object = StrictJson.object();
        object.put("rdb_version", index.rdbVersion());
        object.put("end", index.end());
        ArrayNode blocks = object.putArray("blocks");
        for (Block block : index.blocks()) {
            ObjectNode each = blocks.addObject();
            each.put("offset", block.offset());
            each.put("db", block.db());
            each.put("keys_before", block.keysBefore());
        }
        return StrictJson.bytes(object);
    }

    /** @throws IllegalArgumentException when that is no index of a version that we know */
    static BlockIndex parse(byte[] bytes) {
        JsonNode object = StrictJson.parse(bytes, Set.of("rdb_version", "end", "blocks"), Set.of());
        List<Block> blocks = new ArrayList<>();
        for (JsonNode each : StrictJson.array(object, "blocks")) {
            blocks.add(new Block(
                    StrictJson.number(each, "offset"),
                    StrictJson.integer(each, "db"),
                    StrictJson.number(each, "keys_before")));
        }
        return new BlockIndex(StrictJson.integer(object, "rdb_version"), blocks, StrictJson.number(object, "end"));
    }
}
