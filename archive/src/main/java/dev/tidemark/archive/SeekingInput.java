package dev.tidemark.archive;

import java.io.IOException;
import java.io.InputStream;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.SeekableInputStream;

/** A stream, as Parquet wants it, of what can be read at any position. */
final class SeekingInput extends InputStream {
    private final Source source;
    private long position;

    /** What is read. */
    @FunctionalInterface
    interface Source {
        /** As {@link InputStream#read(byte[], int, int)}, from that position on. */
        int readAt(long position, byte[] bytes, int from, int length) throws IOException;
    }

    private SeekingInput(Source source) {
        this.source = source;
    }

    static SeekableInputStream of(Source source) {
        SeekingInput input = new SeekingInput(source);
        return new DelegatingSeekableInputStream(input) {
            @Override
            public long getPos() {
                return input.position;
            }

            @Override
            public void seek(long position) {
                input.position = position;
            }
        };
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        int read = source.readAt(position, bytes, from, length);
        if (read > 0) {
            position += read;
        }
        return read;
    }
}
