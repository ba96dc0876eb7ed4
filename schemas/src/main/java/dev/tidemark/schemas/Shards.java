package dev.tidemark.schemas;

/**
 * A source's shards: equal ranges of hash slots. Shard = Kafka partition = archive shard = unit of parallel restore,
 * so the number is fixed for the life of a source's name.
 */
public record Shards(int count) {
    public Shards {
        if (count < 1 || count > HashSlot.COUNT) {
            throw new IllegalArgumentException("a source has 1 to " + HashSlot.COUNT + " shards, not " + count);
        }
    }

    public int of(Bytes key) {
        return ofSlot(HashSlot.of(key));
    }

    public int ofSlot(int slot) {
        return slot * count / HashSlot.COUNT;
    }
}
