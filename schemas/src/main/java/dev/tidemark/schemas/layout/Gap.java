package dev.tidemark.schemas.layout;

import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Why a shard could claim nothing from a time on. It explains and nothing else: what is not claimed cannot be restored,
 * whether this was written or not.
 *
 * @param node of Redis that the doubt is about
 * @param lastClaimMicros of the last claim before it, if one was seen
 */
public record Gap(GapKey key, String node, String reason, OptionalLong lastClaimMicros) {
    public Gap {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(lastClaimMicros, "lastClaimMicros");
    }
}
