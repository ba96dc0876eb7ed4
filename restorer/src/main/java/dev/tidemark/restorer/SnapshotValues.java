package dev.tidemark.restorer;

import dev.tidemark.archive.Spool;
import dev.tidemark.rdb.RdbScanner;
import dev.tidemark.rdb.RdbType;
import dev.tidemark.rdb.StringValue;
import dev.tidemark.rdb.TypeName;
import dev.tidemark.restorer.proof.DumpPayload;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Encoding;
import dev.tidemark.schemas.log.Value.Hash;
import java.io.IOException;
import java.io.InputStream;
import java.time.LocalDate;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** The values of a snapshot one after the other, as a log would tell them. A large one lies on the disk until the next. */
final class SnapshotValues implements AutoCloseable {
    /** Written by commands of their own, which every server has. */
    static final Set<RdbType> BY_COMMANDS =
            Set.of(RdbType.STRING, RdbType.HASH, RdbType.HASH_ZIPLIST, RdbType.HASH_LISTPACK);

    private final LargeTurn turn;
    private final HeldValue raw;
    private final HeldValue string;
    private Optional<Spool> large = Optional.empty();

    /** @param oneLarge permit, shared by all that read values beside each other */
    SnapshotValues(long memoryBytesMax, Semaphore oneLarge) {
        this.turn = new LargeTurn(oneLarge);
        this.raw = new HeldValue(memoryBytesMax, turn);
        this.string = new HeldValue(memoryBytesMax, turn);
    }

    /** The value of the entry that came last. */
    Value next(RdbScanner scanner, RdbType type) throws IOException {
        clear();
        return type == RdbType.STRING ? text(scanner) : dumped(scanner, type);
    }

    /** Whether the last value is the one large one, for which others may wait until {@link #clear}. */
    boolean isLarge() {
        return turn.isMine();
    }

    /** Nothing of the last value is held any more. */
    void clear() throws IOException {
        large = Optional.empty();
        raw.clear();
        string.clear();
        turn.giveBack();
    }

    /** The content of the last value, if it is a large one. */
    Optional<Spool> large() {
        return large;
    }

    private Value text(RdbScanner scanner) throws IOException {
        scanner.copyValue(raw);
        try (InputStream encoded = raw.open()) {
            StringValue.decode(encoded, string);
        }
        Optional<byte[]> bytes = string.bytes();
        return bytes.isPresent() ? new Value.Text(Bytes.wrap(bytes.get())) : large("string", Encoding.RAW, string);
    }

    /** A footer has a checksum of all before it, which a hash that is written by its fields does not need. */
    private Value dumped(RdbScanner scanner, RdbType type) throws IOException {
        raw.write(type.code());
        scanner.copyValue(raw);
        if (BY_COMMANDS.contains(type)) {
            Optional<Hash> hash = raw.bytes().flatMap(begun -> DumpPayload.hash(Bytes.wrap(begun)));
            if (hash.isPresent()) {
                return hash.get();
            }
        }
        raw.write(scanner.dumpFooter(raw.open()));
        String name = typeName(type);
        Optional<byte[]> bytes = raw.bytes();
        return bytes.isPresent() ? new Value.Opaque(name, Bytes.wrap(bytes.get())) : large(name, Encoding.DUMP, raw);
    }

    private String typeName(RdbType type) throws IOException {
        try (InputStream in = raw.open()) {
            in.skipNBytes(1);
            return TypeName.of(type, Bytes.wrap(in.readNBytes(TypeName.BEGINNING_BYTES)));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private Blob large(String type, Encoding encoding, HeldValue held) {
        Spool spool = held.spool();
        large = Optional.of(spool);
        return new Blob(type, encoding, spool.sha256(), spool.sizeBytes(), LocalDate.EPOCH);
    }

    @Override
    public void close() throws IOException {
        try (raw;
                string) {
            large = Optional.empty();
        } finally {
            turn.giveBack();
        }
    }
}
