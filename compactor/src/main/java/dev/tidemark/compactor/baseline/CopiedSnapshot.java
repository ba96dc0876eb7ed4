package dev.tidemark.compactor.baseline;

import dev.tidemark.archive.Baselines;
import dev.tidemark.archive.PartsUpload;
import dev.tidemark.compactor.dating.Canary;
import dev.tidemark.rdb.RdbItem;
import dev.tidemark.rdb.RdbScanner;
import dev.tidemark.rdb.RdbType;
import dev.tidemark.rdb.SnapshotTypes;
import dev.tidemark.rdb.TypeName;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.Baseline.StoredFile;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A snapshot that lies on S3 and was read to its end on the way there: its checksum matched.
 *
 * @param replId of the history it belongs to, if it says so
 */
record CopiedSnapshot(
        StoredFile snapshot,
        int rdbVersion,
        String redisVersion,
        Optional<String> replId,
        long keys,
        List<Canary> canaries) {
    private static final Bytes REPL_ID = Bytes.utf8("repl-id");
    private static final List<Bytes> VERSIONS = List.of(Bytes.utf8("redis-ver"), Bytes.utf8("valkey-ver"));

    CopiedSnapshot {
        Objects.requireNonNull(snapshot, "snapshot");
        Objects.requireNonNull(redisVersion, "redisVersion");
        Objects.requireNonNull(replId, "replId");
        canaries = List.copyOf(canaries);
    }

    /**
     * Sends the stream to S3 while it is read. Whatever fails, nothing of it becomes visible but perhaps a file that no
     * manifest names, which the caller discards.
     *
     * @param mayLack of which keys it may lack something that its primary held
     * @param alive called now and then while bytes come
     * @throws VectorSetsUnproven at the first vector set among those
     */
    static CopiedSnapshot of(
            InputStream stream,
            Predicate<RdbItem.Entry> mayLack,
            Baselines archive,
            BaselineKey manifest,
            int node,
            String source,
            Runnable alive)
            throws IOException {
        BaselineKey file = manifest.snapshotOf(node);
        try (PartsUpload upload = archive.upload(file)) {
            RdbScanner scanner = RdbScanner.open(new Copying(stream, upload, alive));
            CanarySearch canaries = new CanarySearch(source);
            Optional<String> replId = Optional.empty();
            String version = "";
            long keys = 0;
            RdbItem item = scanner.next();
            for (; !(item instanceof RdbItem.End); item = scanner.next()) {
                if (item instanceof RdbItem.Entry entry) {
                    keys++;
                    canaries.lookAt(entry, scanner);
                    if (entry.type() == RdbType.MODULE_2 && mayLack.test(entry) && isVectorSet(entry, scanner)) {
                        throw new VectorSetsUnproven();
                    }
                } else if (item instanceof RdbItem.Aux aux && aux.name().equals(REPL_ID)) {
                    replId = aux.value().asUtf8();
                } else if (item instanceof RdbItem.Aux aux && VERSIONS.contains(aux.name())) {
                    version = aux.value().asUtf8().orElse("");
                }
            }
            // The last byte was understood before the first becomes visible.
            StoredFile snapshot = new StoredFile(file, upload.sizeBytes(), upload.complete());
            return new CopiedSnapshot(snapshot, scanner.version(), version, replId, keys, canaries.found());
        }
    }

    private static boolean isVectorSet(RdbItem.Entry entry, RdbScanner scanner) throws IOException {
        return SnapshotTypes.name(scanner, entry.type()).equals(TypeName.VECTOR_SET);
    }

    /** Whatever is read goes to S3 as well. */
    private static final class Copying extends FilterInputStream {
        private final PartsUpload upload;
        private final Runnable alive;

        Copying(InputStream in, PartsUpload upload, Runnable alive) {
            super(in);
            this.upload = upload;
            this.alive = alive;
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
                upload.write(bytes, from, read);
                alive.run();
            }
            return read;
        }
    }
}
