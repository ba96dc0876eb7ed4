package dev.tidemark.archive;

import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;

/** A small object that was read whole, as Parquet wants a file. */
final class MemoryFile implements InputFile {
    private final byte[] content;

    MemoryFile(byte[] content) {
        this.content = content;
    }

    @Override
    public long getLength() {
        return content.length;
    }

    @Override
    public SeekableInputStream newStream() {
        return SeekingInput.of(this::readAt);
    }

    private int readAt(long position, byte[] bytes, int from, int length) {
        if (position >= content.length) {
            return length == 0 ? 0 : -1;
        }
        int read = (int) Math.min(length, content.length - position);
        System.arraycopy(content, (int) position, bytes, from, read);
        return read;
    }
}
