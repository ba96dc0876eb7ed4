package dev.tidemark.bench;

import dev.tidemark.schemas.log.LogRow;
import java.util.List;

/** A way to make one Parquet file of rows, in memory. */
interface RowWriting {
    /** Returns the file's size. */
    long write(List<LogRow> rows);
}
