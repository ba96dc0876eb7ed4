package dev.tidemark.compactor.baseline;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * A stream that ends with a mark, which was agreed upon before it: how Redis sends a snapshot whose length it does not know.
 * The sender falls silent behind the mark, so the end is where the last bytes that came are the mark.
 */
final class UntilMark extends InputStream {
    private static final int BUFFER_BYTES = 256 << 10;

    private final InputStream in;
    private final byte[] mark;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int end;
    private boolean isOver;

    UntilMark(InputStream in, byte[] mark) {
        this.in = in;
        this.mark = mark.clone();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        // The last bytes that came may be the mark, or its beginning: they are held back.
        while (!isOver && end - at <= mark.length) {
            fill();
        }
        int free = end - at - mark.length;
        if (free <= 0) {
            return -1;
        }
        int taken = Math.min(length, free);
        System.arraycopy(buffer, at, bytes, from, taken);
        at += taken;
        return taken;
    }

    private void fill() throws IOException {
        System.arraycopy(buffer, at, buffer, 0, end - at);
        end -= at;
        at = 0;
        int read = in.read(buffer, end, buffer.length - end);
        if (read < 0) {
            throw new EOFException("Redis closed the connection before the snapshot was whole");
        }
        end += read;
        isOver = end >= mark.length && Arrays.equals(buffer, end - mark.length, end, mark, 0, mark.length);
    }
}
