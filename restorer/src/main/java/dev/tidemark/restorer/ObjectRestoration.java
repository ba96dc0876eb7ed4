package dev.tidemark.restorer;

import dev.tidemark.archive.Creation;
import dev.tidemark.archive.ForeignPlace;
import dev.tidemark.archive.PartsUpload;
import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.RestoreReport.ShardProof;
import dev.tidemark.restorer.plan.IndexDefinition;
import dev.tidemark.restorer.proof.ContentAccount;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One restore into a snapshot object. It is uploaded in parts, each with its checksum, while the same bytes are read back
 * into an account; only when that is the archive's own is the object made visible, whole.
 */
final class ObjectRestoration {
    private static final String UNTOUCHED = "Nothing is visible there";

    private final RestoreRun run;
    private final RestoreObject object;

    ObjectRestoration(RestoreRun run, RestoreObject object) {
        this.run = run;
        this.object = object;
    }

    RestoreReport run() {
        try (run;
                ForeignPlace place = ForeignPlace.of(run.settings().s3(), object.bucket(), object.key());
                ForeignPlace beside =
                        ForeignPlace.of(run.settings().s3(), object.bucket(), object.key() + SearchIndexes.BESIDE)) {
            Optional<List<IndexDefinition>> configured = SearchIndexes.configured(run.settings());
            requireFree(place);
            noteUnfinished(place);
            try {
                return written(run.begin(), configured, place, beside);
            } catch (DamagedBaseline found) {
                return written(run.validate(), configured, place, beside);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(
                    ExitCode.UNEXPECTED, "the restore was interrupted; nothing is visible at " + object.address(), e);
        } catch (IOException e) {
            throw RdbKeys.failed(ExitCode.TARGET_REFUSED, object.address(), e, UNTOUCHED);
        }
    }

    private RestoreReport written(
            References references, Optional<List<IndexDefinition>> configured, ForeignPlace place, ForeignPlace beside)
            throws IOException, InterruptedException {
        SearchIndexes indexes = SearchIndexes.of(run, configured, references);
        requireFreeFor(indexes, beside);
        try (PartsUpload upload = place.begin()) {
            return write(upload, references, indexes, beside);
        }
    }

    private void requireFree(ForeignPlace place) {
        if (place.isTaken() && !run.options().replace()) {
            throw isThere(object.address());
        }
    }

    /** Those of a run that died before its snapshot was visible are taken for ours. */
    private void requireFreeFor(SearchIndexes indexes, ForeignPlace beside) {
        if (!run.options().replace()
                && beside.content().filter(found -> !isSame(found, indexes)).isPresent()) {
            throw isThere(object.address() + SearchIndexes.BESIDE);
        }
    }

    private static boolean isSame(byte[] found, SearchIndexes indexes) {
        return Arrays.equals(found, indexes.commands());
    }

    private static TidemarkError isThere(String address) {
        return TargetRedis.refused(
                "%s is there already. Nothing of this restore is. With --replace it is replaced, once the new one is whole"
                        .formatted(address));
    }

    /** Looking needs a right of its own, and a restore does not fail for want of it. */
    private void noteUnfinished(ForeignPlace place) {
        try {
            int unfinished = place.unfinished();
            if (unfinished > 0) {
                run.note(
                        "%d unfinished uploads to %s were found, of runs that died or still go on; nothing of them is visible, and they take room until they are aborted"
                                .formatted(unfinished, object.address()));
            }
        } catch (TidemarkError notAllowed) {
            run.note("whether earlier runs left unfinished uploads there could not be seen");
        }
    }

    private RestoreReport write(PartsUpload upload, References references, SearchIndexes indexes, ForeignPlace beside)
            throws IOException, InterruptedException {
        run.report(Phase.WRITING, 0);
        long beganMillis = System.currentTimeMillis();
        Map<String, Bytes> libraries = Libraries.byName(references.definitions());
        ContentAccount expected = new ContentAccount(run.shards(), beganMillis, ContentAccount.ANY_VERSION);
        ContentAccount found = new ContentAccount(run.shards(), beganMillis, ContentAccount.ANY_VERSION);
        long comparedBytesMax = run.settings().restorer().bytesInFlightMax();
        Filling filling;
        RdbKeys keys;
        try (ReadBack sent = new ReadBack(upload)) {
            keys = RdbKeys.begin(sent, run, object.address(), ExitCode.TARGET_REFUSED, UNTOUCHED);
            filling = new Filling(run, keys, expected, beganMillis);
            // Before the libraries: of what nobody reads back yet, little can be written.
            sent.begin(in -> RdbContent.read(in, filling.large(), comparedBytesMax, found, read -> {}));
            keys.libraries(libraries.values());
            filling.fill();
            run.report(Phase.PROVING, keys.keys());
            if (!sent.end().equals(new HashSet<>(libraries.values()))) {
                throw new TidemarkError(
                        ExitCode.DIFFERENT,
                        "what was sent to %s does not hold the source's FUNCTION libraries. %s; try again"
                                .formatted(object.address(), UNTOUCHED));
            }
        }
        List<ShardProof> proof = TargetProof.compared(run, expected, found, beganMillis);
        RestoreReport report =
                RestoreReport.of(run, object.address(), keys, filling, proof, RestoreReport.limits(filling, expected));
        if (!report.isProven()) {
            return report;
        }
        // Before the snapshot is visible: whoever finds that finds these beside it.
        write(indexes, beside);
        complete(upload);
        return report.with(indexes.beside(object.address()), run.elapsed());
    }

    private void write(SearchIndexes indexes, ForeignPlace beside) {
        byte[] commands = indexes.commands();
        if (run.options().replace()) {
            // Those of the snapshot that is replaced; emptied where there are none any more, for we may not delete
            // there.
            if (commands.length > 0 || beside.isTaken()) {
                beside.put(commands);
            }
        } else if (commands.length > 0
                && beside.create(commands) == Creation.EXISTS
                && !beside.content().filter(found -> isSame(found, indexes)).isPresent()) {
            throw isThere(object.address() + SearchIndexes.BESIDE);
        }
    }

    private void complete(PartsUpload upload) {
        if (run.options().replace()) {
            upload.complete();
        } else if (upload.completeNew() == Creation.EXISTS) {
            throw isThere(object.address());
        }
    }
}
