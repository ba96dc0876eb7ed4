package dev.tidemark.archive;

import java.io.EOFException;
import java.nio.ByteBuffer;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;

/**
 * An object that is read where it is needed, in ranges. What a reader asks for next mostly lies right behind, so a little
 * more is fetched each time; and the end, which says where everything is, is kept.
 */
final class RangedFile implements InputFile {
    /** Of each request at least: below this the round trip costs more than the bytes. */
    private static final int WINDOW_BYTES = 256 << 10;

    private final Ranges ranges;
    private final long length;
    private final Window end;

    /** Bytes [from, from + length) of the object. */
    @FunctionalInterface
    interface Ranges {
        byte[] read(long from, int length);
    }

    @SuppressWarnings("ArrayRecordComponent") // Nobody else has the array.
    private record Window(long from, byte[] bytes) {
        boolean holds(long position) {
            return from <= position && position < from + bytes.length;
        }
    }

    RangedFile(long length, Ranges ranges) {
        this.ranges = ranges;
        this.length = length;
        this.end = fetch(Math.max(0, length - WINDOW_BYTES), WINDOW_BYTES);
    }

    private Window fetch(long from, int atLeast) {
        int wanted = (int) Math.min(Math.max(atLeast, WINDOW_BYTES), length - from);
        return new Window(from, ranges.read(from, wanted));
    }

    @Override
    public long getLength() {
        return length;
    }

    @Override
    public SeekableInputStream newStream() {
        return SeekingInput.of(new Reading());
    }

    private final class Reading implements SeekingInput.Source {
        private Window window = end;

        @Override
        public int readAt(long position, byte[] bytes, int from, int wanted) throws EOFException {
            if (position >= length) {
                return wanted == 0 ? 0 : -1;
            }
            if (end.holds(position)) {
                window = end;
            } else if (!window.holds(position)) {
                window = fetch(position, wanted);
            }
            ByteBuffer found = ByteBuffer.wrap(window.bytes);
            found.position((int) (position - window.from));
            int read = Math.min(wanted, found.remaining());
            if (read == 0 && wanted > 0) {
                throw new EOFException("the object ends before byte " + length);
            }
            found.get(bytes, from, read);
            return read;
        }
    }
}
