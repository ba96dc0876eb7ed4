package dev.tidemark.restorer;

import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.RestoreReport.ShardProof;
import dev.tidemark.restorer.plan.IndexDefinition;
import dev.tidemark.restorer.proof.ContentAccount;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One restore into a snapshot file. The file gets its name when it is whole, on the disk, and was read back: whatever has
 * that name can be loaded.
 */
final class RdbRestoration {
    private static final String UNTOUCHED = "Nothing was left behind; make room there, or name another file";

    private final RestoreRun run;
    private final RestoreFile file;

    RdbRestoration(RestoreRun run, RestoreFile file) {
        this.run = run;
        this.file = file;
    }

    RestoreReport run() {
        try (run) {
            Optional<List<IndexDefinition>> configured = SearchIndexes.configured(run.settings());
            requireFree();
            try {
                return written(run.begin(), configured);
            } catch (DamagedBaseline found) {
                return written(run.validate(), configured);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(
                    ExitCode.UNEXPECTED, "the restore was interrupted; nothing is at " + file.address(), e);
        } catch (IOException e) {
            throw RdbKeys.failed(ExitCode.TARGET_REFUSED, file.address(), e, UNTOUCHED);
        }
    }

    private RestoreReport written(References references, Optional<List<IndexDefinition>> configured)
            throws IOException, InterruptedException {
        SearchIndexes indexes = SearchIndexes.of(run, configured, references);
        requireFreeFor(indexes);
        return locked(Libraries.byName(references.definitions()), indexes);
    }

    private void requireFree() {
        if (Files.exists(file.path()) && !run.options().replace()) {
            throw TargetRedis.refused(
                    "%s is there already. Nothing was written. With --replace it is replaced, once the new one is whole"
                            .formatted(file.address()));
        }
    }

    /** Those of a run that died before its snapshot had its name are taken for ours. */
    private void requireFreeFor(SearchIndexes indexes) throws IOException {
        if (!run.options().replace()
                && Files.exists(file.indexes())
                && !Arrays.equals(Files.readAllBytes(file.indexes()), indexes.commands())) {
            throw TargetRedis.refused(
                    "%s is there already, and of another restore. Nothing was written. With --replace it is replaced"
                            .formatted(file.indexes()));
        }
    }

    private RestoreReport locked(Map<String, Bytes> libraries, SearchIndexes indexes)
            throws IOException, InterruptedException {
        Path unfinished = file.unfinished();
        try (FileChannel channel = FileChannel.open(
                unfinished, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ)) {
            requireLock(channel);
            if (channel.size() > 0) {
                run.note("%s was there, left by a run that died %d bytes into it, and was begun anew"
                        .formatted(unfinished.getFileName(), channel.size()));
            }
            channel.truncate(0);
            try {
                return write(channel, libraries, indexes);
            } finally {
                // Renamed by now if all went well; else nobody shall take it for a snapshot.
                Files.deleteIfExists(unfinished);
            }
        }
    }

    private void requireLock(FileChannel channel) throws IOException {
        try {
            if (channel.tryLock() != null) {
                return;
            }
        } catch (OverlappingFileLockException samePocess) {
            // Refused below, like another process's.
        }
        throw TargetRedis.refused("another restore is writing %s. Nothing was written".formatted(file.unfinished()));
    }

    private RestoreReport write(FileChannel channel, Map<String, Bytes> libraries, SearchIndexes indexes)
            throws IOException, InterruptedException {
        run.report(Phase.WRITING, 0);
        long beganMillis = System.currentTimeMillis();
        Shards shards = new Shards(run.settings().source().shards());
        ContentAccount expected = new ContentAccount(shards, beganMillis, ContentAccount.ANY_VERSION);
        OutputStream out = Channels.newOutputStream(channel);
        RdbKeys keys = RdbKeys.begin(out, run, file.address(), ExitCode.TARGET_REFUSED, UNTOUCHED);
        keys.libraries(libraries.values());
        Filling filling = new Filling(run, keys, expected, beganMillis);
        filling.fill();
        channel.force(true);
        ContentAccount found = new ContentAccount(shards, beganMillis, ContentAccount.ANY_VERSION);
        List<ShardProof> proof = prove(filling, expected, found, libraries);
        RestoreReport report =
                RestoreReport.of(run, file.address(), keys, filling, proof, RestoreReport.limits(filling, expected));
        if (!report.isProven()) {
            return report;
        }
        // Before the snapshot has its name: whoever finds that finds these beside it.
        write(indexes.commands());
        move(file.unfinished(), file.path());
        return report.with(indexes.beside(file.address()), run.elapsed());
    }

    private void write(byte[] commands) throws IOException {
        if (commands.length == 0) {
            // Of the snapshot that is replaced.
            Files.deleteIfExists(file.indexes());
            return;
        }
        try (FileChannel out = FileChannel.open(
                file.indexesUnfinished(),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            Channels.newOutputStream(out).write(commands);
            out.force(true);
            move(file.indexesUnfinished(), file.indexes());
        } finally {
            Files.deleteIfExists(file.indexesUnfinished());
        }
    }

    private static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private List<ShardProof> prove(
            Filling filling, ContentAccount expected, ContentAccount found, Map<String, Bytes> libraries)
            throws IOException {
        run.report(Phase.PROVING, 0);
        long comparedBytesMax = run.settings().restorer().bytesInFlightMax();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file.unfinished()))) {
            boolean hasLibraries = RdbContent.read(
                            in, filling.large(), comparedBytesMax, found, keys -> run.report(Phase.PROVING, keys))
                    .equals(new HashSet<>(libraries.values()));
            if (!hasLibraries) {
                throw new TidemarkError(
                        ExitCode.DIFFERENT,
                        "%s was read back without the source's FUNCTION libraries. It was deleted; try again"
                                .formatted(file.unfinished()));
            }
        }
        return TargetProof.compared(run, expected, found, expected.beganMillis());
    }
}
