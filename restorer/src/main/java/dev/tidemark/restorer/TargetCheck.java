package dev.tidemark.restorer;

import dev.tidemark.restorer.plan.TargetLimits;
import dev.tidemark.schemas.settings.Settings;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Whether a server may be filled: a primary, not in use, not a cluster, and not the one that is being protected. */
final class TargetCheck {
    private static final String UNTOUCHED = "Nothing was written to it";

    private final TargetPrimaries target;
    private final RestoreOptions options;

    TargetCheck(TargetPrimaries target, RestoreOptions options) {
        this.target = target;
        this.options = options;
    }

    /**
     * What is known of a target that may be filled.
     *
     * @param majorVersion the least of its servers'
     */
    record Facts(int majorVersion) {}

    /**
     * @param othersWrite whether other parts of this restore may have written to it already; asked after its keys were counted,
     *     since whoever wrote before that had told so before
     */
    Facts require(RestoreRun run, BooleanSupplier othersWrite) {
        Set<String> captured = run.capturedRunIds();
        int majorVersion = Integer.MAX_VALUE;
        for (TargetRedis node : target.all()) {
            Map<String, String> server = node.info("server", UNTOUCHED);
            requirePrimary(node);
            requireOtherThanSource(node, server.getOrDefault("run_id", ""), captured);
            requireDatabases(node, run.settings());
            majorVersion = Math.min(majorVersion, node.majorVersion(UNTOUCHED));
        }
        long keys = keys();
        if (!othersWrite.getAsBoolean()) {
            requireNoMore(keys, 0);
        }
        return new Facts(majorVersion);
    }

    /** What all its servers take in, value by value. */
    TargetLimits limits() {
        TargetLimits limits = TargetLimits.none();
        for (TargetRedis node : target.all()) {
            limits = limits.and(node.limits(true, UNTOUCHED));
        }
        return limits;
    }

    /** @param ourKeys that this restore has put there itself */
    void requireEmpty(long ourKeys) {
        requireNoMore(keys(), ourKeys);
    }

    private long keys() {
        long total = 0;
        for (TargetRedis node : target.all()) {
            total += node.keys(UNTOUCHED).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
        return total;
    }

    private void requireNoMore(long total, long ourKeys) {
        if (total > ourKeys && options.existing() == RestoreOptions.Existing.REFUSE) {
            throw TargetRedis.refused(
                    "%s is not empty: it holds %d keys. Nothing was written to it. With --replace every key in all its databases is deleted first; with --merge the keys of the restore are written over, and all others stay"
                            .formatted(target.address(), total - ourKeys));
        }
    }

    /** Before the first write: what is larger than it takes would stop the restore in the middle. */
    void requireTakes(long valueBytes) {
        for (TargetRedis node : target.all()) {
            if (valueBytes > 0 && valueBytes > node.valueBytesMax()) {
                throw TargetRedis.refused(
                        "%s takes values of %d bytes at most (its proto-max-bulk-len), and one of the source has %d. Nothing was written to it. Raise that limit there"
                                .formatted(node.address(), node.valueBytesMax(), valueBytes));
            }
        }
    }

    /** The same of a baseline, whose values nobody has listed. */
    void requireTakesBase(RestoreRun run) {
        long limit = Long.MAX_VALUE;
        for (TargetRedis node : target.all()) {
            limit = Math.min(limit, node.valueBytesMax());
        }
        requireTakes(run.largestBaseBytes(limit));
    }

    private static void requirePrimary(TargetRedis node) {
        Map<String, String> replication = node.info("replication", UNTOUCHED);
        if (!replication.getOrDefault("role", "").equals("master")) {
            throw TargetRedis.refused(
                    "%s is a replica, of %s:%s, and what is written to one is lost. Nothing was written to it. Restore into its primary; or, if it follows a restore that died, say REPLICAOF NO ONE there and restore with --replace"
                            .formatted(node.address(), replication.get("master_host"), replication.get("master_port")));
        }
    }

    /** A Cluster refuses to follow a primary, so it is filled key by key. */
    void requireStandalone() {
        if (target.isCluster()) {
            throw TargetRedis.refused(
                    "%s is a node of a Cluster, which follows nobody. Nothing was written to it. Restore with --into alone, which writes each key to the primary that has its slot"
                            .formatted(target.address()));
        }
    }

    private void requireOtherThanSource(TargetRedis node, String runId, Set<String> captured) {
        if (captured.contains(runId) && !options.inPlace()) {
            throw TargetRedis.refused(
                    "%s is the captured source itself (run_id %s). Nothing was written to it. --in-place allows that; it needs --replace or --merge too unless the source is empty"
                            .formatted(node.address(), runId));
        }
    }

    private void requireDatabases(TargetRedis node, Settings settings) {
        for (int db : settings.source().databases()) {
            boolean isMeant = options.selection().db().isEmpty()
                    || options.selection().db().getAsInt() == db;
            if (db != 0 && isMeant) {
                node.open(db, UNTOUCHED).close();
            }
        }
    }
}
