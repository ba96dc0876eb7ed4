package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.Baselines;
import dev.tidemark.archive.Spool;
import dev.tidemark.rdb.BlockIndex;
import dev.tidemark.rdb.FunctionPayload;
import dev.tidemark.rdb.RdbItem;
import dev.tidemark.rdb.RdbItem.End;
import dev.tidemark.rdb.RdbItem.Entry;
import dev.tidemark.rdb.RdbScanner;
import dev.tidemark.rdb.RdbType;
import dev.tidemark.rdb.SnapshotTypes;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.plan.RefusedValues;
import dev.tidemark.restorer.plan.Selection;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.HashSlot;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.Node;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.settings.SourceKeys;
import dev.tidemark.schemas.settings.SourceSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/**
 * The baseline that a restore starts from. Where a server is written to: read once to its end, and compared with its checksum, before
 * that; then in blocks, by several readers beside each other. One that is small enough stays on this machine's disk in between. Where
 * nothing counts before all of it does: read once, and proven by its end.
 */
final class BaseSnapshot implements BlobSource, AutoCloseable {
    /** LZF makes three bytes of 264 at best. */
    private static final int UNPACKED_RATIO_MAX = 88;

    private final Archive archive;
    private final Baselines baselines;
    private final Baseline baseline;
    private final SourceSettings source;
    private final Selection selection;
    private final long memoryBytesMax;
    private final boolean isKept;
    private final SourceKeys keys;
    private final List<NodeSnapshot> snapshots = new ArrayList<>();
    private final Semaphore oneLarge = new Semaphore(1);
    private boolean isProven = true;
    /** Set by whichever reader has a large value, until it is taken. */
    private Optional<Spool> atHand = Optional.empty();

    /** @param keptBytesMax of this machine's disk */
    BaseSnapshot(
            Archive archive,
            Baseline baseline,
            SourceSettings source,
            Selection selection,
            long memoryBytesMax,
            long keptBytesMax) {
        this.archive = archive;
        this.baselines = archive.baselines();
        this.baseline = baseline;
        this.source = source;
        this.selection = selection;
        this.memoryBytesMax = memoryBytesMax;
        this.isKept = baseline.bytes() <= keptBytesMax;
        this.keys = new SourceKeys(source);
    }

    /**
     * Reads all of it.
     *
     * @throws TidemarkError when a byte of it is not as it was written
     */
    void validate(Runnable nodeRead) {
        for (Node node : baseline.nodes()) {
            try {
                snapshots.add(NodeSnapshot.validated(baselines, node, isKept));
            } catch (IOException e) {
                throw damaged(node, e);
            }
            nodeRead.run();
        }
    }

    /**
     * Reads what stands before its keys. Its keys are handed on before it is proven, and whoever takes them must expect a
     * {@link DamagedBaseline} until the last of its readers has ended.
     *
     * @throws TidemarkError when it does not begin as a snapshot does
     */
    void begin() {
        isProven = false;
        for (Node node : baseline.nodes()) {
            try {
                snapshots.add(NodeSnapshot.begun(baselines, node));
            } catch (IOException e) {
                throw damaged(node, e);
            }
        }
    }

    /** Whether what it hands on is as it was written. */
    boolean isProven() {
        return isProven;
    }

    /** The function libraries in it, as if they had been logged when it began. */
    Definitions functions() {
        // Every node of a source holds the same ones.
        List<Bytes> libraries = snapshots.get(0).libraries();
        Bytes payload = libraries.isEmpty()
                ? Bytes.empty()
                : FunctionPayload.of(libraries, baseline.nodes().get(0).rdbVersion());
        return new Definitions(0, baseline.beginMicros(), Definitions.FUNCTIONS, Bytes.empty(), payload);
    }

    /** Each hands on a part of the keys that were captured, are meant, and lie in their own node's slots. */
    List<Readers.Reader> readers(Predicate<Entry> wanted) {
        return snapshots.stream()
                .flatMap(snapshot -> readers(snapshot, wanted).stream())
                .toList();
    }

    private List<Readers.Reader> readers(NodeSnapshot snapshot, Predicate<Entry> wanted) {
        return snapshot.index()
                .map(index -> readers(snapshot, index, wanted))
                .orElseGet(() -> List.of(hand -> readUnproven(snapshot, wanted, hand)));
    }

    private List<Readers.Reader> readers(NodeSnapshot snapshot, BlockIndex index, Predicate<Entry> wanted) {
        long snapshotBytes = snapshot.node().snapshot().bytes();
        if (index.blocks().isEmpty()) {
            return List.of(hand -> hand.read(snapshotBytes, true));
        }
        // What stands before and behind the keys is accounted for with the block that is done with last.
        long rest = snapshotBytes - index.end() + index.blocks().get(0).offset();
        AtomicInteger blocksLeft = new AtomicInteger(index.blocks().size());
        List<Readers.Reader> readers = new ArrayList<>();
        for (int i = 0; i < index.blocks().size(); i++) {
            int block = i;
            readers.add(hand -> {
                read(snapshot, index, block, wanted, hand);
                long bytes = index.endOf(block) - index.blocks().get(block).offset();
                boolean isLast = blocksLeft.decrementAndGet() == 0;
                hand.read(isLast ? bytes + rest : bytes, isLast);
            });
        }
        return readers;
    }

    private void read(NodeSnapshot snapshot, BlockIndex index, int block, Predicate<Entry> wanted, Readers.Hand hand)
            throws InterruptedException {
        Node node = snapshot.node();
        try (InputStream in = snapshot.openBlock(index, block);
                SnapshotValues values = new SnapshotValues(memoryBytesMax, oneLarge)) {
            RdbScanner scanner = RdbScanner.block(in, index, block);
            for (RdbItem item = scanner.next(); !(item instanceof End); item = scanner.next()) {
                if (item instanceof Entry entry && isMeant(node, entry) && wanted.test(entry)) {
                    give(change(node, entry, values.next(scanner, entry.type())), values, hand);
                }
            }
        } catch (InterruptedIOException e) {
            throw new InterruptedException(e.getMessage());
        } catch (IOException e) {
            throw damaged(node, e);
        }
    }

    private void readUnproven(NodeSnapshot snapshot, Predicate<Entry> wanted, Readers.Hand hand)
            throws InterruptedException {
        Node node = snapshot.node();
        Pieces pieces = new Pieces(hand);
        try (SnapshotValues values = new SnapshotValues(memoryBytesMax, oneLarge)) {
            snapshot.readUnproven((scanner, entry) -> {
                pieces.readTo(entry.offset());
                if (isMeant(node, entry) && wanted.test(entry)) {
                    give(change(node, entry, values.next(scanner, entry.type())), values, hand);
                }
            });
        } catch (InterruptedIOException e) {
            throw new InterruptedException(e.getMessage());
        } catch (IOException e) {
            throw damaged(node, e);
        }
        pieces.end(node.snapshot().bytes());
    }

    /** Tells now and then how far one reader is. */
    private static final class Pieces {
        private static final long PIECE_BYTES = 16L << 20;

        private final Readers.Hand hand;
        private long told;

        Pieces(Readers.Hand hand) {
            this.hand = hand;
        }

        void readTo(long offset) throws InterruptedException {
            if (offset - told >= PIECE_BYTES) {
                hand.read(offset - told, false);
                told = offset;
            }
        }

        void end(long size) throws InterruptedException {
            hand.read(size - told, true);
        }
    }

    private void give(Change change, SnapshotValues values, Readers.Hand hand)
            throws IOException, InterruptedException {
        if (values.isLarge()) {
            atHand = values.large();
            hand.giveAndWait(change);
            atHand = Optional.empty();
            values.clear();
        } else {
            hand.give(change);
        }
    }

    /**
     * One key as it is in here. Where in a snapshot a key stands nobody knows, so the one of its slot's node is read from
     * beginning to end, once; of a large value the content is not kept.
     *
     * @throws TidemarkError when a byte of it is not as it was written
     */
    Optional<Change> find(KeyName name) {
        Node node = baseline.nodes().stream()
                .filter(each -> each.slots().contains(HashSlot.of(name.key())))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("a whole baseline holds every slot"));
        AtomicReference<Change> found = new AtomicReference<>();
        try (SnapshotValues values = new SnapshotValues(memoryBytesMax, oneLarge)) {
            NodeSnapshot.readUnproven(baselines, node, (scanner, entry) -> {
                if (entry.db() == name.db() && entry.key().equals(name.key()) && isMeant(node, entry)) {
                    found.set(change(node, entry, values.next(scanner, entry.type())));
                }
            });
            return Optional.ofNullable(found.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNEXPECTED, "interrupted while a baseline was read", e);
        } catch (IOException e) {
            throw damaged(node, e);
        }
    }

    /** Shows which types and encodings its keys have, without their values. */
    void lookAtValues(Predicate<Entry> wanted, RefusedValues refused) {
        for (NodeSnapshot snapshot : snapshots) {
            if (SnapshotValues.BY_COMMANDS.containsAll(snapshot.types())) {
                continue;
            }
            Node node = snapshot.node();
            try (InputStream in = snapshot.open()) {
                RdbScanner scanner = RdbScanner.openCompared(in);
                for (RdbItem item = scanner.next(); !(item instanceof End); item = scanner.next()) {
                    if (item instanceof Entry entry && isMeant(node, entry) && wanted.test(entry)) {
                        look(scanner, entry.type(), refused);
                    }
                }
            } catch (IOException e) {
                throw damaged(node, e);
            }
        }
    }

    private static void look(RdbScanner scanner, RdbType type, RefusedValues refused) throws IOException {
        if (!SnapshotValues.BY_COMMANDS.contains(type)) {
            refused.look(SnapshotTypes.name(scanner, type), type.code(), scanner.version());
        }
    }

    /**
     * The largest value that a command would carry. Only looked for where some entry may exceed the limit once it is unpacked; else
     * nothing.
     */
    long largestBytes(long limit) {
        long largest = 0;
        for (NodeSnapshot snapshot : snapshots) {
            if (snapshot.entryBytesMax() < limit / UNPACKED_RATIO_MAX) {
                continue;
            }
            Node node = snapshot.node();
            try (InputStream in = snapshot.open();
                    SnapshotValues values = new SnapshotValues(memoryBytesMax, oneLarge)) {
                RdbScanner scanner = RdbScanner.openCompared(in);
                for (RdbItem item = scanner.next(); !(item instanceof End); item = scanner.next()) {
                    if (item instanceof Entry entry && isMeant(node, entry)) {
                        largest = Math.max(largest, argumentBytes(values.next(scanner, entry.type())));
                    }
                }
            } catch (IOException e) {
                throw damaged(node, e);
            }
        }
        return largest;
    }

    private static long argumentBytes(Value value) {
        if (value instanceof Blob blob) {
            return blob.length();
        }
        return value instanceof Value.Hash hash
                ? hash.fields().stream()
                        .mapToLong(field -> field.value().length())
                        .max()
                        .orElse(0)
                : value.sizeBytes();
    }

    private boolean isMeant(Node node, Entry entry) {
        Bytes key = entry.key();
        return node.slots().contains(HashSlot.of(key))
                && source.databases().contains(entry.db())
                && keys.contain(key)
                && selection.takes(entry.db(), key);
    }

    private static Change change(Node node, Entry entry, Value value) {
        long micros = node.forkMicros();
        return new Change(0, micros, micros, entry.db(), entry.key(), value, entry.expireAtMillis(), "");
    }

    /** The value that was handed on last, or one of the archive's. */
    @Override
    public Spool fetch(Blob blob, Path spoolDirectory) throws IOException {
        if (atHand.isEmpty() || !atHand.get().sha256().equals(blob.sha256())) {
            return archive.fetch(blob, spoolDirectory);
        }
        Spool copy = Spool.in(spoolDirectory);
        try (InputStream in = atHand.get().open(0, blob.length())) {
            in.transferTo(copy);
            return copy;
        } catch (IOException e) {
            copy.close();
            throw e;
        }
    }

    private DamagedBaseline damaged(Node node, IOException cause) {
        return new DamagedBaseline(
                "%s, of a baseline, is damaged: %s. Put back an earlier version of this object"
                        .formatted(baselines.uriOf(node.snapshot().key()), cause.getMessage()),
                cause);
    }

    @Override
    public void close() {
        snapshots.forEach(NodeSnapshot::close);
        snapshots.clear();
    }
}
