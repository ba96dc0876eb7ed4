package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.RestorePlan.PlannedShard;
import dev.tidemark.restorer.plan.DefinitionsAt;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.plan.RefusedValues;
import dev.tidemark.restorer.plan.SeenKeys;
import dev.tidemark.restorer.plan.StateAt;
import dev.tidemark.restorer.proof.DumpPayload;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Opaque;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What a restore needs beside rows: the large values that keys had at its time, and what was in force beside the keys.
 *
 * <p>Which values those are is only known from every row, so a plan with such rows is read once more, before anything is
 * written: a value that is gone from S3 must be known by then, and one that was overwritten long ago must not stop it.
 */
record References(List<Blob> blobs, List<Definitions> definitions) {
    private static final long BEFORE_THE_LOG = -1;
    private static final Path SPOOL_DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

    References {
        blobs = List.copyOf(blobs);
        definitions = List.copyOf(definitions);
    }

    /** @param readsAll so that every file is seen to be whole, whether anything else is asked of it or not */
    static References of(
            RestorePlan plan,
            boolean readsAll,
            EarlierIndexes earlier,
            SeenKeys settled,
            Function<PlannedShard, ShardRows> rows,
            Optional<BaseSnapshot> base,
            RefusedValues refused,
            Runnable fileRead)
            throws InterruptedException {
        long micros = RedisTime.micros(plan.to());
        Found found = new Found(new DefinitionsAt(micros), refused);
        earlier.addTo(found.definitions);
        base.ifPresent(each -> found.definitions.add(BEFORE_THE_LOG, each.functions()));
        if (plan.references() == 0 && !refused.arePossible() && !readsAll) {
            return new References(List.of(), found.inForce(plan));
        }
        for (PlannedShard shard : plan.shards()) {
            found.begin(shard, new StateAt(shard.plan(), micros, shard.exactnessMicros(), settled));
            rows.apply(shard).read(found, file -> fileRead.run());
        }
        if (base.isPresent() && refused.arePossible()) {
            base.get().lookAtValues(entry -> !settled.contains(new KeyName(entry.db(), entry.key())), refused);
        }
        References references = new References(new ArrayList<>(found.blobs), found.inForce(plan));
        if (!Libraries.byName(references.definitions()).isEmpty()) {
            refused.libraries();
        }
        return references;
    }

    /** Before the first write: those that are gone by HEAD, all at once; then each is read and compared with its checksum. */
    void requireWhole(Archive archive, Runnable valueRead) {
        List<Blob> missing = archive.missing(blobs);
        if (!missing.isEmpty()) {
            throw new TidemarkError(
                    ExitCode.ARCHIVE_DAMAGED,
                    "%d of %d large values are missing or have another length, first %s. Nothing was written to the target. Put them back from a copy or an earlier version, or restore to a time at which no key had them"
                            .formatted(missing.size(), blobs.size(), archive.uriOf(missing.get(0))));
        }
        for (Blob blob : blobs) {
            try {
                archive.fetch(blob, SPOOL_DIRECTORY).close();
                valueRead.run();
            } catch (IOException e) {
                throw new UncheckedIOException("a large value cannot be checked in " + SPOOL_DIRECTORY, e);
            }
        }
    }

    long largestBytes() {
        return blobs.stream().mapToLong(Blob::length).max().orElse(0);
    }

    List<Definitions> indexes() {
        return definitions.stream()
                .filter(each -> each.kind().startsWith(Definitions.INDEX))
                .toList();
    }

    private static final class Found implements ShardRows.Blocks {
        private final Set<Blob> blobs = new LinkedHashSet<>();
        private final DefinitionsAt definitions;
        private final RefusedValues refused;
        private PlannedShard shard;
        private StateAt state;
        private StateAt.Block block;

        Found(DefinitionsAt definitions, RefusedValues refused) {
            this.definitions = definitions;
            this.refused = refused;
        }

        /** None for whoever does not read the log that tells of them: those of the baseline may be replaced or gone by then. */
        List<Definitions> inForce(RestorePlan plan) {
            return plan.tellsOfDefinitions() ? definitions.inForce() : List.of();
        }

        void begin(PlannedShard next, StateAt its) {
            shard = next;
            state = its;
        }

        @Override
        public void begin() {
            block = state.block();
        }

        @Override
        public void row(long offset, LogRow row) {
            block.add(offset, row);
            if (row instanceof Definitions found && shard.plan().reads(offset)) {
                definitions.add(offset, found);
            }
        }

        @Override
        public void end() {
            for (Change change : block.settle()) {
                if (change.value() instanceof Blob blob) {
                    blobs.add(blob);
                    refused.look(blob.type(), 0, 0);
                } else if (change.value() instanceof Opaque opaque) {
                    Bytes dump = opaque.dump();
                    refused.look(opaque.type(), dump.length() > 0 ? dump.at(0) : 0, DumpPayload.version(dump));
                }
            }
        }
    }
}
