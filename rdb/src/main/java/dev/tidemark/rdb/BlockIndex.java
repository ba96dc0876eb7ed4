package dev.tidemark.rdb;

import java.util.ArrayList;
import java.util.List;

/**
 * Places in a snapshot at which a key begins, so that it can be read by several at once.
 *
 * @param rdbVersion of the format
 * @param blocks in their order; the first begins with the first key, so what stands before the keys is before it
 * @param end of the last one: the offset of the end mark
 */
public record BlockIndex(int rdbVersion, List<Block> blocks, long end) {
    /**
     * From here to the next one.
     *
     * @param db that is selected here
     * @param keysBefore how many keys stand before it
     */
    public record Block(long offset, int db, long keysBefore) {
        public Block {
            if (offset < 0 || db < 0 || keysBefore < 0) {
                throw new IllegalArgumentException(
                        "no block begins at byte %d, in database %d, after %d keys".formatted(offset, db, keysBefore));
            }
        }
    }

    public BlockIndex {
        blocks = List.copyOf(blocks);
        long before = -1;
        for (Block block : blocks) {
            if (block.offset() <= before || block.offset() >= end) {
                throw new IllegalArgumentException("block at byte %d is out of order".formatted(block.offset()));
            }
            before = block.offset();
        }
    }

    /** Where the block of this number ends. */
    public long endOf(int block) {
        return block + 1 < blocks.size() ? blocks.get(block + 1).offset() : end;
    }

    /** Made while a snapshot is scanned. */
    public static final class Builder {
        private final long bytesEach;
        private final List<Block> blocks = new ArrayList<>();
        private long keys;

        /**
         * Without a block yet.
         *
         * @param bytesEach at least so many from one block to the next
         */
        public Builder(long bytesEach) {
            this.bytesEach = bytesEach;
        }

        public void add(RdbItem.Entry entry) {
            if (blocks.isEmpty()
                    || entry.offset() - blocks.get(blocks.size() - 1).offset() >= bytesEach) {
                blocks.add(new Block(entry.offset(), entry.db(), keys));
            }
            keys++;
        }

        public long keys() {
            return keys;
        }

        public BlockIndex end(int rdbVersion, RdbItem.End end) {
            return new BlockIndex(rdbVersion, blocks, end.offset());
        }
    }
}
