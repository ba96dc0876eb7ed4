package dev.tidemark.rdb;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value.Field;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Writes a snapshot that a stock redis-server loads, key by key as they come: databases may alternate. For one thread; the
 * stream stays the caller's to close. It holds one buffer, whatever the size of a value.
 *
 * <p>The header says the oldest version that has a checksum and is still written: a server refuses a snapshot for its
 * version alone, while what it can load depends on the values, each of which says its own type.
 */
public final class RdbWriter {
    private static final String HEADER = "REDIS0009";
    private static final int FUNCTION_2 = 245;
    private static final int AUX = 250;
    private static final int EXPIRE_MILLIS = 252;
    private static final int SELECT_DB = 254;
    private static final int END = 255;
    private static final int BUFFER_BYTES = 128 << 10;
    private static final int NONE = -1;

    private final OutputStream out;
    private final Crc64 crc = new Crc64();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int filled;
    private int db = NONE;
    private long written;

    private RdbWriter(OutputStream out) {
        this.out = out;
    }

    /**
     * Begins a snapshot.
     *
     * @param aux what it says of itself; servers log it and go on
     */
    public static RdbWriter begin(OutputStream out, Map<String, String> aux) throws IOException {
        RdbWriter writer = new RdbWriter(out);
        writer.bytes(HEADER.getBytes(StandardCharsets.US_ASCII));
        for (Map.Entry<String, String> each : aux.entrySet()) {
            writer.octet(AUX);
            writer.string(Bytes.utf8(each.getKey()));
            writer.string(Bytes.utf8(each.getValue()));
        }
        return writer;
    }

    /** A function library; each name once, or the server that loads it gives up. */
    public void library(Bytes code) throws IOException {
        octet(FUNCTION_2);
        string(code);
    }

    public void text(int database, Bytes key, OptionalLong expireAtMillis, Bytes value) throws IOException {
        begin(database, key, expireAtMillis, RdbType.STRING.code());
        string(value);
    }

    /** A string that is streamed; the content must have exactly that length. */
    public void text(int database, Bytes key, OptionalLong expireAtMillis, long length, InputStream content)
            throws IOException {
        begin(database, key, expireAtMillis, RdbType.STRING.code());
        length(length);
        copy(content, length);
    }

    public void hash(int database, Bytes key, OptionalLong expireAtMillis, List<Field> fields) throws IOException {
        begin(database, key, expireAtMillis, RdbType.HASH.code());
        length(fields.size());
        for (Field field : fields) {
            string(field.name());
            string(field.value());
        }
    }

    /**
     * A value as DUMP gave it: its type and its bytes are what a snapshot has too, and only the footer goes.
     *
     * @param length of the whole payload
     */
    public void dumped(int database, Bytes key, OptionalLong expireAtMillis, long length, InputStream dump)
            throws IOException {
        if (length <= DumpFrame.FOOTER_BYTES) {
            throw new IllegalArgumentException("%d bytes are no DUMP payload".formatted(length));
        }
        begin(database, key, expireAtMillis, dump.read());
        copy(dump, length - DumpFrame.FOOTER_BYTES - 1);
    }

    /** Nothing may follow. */
    public void end() throws IOException {
        octet(END);
        flush();
        long checksum = crc.value();
        byte[] footer = new byte[Long.BYTES];
        for (int i = 0; i < footer.length; i++) {
            footer[i] = (byte) (checksum >>> (8 * i));
        }
        out.write(footer);
        written += footer.length;
        out.flush();
    }

    /** What left the buffer. */
    public long bytesWritten() {
        return written;
    }

    private void begin(int database, Bytes key, OptionalLong expireAtMillis, int type) throws IOException {
        if (database != db) {
            octet(SELECT_DB);
            length(database);
            db = database;
        }
        if (expireAtMillis.isPresent()) {
            octet(EXPIRE_MILLIS);
            for (int i = 0; i < Long.BYTES; i++) {
                octet((int) (expireAtMillis.getAsLong() >>> (8 * i)));
            }
        }
        octet(type);
        string(key);
    }

    private void string(Bytes string) throws IOException {
        length(string.length());
        bytes(string.array());
    }

    /** In as few bytes as it needs. */
    private void length(long length) throws IOException {
        if (length < 1 << 6) {
            octet((int) length);
        } else if (length < 1 << 14) {
            octet(0x40 | (int) (length >>> 8));
            octet((int) length);
        } else if (length <= 0xffff_ffffL) {
            octet(0x80);
            bigEndian(length, Integer.BYTES);
        } else {
            octet(0x81);
            bigEndian(length, Long.BYTES);
        }
    }

    private void bigEndian(long number, int bytes) throws IOException {
        for (int i = bytes - 1; i >= 0; i--) {
            octet((int) (number >>> (8 * i)));
        }
    }

    private void copy(InputStream content, long length) throws IOException {
        for (long rest = length; rest > 0; ) {
            if (filled == BUFFER_BYTES) {
                flush();
            }
            int read = content.read(buffer, filled, (int) Math.min(rest, BUFFER_BYTES - filled));
            if (read < 0) {
                throw new EOFException("a value ended %d bytes before its length".formatted(rest));
            }
            filled += read;
            rest -= read;
        }
    }

    private void octet(int octet) throws IOException {
        if (filled == BUFFER_BYTES) {
            flush();
        }
        buffer[filled++] = (byte) octet;
    }

    private void bytes(byte[] bytes) throws IOException {
        for (int from = 0; from < bytes.length; ) {
            if (filled == BUFFER_BYTES) {
                flush();
            }
            int length = Math.min(bytes.length - from, BUFFER_BYTES - filled);
            System.arraycopy(bytes, from, buffer, filled, length);
            filled += length;
            from += length;
        }
    }

    private void flush() throws IOException {
        crc.update(buffer, 0, filled);
        out.write(buffer, 0, filled);
        written += filled;
        filled = 0;
    }
}
