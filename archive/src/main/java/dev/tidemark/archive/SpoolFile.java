package dev.tidemark.archive;

import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;

/** An object that was copied to the local disk, as Parquet wants a file. */
final class SpoolFile implements InputFile {
    private final Spool spool;

    SpoolFile(Spool spool) {
        this.spool = spool;
    }

    @Override
    public long getLength() {
        return spool.sizeBytes();
    }

    @Override
    public SeekableInputStream newStream() {
        return SeekingInput.of(spool::readAt);
    }
}
