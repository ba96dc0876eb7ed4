package dev.tidemark.compactor.baseline;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** A stream of so many bytes, however many more could follow; fewer are an error. */
final class OfLength extends InputStream {
    private final InputStream in;
    private long left;

    OfLength(InputStream in, long length) {
        this.in = in;
        this.left = length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        if (left == 0) {
            return length == 0 ? 0 : -1;
        }
        int read = in.read(bytes, from, (int) Math.min(length, left));
        if (read < 0) {
            throw new EOFException("the snapshot ended %d bytes early".formatted(left));
        }
        left -= read;
        return read;
    }
}
