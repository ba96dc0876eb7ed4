package dev.tidemark.rdb;

import dev.tidemark.schemas.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** What the values of a snapshot are, without reading what they hold. */
public final class SnapshotTypes {
    private SnapshotTypes() {}

    /** As TYPE names the value of the entry that came last. */
    public static String name(RdbScanner scanner, RdbType type) throws IOException {
        Bytes beginning = Bytes.empty();
        if (type == RdbType.MODULE_2) {
            Beginning head = new Beginning(TypeName.BEGINNING_BYTES);
            scanner.copyValue(head);
            beginning = head.bytes();
        }
        try {
            return TypeName.of(type, beginning);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Keeps the first bytes of what passes. */
    private static final class Beginning extends OutputStream {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private final int keptMax;

        Beginning(int keptMax) {
            this.keptMax = keptMax;
        }

        @Override
        public void write(int octet) {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            kept.write(bytes, from, Math.min(length, keptMax - kept.size()));
        }

        Bytes bytes() {
            return Bytes.wrap(kept.toByteArray());
        }
    }
}
