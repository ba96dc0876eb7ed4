package dev.tidemark.restorer;

import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.RestoreReport.RestoredIndex;
import dev.tidemark.restorer.RestoreReport.RestoredIndex.State;
import dev.tidemark.restorer.SearchModule.Indexing;
import dev.tidemark.restorer.plan.IndexDefinition;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.redis.RedisRefused;
import dev.tidemark.schemas.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The search indexes that a restore makes when every key is there: those of the source, or those that the configuration
 * names. No key depends on them, so what goes wrong with them is told and undoes nothing.
 *
 * <p>A part of a restore, or a choice of keys, makes none: an index is of all keys, and only who has written them all
 * knows the last.
 *
 * <p>Of a Cluster every primary is looked at, and told where it has none. A module that spreads FT.CREATE by itself has made
 * it there by then; one that does not needs it on each. That is what its documentation says: neither was run.
 */
final class SearchIndexes {
    /** What the name of a snapshot's indexes ends with. */
    static final String BESIDE = ".indexes";

    private static final Duration STALLED_MAX = Duration.ofMinutes(10);
    private static final Duration LOOKED_AT_EVERY = Duration.ofMillis(200);

    private static final String NOT_WHOLE = "only a restore of every key by one process makes it";

    private final RestoreRun run;
    private final List<IndexDefinition> wanted;
    private final Duration stalledMax;

    /** @param stalledMax how long an index that fills may look at no further key */
    SearchIndexes(RestoreRun run, List<IndexDefinition> wanted, Duration stalledMax) {
        this.run = run;
        this.wanted = List.copyOf(wanted);
        this.stalledMax = stalledMax;
    }

    /** @param configured in place of the source's */
    static SearchIndexes of(RestoreRun run, Optional<List<IndexDefinition>> configured, References references) {
        return new SearchIndexes(run, configured.orElseGet(() -> ofSource(references.indexes())), STALLED_MAX);
    }

    /** Read before all else: a mistake there must not be found when the keys are written. */
    static Optional<List<IndexDefinition>> configured(Settings settings) {
        return settings.index().definitions().map(IndexesFile::read);
    }

    private static List<IndexDefinition> ofSource(List<Definitions> inForce) {
        List<IndexDefinition> found = new ArrayList<>();
        for (Definitions each : inForce) {
            try {
                found.add(IndexDefinition.of(each.payload().asUtf8().orElse("")));
            } catch (IllegalArgumentException e) {
                throw new TidemarkError(
                        ExitCode.ARCHIVE_DAMAGED,
                        "the archive's definition of the search index %s cannot be read: %s. Nothing was written to the target. Say by index.definitions which indexes to make"
                                .formatted(each.kind().substring(Definitions.INDEX.length()), e.getMessage()),
                        e);
            }
        }
        return found;
    }

    /** Before the first write. */
    void requireNoConflict(List<TargetRedis> nodes) {
        if (toMake().isEmpty()) {
            return;
        }
        Set<String> conflicts = new LinkedHashSet<>();
        for (TargetRedis node : nodes) {
            conflicts.addAll(conflicts(node));
        }
        if (!conflicts.isEmpty() && !run.options().replace()) {
            throw TargetRedis.refused(
                    "%s has search indexes that differ from those that the restore makes: %s. Nothing was written to it. FT.DROPINDEX them there, which deletes no key, or restore with --replace, which empties the target first, or leave them out of a file that index.definitions names"
                            .formatted(nodes.get(0).address(), String.join(", ", conflicts)));
        }
    }

    private Set<String> conflicts(TargetRedis node) {
        Set<String> conflicts = new LinkedHashSet<>();
        try (SearchModule module = SearchModule.of(node)) {
            Set<Bytes> there = module.indexes().orElse(Set.of());
            for (IndexDefinition index : toMake()) {
                if (there.contains(index.index()) && !module.isSame(index)) {
                    conflicts.add(index.name());
                }
            }
            return conflicts;
        } catch (RedisRefused refused) {
            throw TargetRedis.refused(
                    "%s does not tell of its search indexes: %s. Nothing was written to it. Its user needs +ft._list +ft.info +ft.create, and +ft.dropindex for --replace; with an empty file as index.definitions no index is made"
                            .formatted(node.address(), refused.getMessage()));
        } catch (IOException e) {
            throw RedisReplies.failed(node.address(), e, "Nothing was written to it");
        }
    }

    /** After the last key: makes each, and waits until it is filled. */
    List<RestoredIndex> make(List<TargetRedis> nodes) throws InterruptedException {
        if (!isWhole()) {
            return left(NOT_WHOLE);
        }
        List<RestoredIndex> made = new ArrayList<>();
        for (IndexDefinition index : wanted) {
            made.add(make(nodes, index));
        }
        return made;
    }

    private RestoredIndex make(List<TargetRedis> nodes, IndexDefinition index) throws InterruptedException {
        State state = State.KEPT;
        long unfit = 0;
        try {
            for (TargetRedis node : nodes) {
                try (SearchModule module = SearchModule.of(node)) {
                    Optional<Set<Bytes>> there = module.indexes();
                    if (there.isEmpty()) {
                        return left(index, node.address() + " has no search module");
                    }
                    state = isMade(module, index, there.get()) ? State.CREATED : state;
                }
            }
            for (TargetRedis node : nodes) {
                try (SearchModule module = SearchModule.of(node)) {
                    unfit = Math.max(unfit, awaitFilled(module, index));
                }
            }
        } catch (IOException | TidemarkError failed) {
            return new RestoredIndex(index.name(), State.FAILED, index.line(), String.valueOf(failed.getMessage()));
        }
        String saying = unfit == 0 ? "" : "%d keys did not fit into it; its FT.INFO says why".formatted(unfit);
        return new RestoredIndex(index.name(), state, index.line(), saying);
    }

    /** Not if it is there as it should be. */
    private boolean isMade(SearchModule module, IndexDefinition index, Set<Bytes> there) throws IOException {
        if (there.contains(index.index())) {
            if (module.isSame(index)) {
                return false;
            }
            if (!run.options().replace()) {
                throw TargetRedis.refused("another one of that name was made while the keys were written");
            }
            module.drop(index);
        }
        try {
            module.create(index);
            return true;
        } catch (RedisRefused refused) {
            // Of a Cluster, perhaps: the node before has spread it since this one was asked.
            if (module.indexes().orElse(Set.of()).contains(index.index()) && module.isSame(index)) {
                return false;
            }
            throw refused;
        }
    }

    /** How many keys it could not take. */
    private long awaitFilled(SearchModule module, IndexDefinition index) throws IOException, InterruptedException {
        double share = -1;
        long movedNanos = System.nanoTime();
        while (true) {
            Indexing now = module.indexing(index);
            run.report(Phase.INDEXING, now.documents());
            if (now.isDone()) {
                return now.unfit();
            }
            if (now.share() > share) {
                share = now.share();
                movedNanos = System.nanoTime();
            } else if (System.nanoTime() - movedNanos > stalledMax.toNanos()) {
                throw new TidemarkError(
                        ExitCode.DIFFERENT,
                        "it was made, and stands at %.1f %% of the keys for %d s; see its FT.INFO"
                                .formatted(100 * share, stalledMax.toSeconds()));
            }
            Thread.sleep(LOOKED_AT_EVERY.toMillis());
        }
    }

    /** None was made, for a reason that is told with the commands. */
    List<RestoredIndex> left(String why) {
        return wanted.stream().map(index -> left(index, why)).toList();
    }

    private static RestoredIndex left(IndexDefinition index, String why) {
        return new RestoredIndex(index.name(), State.LEFT, index.line(), why);
    }

    /** What is told of a snapshot, which holds none. */
    List<RestoredIndex> beside(String snapshot) {
        return left(
                isWhole()
                        ? "a snapshot holds none. When a server has loaded it, give %s%s to its redis-cli, which makes all of them"
                                .formatted(snapshot, BESIDE)
                        : NOT_WHOLE);
    }

    /** What lies beside a snapshot, a command a line; empty if there is none. */
    byte[] commands() {
        return toMake().stream()
                .map(index -> index.line() + "\n")
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.UTF_8);
    }

    private List<IndexDefinition> toMake() {
        return isWhole() ? wanted : List.of();
    }

    private boolean isWhole() {
        return run.options().part().isWhole() && run.options().selection().isEverything();
    }
}
