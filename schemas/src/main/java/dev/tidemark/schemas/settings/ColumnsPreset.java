package dev.tidemark.schemas.settings;

import dev.tidemark.schemas.layout.ChunkFields;

/** Whose hashes they are. */
public enum ColumnsPreset {
    STANDARD,
    LANGCHAIN,
    LANGCHAIN_COMMUNITY,
    REDISVL;

    ChunkFields fields() {
        return switch (this) {
            case STANDARD -> ChunkFields.standard();
            case LANGCHAIN -> ChunkFields.langchain();
            case LANGCHAIN_COMMUNITY -> ChunkFields.langchainCommunity();
            case REDISVL -> ChunkFields.redisvl();
        };
    }
}
