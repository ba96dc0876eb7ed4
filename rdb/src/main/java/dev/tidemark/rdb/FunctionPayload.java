package dev.tidemark.rdb;

import dev.tidemark.schemas.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Function libraries as FUNCTION DUMP tells them. */
public final class FunctionPayload {
    private static final int LIBRARY = 245;
    private static final int LENGTH_IN_32_BITS = 0x80;

    private FunctionPayload() {}

    /**
     * A payload that FUNCTION RESTORE takes.
     *
     * @param version of the snapshot they stood in
     */
    public static Bytes of(List<Bytes> libraries, int version) {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        try {
            DumpFrame frame = new DumpFrame(payload);
            for (Bytes code : libraries) {
                frame.write(LIBRARY);
                frame.write(LENGTH_IN_32_BITS);
                frame.write(
                        ByteBuffer.allocate(Integer.BYTES).putInt(code.length()).array());
                frame.write(code.array());
            }
            frame.end(version);
        } catch (IOException e) {
            throw new UncheckedIOException("memory takes what is written to it", e);
        }
        return Bytes.wrap(payload.toByteArray());
    }
}
