package dev.tidemark.bench;

import java.util.List;

/** What a sink makes of records. For one thread. */
interface ObjectMaking {
    /** One object of all of them. */
    void put(List<byte[]> records, RawBucket bucket);
}
