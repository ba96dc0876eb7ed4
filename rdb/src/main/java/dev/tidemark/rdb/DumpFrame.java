package dev.tidemark.rdb;

import java.io.IOException;
import java.io.OutputStream;

/** Puts behind a value what DUMP does: the version of the format and a checksum of it all. */
final class DumpFrame extends OutputStream {
    /** The version and the checksum. */
    static final int FOOTER_BYTES = 10;

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
        write(new byte[] {(byte) version, (byte) (version >>> 8)}, 0, 2);
        byte[] footer = new byte[Long.BYTES];
        for (int i = 0; i < footer.length; i++) {
            footer[i] = (byte) (crc.value() >>> (8 * i));
        }
        sink.write(footer);
    }
}
