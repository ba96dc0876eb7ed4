package dev.tidemark.rdb;

import dev.tidemark.schemas.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads a snapshot item by item. For one thread; the stream stays the caller's to close.
 *
 * <p>After an exception it is of no further use.
 */
public final class RdbScanner {
    private static final int FOOTER_BUFFER_BYTES = 8 << 10;
    private static final int SLOT_INFO = 244;
    private static final int FUNCTION_2 = 245;
    private static final int MODULE_AUX = 247;
    private static final int IDLE = 248;
    private static final int FREQ = 249;
    private static final int AUX = 250;
    private static final int RESIZE_DB = 251;
    private static final int EXPIRE_MILLIS = 252;
    private static final int EXPIRE_SECONDS = 253;
    private static final int SELECT_DB = 254;
    private static final int END = 255;

    private static final int FIRST_OPCODE = 243;
    private static final String MAGIC = "REDIS";
    private static final int HEADER_BYTES = 9;
    private static final int VERSION_MAX = 13;
    private static final int CHECKSUM_SINCE = 5;
    private static final int STRING_BYTES_MAX = 64 << 20;

    private final RdbInput in;
    private final OptionalLong blockEnd;
    private final int version;
    private int db;
    private Optional<RdbType> pending = Optional.empty();

    private RdbScanner(RdbInput in, OptionalLong blockEnd, int version, int db) {
        this.in = in;
        this.blockEnd = blockEnd;
        this.version = version;
        this.db = db;
    }

    /** A whole snapshot; its header is read at once, and its checksum is compared at its end. */
    public static RdbScanner open(InputStream in) throws IOException {
        return open(in, true);
    }

    /** A whole snapshot of which the caller knows in another way that it is as it was written. */
    public static RdbScanner openCompared(InputStream in) throws IOException {
        return open(in, false);
    }

    private static RdbScanner open(InputStream in, boolean isSummed) throws IOException {
        RdbInput input = new RdbInput(in, 0, isSummed);
        return new RdbScanner(input, OptionalLong.empty(), header(input), 0);
    }

    /**
     * One block of a snapshot, of which the caller knows in another way that it is as it was written.
     *
     * @param in begins with the block and may go on after it
     */
    public static RdbScanner block(InputStream in, BlockIndex index, int block) {
        BlockIndex.Block begin = index.blocks().get(block);
        return new RdbScanner(
                new RdbInput(in, begin.offset(), false),
                OptionalLong.of(index.endOf(block)),
                index.rdbVersion(),
                begin.db());
    }

    private static int header(RdbInput in) throws IOException {
        String header = new String(in.bytes(HEADER_BYTES), StandardCharsets.US_ASCII);
        if (!header.matches(MAGIC + "\\d{4}")) {
            throw new RdbDamaged(
                    0,
                    header.startsWith("VALKEY")
                            ? "a snapshot of Valkey 9 or later, which this build does not read"
                            : "no snapshot of a Redis begins like this");
        }
        int version = Integer.parseInt(header.substring(MAGIC.length()));
        if (version < 1 || version > VERSION_MAX) {
            throw new RdbDamaged(
                    0,
                    "a snapshot of version %d, and this build reads versions up to %d".formatted(version, VERSION_MAX));
        }
        return version;
    }

    /** Of the format, as it stands at the end of a DUMP too. */
    public int version() {
        return version;
    }

    /** The next item; a value that nobody asked for is passed over. */
    public RdbItem next() throws IOException {
        if (pending.isPresent()) {
            pending.get().passOver(in);
            pending = Optional.empty();
        }
        OptionalLong expireAtMillis = OptionalLong.empty();
        for (long begin = in.offset(); ; ) {
            if (isEndOfBlock(begin)) {
                return new RdbItem.End(begin);
            }
            int code = in.octet();
            switch (code) {
                case EXPIRE_MILLIS -> expireAtMillis = OptionalLong.of(in.littleEndian(Long.BYTES));
                case EXPIRE_SECONDS -> expireAtMillis = OptionalLong.of(1_000L * (int) in.littleEndian(Integer.BYTES));
                case IDLE -> in.number();
                case FREQ -> in.octet();
                case SELECT_DB -> {
                    db = Math.toIntExact(Math.min(in.count(), Integer.MAX_VALUE));
                    begin = in.offset();
                }
                case RESIZE_DB -> {
                    in.number();
                    in.number();
                    begin = in.offset();
                }
                case SLOT_INFO -> {
                    in.number();
                    in.number();
                    in.number();
                    begin = in.offset();
                }
                case AUX -> {
                    return new RdbItem.Aux(string(), string());
                }
                case FUNCTION_2 -> {
                    return new RdbItem.Library(string());
                }
                case MODULE_AUX -> {
                    ValueShapes.moduleValue(in);
                    return new RdbItem.ModuleData();
                }
                case END -> {
                    requireChecksum();
                    return new RdbItem.End(begin);
                }
                default -> {
                    RdbType type = RdbType.of(code).orElseThrow(() -> unknown(code));
                    Bytes key = string();
                    pending = Optional.of(type);
                    return new RdbItem.Entry(begin, db, type, key, expireAtMillis);
                }
            }
        }
    }

    private boolean isEndOfBlock(long offset) throws RdbDamaged {
        if (blockEnd.isPresent() && offset > blockEnd.getAsLong()) {
            throw in.damaged("the block does not end where the next one begins");
        }
        return blockEnd.isPresent() && offset == blockEnd.getAsLong();
    }

    private RdbDamaged unknown(int code) {
        return in.damaged((code >= FIRST_OPCODE ? "the opcode " : "a value of type ") + code
                + ", which this build does not know");
    }

    private Bytes string() throws IOException {
        return Bytes.wrap(in.string(STRING_BYTES_MAX));
    }

    /** The bytes of the value of the entry that came last, as they stand in the snapshot. */
    public void copyValue(OutputStream sink) throws IOException {
        RdbType type = pending.orElseThrow(() -> new IllegalStateException("no value is at hand"));
        pending = Optional.empty();
        in.copyTo(sink);
        type.passOver(in);
        in.stopCopy();
    }

    /**
     * What DUMP puts behind a value.
     *
     * @param begun its type's code and the value
     */
    public byte[] dumpFooter(InputStream begun) throws IOException {
        Crc64 crc = new Crc64();
        byte[] buffer = new byte[FOOTER_BUFFER_BYTES];
        for (int read = begun.read(buffer); read >= 0; read = begun.read(buffer)) {
            crc.update(buffer, 0, read);
        }
        return DumpFrame.footer(crc, version);
    }

    private void requireChecksum() throws IOException {
        if (blockEnd.isPresent()) {
            throw in.damaged("the end of the snapshot in the middle of a block");
        }
        if (version >= CHECKSUM_SINCE && !in.isSummed()) {
            in.skip(Long.BYTES);
        } else if (version >= CHECKSUM_SINCE) {
            long computed = in.crc();
            long told = in.littleEndian(Long.BYTES);
            // Redis computes none if it is told so; what has none proves nothing.
            if (told == 0) {
                throw in.damaged(
                        "no checksum, so nobody can tell whether it is whole; set rdbchecksum yes in redis.conf");
            }
            if (told != computed) {
                throw in.damaged("a checksum of %016x, and the bytes before it have %016x".formatted(told, computed));
            }
        }
        if (!in.isAtEnd()) {
            throw in.damaged("more bytes after the end");
        }
    }
}
