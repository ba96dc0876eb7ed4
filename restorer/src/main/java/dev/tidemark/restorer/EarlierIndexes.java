package dev.tidemark.restorer;

import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.Rows;
import dev.tidemark.restorer.RestorePlan.PlannedShard;
import dev.tidemark.restorer.plan.DefinitionsAt;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import java.util.function.Consumer;

/** The search indexes that the log named before the plan's baseline began, which holds none. */
record EarlierIndexes(RestorePlan plan, VerifiedSegments outlines, Consumer<String> notes) {

    void addTo(DefinitionsAt definitions) {
        for (PlannedShard shard : plan.shards()) {
            if (shard.plan().shard() == Definitions.SHARD) {
                plan.beforeBaseline().forEach(part -> read(part, shard.plan().from(), definitions));
            }
        }
    }

    private void read(ArchivedRange part, long end, DefinitionsAt definitions) {
        try {
            for (ArchivedRange sound : outlines.sound(part)) {
                try (Rows<ArchivedRow> rows = outlines.rows(sound)) {
                    add(rows, sound instanceof RollUp, end, definitions);
                }
            }
        } catch (TidemarkError damaged) {
            if (damaged.code() != ExitCode.ARCHIVE_DAMAGED) {
                throw damaged;
            }
            // The keys do not need it, and are what a restore is for.
            notes.accept(
                    "search indexes that were made before the baseline of %s may be missing: %s; index.definitions says which to make"
                            .formatted(
                                    RedisTime.instant(
                                            plan.baseline().orElseThrow().forkMicros()),
                                    damaged.getMessage()));
        }
    }

    private static void add(Rows<ArchivedRow> rows, boolean isSorted, long end, DefinitionsAt definitions) {
        while (rows.hasNext()) {
            ArchivedRow row = rows.next();
            if (isSorted && row.row() instanceof Change) {
                // What has no key stands before all that has.
                return;
            }
            if (row.row() instanceof Definitions found
                    && found.kind().startsWith(Definitions.INDEX)
                    && row.offset() < end) {
                definitions.add(row.offset(), found);
            }
        }
    }
}
