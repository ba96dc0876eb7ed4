package dev.tidemark.rdb;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The bytes of a snapshot through one fixed buffer: numbers and strings, a checksum, and a copy of what is asked for. */
final class RdbInput {
    private static final int BUFFER_BYTES = 256 << 10;

    private static final int INT_8 = 0;
    private static final int INT_16 = 1;
    private static final int INT_32 = 2;
    private static final int LZF = 3;
    private static final int IN_32_BITS = 0x80;
    private static final int IN_64_BITS = 0x81;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final Crc64 crc = new Crc64();
    private final boolean isSummed;
    private Optional<OutputStream> copy = Optional.empty();
    private long bufferOffset;
    private int at;
    private int end;
    private int accounted;

    /**
     * At the beginning of a stream.
     *
     * @param offset of the stream's first byte in the snapshot
     * @param isSummed whether anybody will ask for the checksum
     */
    RdbInput(InputStream in, long offset, boolean isSummed) {
        this.in = in;
        this.bufferOffset = offset;
        this.isSummed = isSummed;
    }

    /** Of the next byte. */
    long offset() {
        return bufferOffset + at;
    }

    boolean isSummed() {
        return isSummed;
    }

    /** Of all that was read so far, if it is summed. */
    long crc() throws IOException {
        account();
        return crc.value();
    }

    /** Everything from here on goes to the sink too, until {@link #stopCopy}. */
    void copyTo(OutputStream sink) throws IOException {
        account();
        copy = Optional.of(sink);
    }

    void stopCopy() throws IOException {
        account();
        copy = Optional.empty();
    }

    boolean isAtEnd() throws IOException {
        return at == end && !isFilled();
    }

    int octet() throws IOException {
        require();
        return buffer[at++] & 0xff;
    }

    byte[] bytes(int length) throws IOException {
        byte[] bytes = new byte[length];
        for (int filled = 0; filled < length; ) {
            require();
            int part = Math.min(length - filled, end - at);
            System.arraycopy(buffer, at, bytes, filled, part);
            at += part;
            filled += part;
        }
        return bytes;
    }

    void skip(long length) throws IOException {
        if (length < 0) {
            throw damaged("a length beyond all bounds");
        }
        for (long rest = length; rest > 0; ) {
            require();
            int part = (int) Math.min(rest, end - at);
            at += part;
            rest -= part;
        }
    }

    long littleEndian(int octets) throws IOException {
        long value = 0;
        for (int i = 0; i < octets; i++) {
            value |= (long) octet() << (8 * i);
        }
        return value;
    }

    /** A number in as many bytes as it needs; it is unsigned, and may be so large that it looks negative. */
    long number() throws IOException {
        int first = octet();
        if (first >>> 6 == 3) {
            throw damaged("a string's encoding where a length should be");
        }
        return number(first);
    }

    /** A number of things that follow. */
    long count() throws IOException {
        long count = number();
        if (count < 0) {
            throw damaged("a length beyond all bounds");
        }
        return count;
    }

    private long number(int first) throws IOException {
        return switch (first >>> 6) {
            case 0 -> first & 0x3f;
            case 1 -> ((first & 0x3f) << 8) | octet();
            default ->
                switch (first) {
                    case IN_32_BITS -> Integer.toUnsignedLong(Integer.reverseBytes((int) littleEndian(4)));
                    case IN_64_BITS -> Long.reverseBytes(littleEndian(8));
                    default -> throw damaged("a length with the unknown encoding " + first);
                };
        };
    }

    void skipString() throws IOException {
        int first = octet();
        if (first >>> 6 != 3) {
            skip(number(first));
            return;
        }
        switch (first & 0x3f) {
            case INT_8 -> skip(1);
            case INT_16 -> skip(2);
            case INT_32 -> skip(4);
            case LZF -> {
                long packed = count();
                count();
                skip(packed);
            }
            default -> throw damaged("a string with the unknown encoding " + first);
        }
    }

    void skipStrings(long strings) throws IOException {
        for (long left = strings; left > 0; left--) {
            skipString();
        }
    }

    /** A string that is held in memory; a longer one is refused. */
    byte[] string(int bytesMax) throws IOException {
        int first = octet();
        if (first >>> 6 != 3) {
            return bytes(within(number(first), bytesMax));
        }
        return switch (first & 0x3f) {
            case INT_8 -> decimal((byte) littleEndian(1));
            case INT_16 -> decimal((short) littleEndian(2));
            case INT_32 -> {
                int number = (int) littleEndian(4);
                yield decimal(number);
            }
            case LZF -> {
                int packed = within(number(), bytesMax);
                int plain = within(number(), bytesMax);
                byte[] content = bytes(packed);
                try {
                    yield Lzf.decompressed(content, 0, packed, plain);
                } catch (IllegalArgumentException e) {
                    throw damaged(e.getMessage());
                }
            }
            default -> throw damaged("a string with the unknown encoding " + first);
        };
    }

    private int within(long length, int bytesMax) throws RdbDamaged {
        if (length < 0 || length > bytesMax) {
            throw damaged("%s bytes where at most %d are read".formatted(Long.toUnsignedString(length), bytesMax));
        }
        return (int) length;
    }

    private static byte[] decimal(long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }

    RdbDamaged damaged(String what) {
        return new RdbDamaged(offset(), what);
    }

    private void require() throws IOException {
        if (at == end && !isFilled()) {
            throw damaged("the snapshot ends in the middle");
        }
    }

    private boolean isFilled() throws IOException {
        account();
        bufferOffset += end;
        at = 0;
        end = 0;
        accounted = 0;
        int read = in.read(buffer);
        if (read <= 0) {
            return false;
        }
        end = read;
        return true;
    }

    private void account() throws IOException {
        if (isSummed) {
            crc.update(buffer, accounted, at - accounted);
        }
        if (copy.isPresent()) {
            copy.get().write(buffer, accounted, at - accounted);
        }
        accounted = at;
    }
}
