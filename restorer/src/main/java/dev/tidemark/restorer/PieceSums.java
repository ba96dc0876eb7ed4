package dev.tidemark.restorer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Checksums of a file's pieces, taken while all of it was read for the first time. What is read of it again is compared with them,
 * piece by piece, before any of it is handed out. Written by one thread, then read by any number.
 */
final class PieceSums extends OutputStream {
    static final int PIECE_BYTES = 1 << 20;

    private final CRC32C crc = new CRC32C();
    private int[] sums = new int[16];
    private long size;

    /** The bytes [from, to) of the file. */
    @FunctionalInterface
    interface Source {
        InputStream open(long from, long to) throws IOException;
    }

    @Override
    public void write(int octet) {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
        for (int at = from; at < from + length; ) {
            int part = (int) Math.min(from + length - at, PIECE_BYTES - size % PIECE_BYTES);
            crc.update(bytes, at, part);
            at += part;
            size += part;
            if (size % PIECE_BYTES == 0) {
                end(size / PIECE_BYTES - 1);
            }
        }
    }

    /** Nothing more is written. */
    @Override
    public void close() {
        if (size % PIECE_BYTES != 0) {
            end(size / PIECE_BYTES);
        }
    }

    private void end(long piece) {
        int number = Math.toIntExact(piece);
        if (number == sums.length) {
            sums = Arrays.copyOf(sums, 2 * sums.length);
        }
        sums[number] = (int) crc.getValue();
        crc.reset();
    }

    /** The bytes [from, to) of what was written, from wherever they are now. */
    InputStream open(Source source, long from, long to) throws IOException {
        long begin = from - from % PIECE_BYTES;
        long end = Math.min(size, (to + PIECE_BYTES - 1) / PIECE_BYTES * PIECE_BYTES);
        InputStream pieces = new Compared(source.open(begin, end), begin, to);
        try {
            pieces.skipNBytes(from - begin);
            return pieces;
        } catch (IOException e) {
            pieces.close();
            throw e;
        }
    }

    private final class Compared extends InputStream {
        private final InputStream in;
        private final long to;
        private final byte[] piece = new byte[PIECE_BYTES];
        private final CRC32C found = new CRC32C();
        private long pieceFrom;
        private int length;
        private int at;

        Compared(InputStream in, long from, long to) {
            this.in = in;
            this.pieceFrom = from;
            this.to = to;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int wanted) throws IOException {
            if (wanted == 0) {
                return 0;
            }
            if (at == length && !isNextThere()) {
                return -1;
            }
            int read = (int) Math.min(Math.min(wanted, length - at), to - pieceFrom - at);
            if (read == 0) {
                return -1;
            }
            System.arraycopy(piece, at, bytes, from, read);
            at += read;
            return read;
        }

        private boolean isNextThere() throws IOException {
            pieceFrom += length;
            at = 0;
            length = (int) Math.min(PIECE_BYTES, size - pieceFrom);
            if (pieceFrom >= to) {
                length = 0;
                return false;
            }
            if (in.readNBytes(piece, 0, length) < length) {
                throw new IOException("it ends before byte " + (pieceFrom + length));
            }
            found.reset();
            found.update(piece, 0, length);
            if ((int) found.getValue() != sums[(int) (pieceFrom / PIECE_BYTES)]) {
                throw new IOException("its bytes from %d on are not those that were there when it was validated"
                        .formatted(pieceFrom));
            }
            return true;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
