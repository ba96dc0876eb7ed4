package dev.tidemark.capture;

import java.util.List;

/** Keys of one database that are read in one transaction. */
record ReadBatch(List<KeyRead> reads) {
    ReadBatch {
        reads = List.copyOf(reads);
    }
}
