package dev.tidemark.rdb;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** A string as it stands in a snapshot, turned into what it says, in a few KiB of memory whatever its size. */
public final class StringValue {
    private static final int INT_8 = 0;
    private static final int INT_16 = 1;
    private static final int INT_32 = 2;
    private static final int LZF = 3;
    private static final int IN_32_BITS = 0x80;
    private static final int IN_64_BITS = 0x81;
    private static final int COPY_BYTES = 64 << 10;
    /** As far as a reference of LZF can reach back. */
    private static final int WINDOW_BYTES = 8 << 10;

    private static final int LITERALS_BELOW = 32;

    private final InputStream in;
    private final OutputStream sink;
    private final byte[] window = new byte[WINDOW_BYTES];
    private long written;

    private StringValue(InputStream in, OutputStream sink) {
        this.in = in;
        this.sink = sink;
    }

    /**
     * Reads one string and writes what it says.
     *
     * @throws IOException when that is no such string, too
     */
    public static void decode(InputStream raw, OutputStream sink) throws IOException {
        new StringValue(raw, sink).decode();
    }

    private void decode() throws IOException {
        int first = octet();
        if (first >>> 6 != 3) {
            copy(length(first));
            return;
        }
        switch (first & 0x3f) {
            case INT_8 -> decimal((byte) littleEndian(1));
            case INT_16 -> decimal((short) littleEndian(2));
            case INT_32 -> {
                int number = (int) littleEndian(Integer.BYTES);
                decimal(number);
            }
            case LZF -> {
                long packed = length(octet());
                long plain = length(octet());
                decompress(packed, plain);
            }
            default -> throw new IOException("a string with the unknown encoding " + first);
        }
    }

    private void decimal(long number) throws IOException {
        sink.write(Long.toString(number).getBytes(StandardCharsets.US_ASCII));
    }

    private void copy(long length) throws IOException {
        byte[] buffer = new byte[(int) Math.min(length, COPY_BYTES)];
        for (long rest = length; rest > 0; ) {
            int read = in.read(buffer, 0, (int) Math.min(rest, buffer.length));
            if (read < 0) {
                throw new EOFException("a string that ends too soon");
            }
            sink.write(buffer, 0, read);
            rest -= read;
        }
    }

    private void decompress(long packed, long plain) throws IOException {
        for (long left = packed; left > 0; ) {
            int control = octet();
            left--;
            if (control < LITERALS_BELOW) {
                for (int run = control + 1; run > 0; run--) {
                    put(octet());
                    left--;
                }
                continue;
            }
            int run = (control >>> 5) + 2;
            if (control >>> 5 == 7) {
                run += octet();
                left--;
            }
            long from = written - ((control & 0x1f) << 8) - octet() - 1;
            left--;
            if (from < 0) {
                throw new IOException("a compressed string that refers to nowhere");
            }
            for (; run > 0; run--) {
                put(window[(int) (from++ % WINDOW_BYTES)]);
            }
        }
        if (written != plain) {
            throw new IOException("a compressed string of another length than it says");
        }
    }

    private void put(int octet) throws IOException {
        window[(int) (written++ % WINDOW_BYTES)] = (byte) octet;
        sink.write(octet);
    }

    private long length(int first) throws IOException {
        return switch (first >>> 6) {
            case 0 -> first & 0x3f;
            case 1 -> ((first & 0x3f) << 8) | octet();
            default ->
                switch (first) {
                    case IN_32_BITS -> Integer.toUnsignedLong(Integer.reverseBytes((int) littleEndian(Integer.BYTES)));
                    case IN_64_BITS -> Long.reverseBytes(littleEndian(Long.BYTES));
                    default -> throw new IOException("a length with the unknown encoding " + first);
                };
        };
    }

    private long littleEndian(int octets) throws IOException {
        long value = 0;
        for (int i = 0; i < octets; i++) {
            value |= (long) octet() << (8 * i);
        }
        return value;
    }

    private int octet() throws IOException {
        int octet = in.read();
        if (octet < 0) {
            throw new EOFException("a string that ends too soon");
        }
        return octet;
    }
}
