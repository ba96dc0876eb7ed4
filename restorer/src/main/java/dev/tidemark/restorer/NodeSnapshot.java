package dev.tidemark.restorer;

import dev.tidemark.archive.Baselines;
import dev.tidemark.archive.Spool;
import dev.tidemark.rdb.BlockIndex;
import dev.tidemark.rdb.RdbItem;
import dev.tidemark.rdb.RdbItem.End;
import dev.tidemark.rdb.RdbItem.Entry;
import dev.tidemark.rdb.RdbItem.Library;
import dev.tidemark.rdb.RdbScanner;
import dev.tidemark.rdb.RdbType;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.Baseline.Node;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One node's snapshot of a baseline. Once it was read to its end and compared with its checksum, what is read of it again is compared
 * with what was there then. For any number of threads.
 */
final class NodeSnapshot implements AutoCloseable {
    /** For one reader at a time. */
    private static final long BLOCK_BYTES = 16L << 20;

    private static final Path SPOOL_DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

    private final Baselines baselines;
    private final Node node;
    private final Optional<Spool> kept;
    private final PieceSums sums = new PieceSums();
    private final Set<RdbType> types = EnumSet.noneOf(RdbType.class);
    private final List<Bytes> libraries = new ArrayList<>();
    /** Of one that was read to its end. */
    private Optional<BlockIndex> index = Optional.empty();

    private long entryBytesMax;

    private NodeSnapshot(Baselines baselines, Node node, Optional<Spool> kept) {
        this.baselines = baselines;
        this.node = node;
        this.kept = kept;
    }

    /**
     * Reads all of it.
     *
     * @param isKept on this machine's disk, so that it is fetched once
     * @throws IOException when a byte of it is not as it was written
     */
    static NodeSnapshot validated(Baselines baselines, Node node, boolean isKept) throws IOException {
        NodeSnapshot snapshot =
                new NodeSnapshot(baselines, node, isKept ? Optional.of(Spool.in(SPOOL_DIRECTORY)) : Optional.empty());
        try {
            snapshot.validate();
            return snapshot;
        } catch (IOException | RuntimeException e) {
            snapshot.close();
            throw e;
        }
    }

    /**
     * Reads what stands before its keys. Whether that is as it was written, only {@link #readUnproven} tells.
     */
    static NodeSnapshot begun(Baselines baselines, Node node) throws IOException {
        NodeSnapshot snapshot = new NodeSnapshot(baselines, node, Optional.empty());
        try (InputStream in = baselines.open(node.snapshot(), 0, node.snapshot().bytes())) {
            RdbScanner scanner = RdbScanner.openCompared(in);
            for (RdbItem item = scanner.next();
                    !(item instanceof Entry || item instanceof End);
                    item = scanner.next()) {
                note(item, snapshot.libraries);
            }
        }
        return snapshot;
    }

    /** What is done with one key; its value is read from the scanner, or passed over. */
    @FunctionalInterface
    interface Keys {
        void take(RdbScanner scanner, Entry key) throws IOException, InterruptedException;
    }

    /**
     * Hands on each key from the first to the last.
     *
     * @throws IOException when a byte of it is not as it was written, perhaps after the last key only
     */
    void readUnproven(Keys keys) throws IOException, InterruptedException {
        if (!readUnproven(baselines, node, keys).equals(libraries)) {
            throw new IOException("its FUNCTION libraries were others before");
        }
    }

    /** The same of one of which nothing was read; returns the function libraries in it. */
    static List<Bytes> readUnproven(Baselines baselines, Node node, Keys keys)
            throws IOException, InterruptedException {
        List<Bytes> libraries = new ArrayList<>();
        MessageDigest sha256 = newSha256();
        try (InputStream in = new DigestInputStream(
                baselines.open(node.snapshot(), 0, node.snapshot().bytes()), sha256)) {
            RdbScanner scanner = RdbScanner.openCompared(in);
            for (RdbItem item = scanner.next(); !(item instanceof End); item = scanner.next()) {
                if (item instanceof Entry entry) {
                    take(keys, scanner, entry);
                }
                note(item, libraries);
            }
        }
        requireSame(node, Bytes.wrap(sha256.digest()));
        return libraries;
    }

    /** What becomes of a value by a bit that was flipped nobody can say. */
    private static void take(Keys keys, RdbScanner scanner, Entry entry) throws IOException, InterruptedException {
        try {
            keys.take(scanner, entry);
        } catch (TidemarkError e) {
            throw e;
        } catch (RuntimeException e) {
            throw new IOException("it holds a value that cannot be", e);
        }
    }

    private void validate() throws IOException {
        MessageDigest sha256 = newSha256();
        try (InputStream in = baselines.open(node.snapshot(), 0, node.snapshot().bytes());
                sums) {
            // The copy on the disk computes one anyway.
            scan(
                    kept.isPresent()
                            ? new Copied(in, kept.get(), sums)
                            : new Copied(new DigestInputStream(in, sha256), sums));
        }
        requireSame(node, kept.isPresent() ? kept.get().sha256() : Bytes.wrap(sha256.digest()));
    }

    private static void requireSame(Node node, Bytes sha256) throws IOException {
        if (!sha256.equals(node.snapshot().sha256())) {
            throw new IOException("its SHA-256 is another one");
        }
    }

    private void scan(InputStream in) throws IOException {
        BlockIndex.Builder blocks = new BlockIndex.Builder(BLOCK_BYTES);
        RdbScanner scanner = RdbScanner.openCompared(in);
        Optional<Entry> before = Optional.empty();
        RdbItem item = scanner.next();
        for (; !(item instanceof End); item = scanner.next()) {
            if (item instanceof Entry entry) {
                measure(before, entry.offset());
                before = Optional.of(entry);
                types.add(entry.type());
                blocks.add(entry);
            }
            note(item, libraries);
        }
        End end = (End) item;
        measure(before, end.offset());
        index = Optional.of(blocks.end(scanner.version(), end));
    }

    private static void note(RdbItem item, List<Bytes> libraries) {
        if (item instanceof Library library) {
            libraries.add(library.code());
        }
    }

    private void measure(Optional<Entry> entry, long end) {
        entry.ifPresent(each -> entryBytesMax = Math.max(entryBytesMax, end - each.offset()));
    }

    Node node() {
        return node;
    }

    /** Where its keys stand, if it was read to its end. */
    Optional<BlockIndex> index() {
        return index;
    }

    /** Of its keys, whether they are meant or not; none of one that was not read to its end. */
    Set<RdbType> types() {
        return types;
    }

    List<Bytes> libraries() {
        return libraries;
    }

    /** Of the largest key with its value, as they stand in it. */
    long entryBytesMax() {
        return entryBytesMax;
    }

    InputStream openBlock(BlockIndex blocks, int number) throws IOException {
        return open(blocks.blocks().get(number).offset(), blocks.endOf(number));
    }

    InputStream open() throws IOException {
        return open(0, node.snapshot().bytes());
    }

    private InputStream open(long from, long to) throws IOException {
        PieceSums.Source again = kept.isPresent()
                ? (begin, end) -> kept.get().open(begin, end - begin)
                : (begin, end) -> baselines.open(node.snapshot(), begin, end);
        return sums.open(again, from, to);
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public void close() {
        try {
            if (kept.isPresent()) {
                kept.get().close();
            }
        } catch (IOException alreadyGone) {
            // Its file has no name any more; the system takes it back with the process.
        }
    }

    /** Writes down what is read from another stream. */
    private static final class Copied extends InputStream {
        private final InputStream in;
        private final OutputStream[] copies;

        Copied(InputStream in, OutputStream... copies) {
            this.in = in;
            this.copies = copies;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            int read = in.read(bytes, from, length);
            if (read > 0) {
                for (OutputStream copy : copies) {
                    copy.write(bytes, from, read);
                }
            }
            return read;
        }
    }
}
