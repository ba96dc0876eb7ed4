package dev.tidemark.rdb;

import java.io.IOException;
import java.io.OutputStream;

/** Puts behind a value what DUMP does: the version of the format and a checksum of it all. */
final class DumpFrame extends OutputStream {
    /** The version and the checksum. */
    static final int FOOTER_BYTES = 10;

    private static final int VERSION_BYTES = 2;

    private final OutputStream sink;
    private final Crc64 crc = new Crc64();

    DumpFrame(OutputStream sink) {
        this.sink = sink;
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        crc.update(bytes, from, length);
        sink.write(bytes, from, length);
    }

    void end(int version) throws IOException {
        sink.write(footer(crc, version));
    }

    /** @param before of the type and the value */
    static byte[] footer(Crc64 before, int version) {
        byte[] footer = new byte[FOOTER_BYTES];
        footer[0] = (byte) version;
        footer[1] = (byte) (version >>> 8);
        before.update(footer, 0, VERSION_BYTES);
        for (int i = 0; i < Long.BYTES; i++) {
            footer[VERSION_BYTES + i] = (byte) (before.value() >>> (8 * i));
        }
        return footer;
    }
}
