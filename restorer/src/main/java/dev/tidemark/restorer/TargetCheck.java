package dev.tidemark.restorer;

import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Settings;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whether a server may be filled: a primary, not in use, not a cluster, and not the one that is being protected. */
final class TargetCheck {
    private static final String UNTOUCHED = "Nothing was written to it";
    private static final Duration SOURCE_ANSWER_LIMIT = Duration.ofSeconds(3);

    private final TargetRedis target;
    private final RestoreOptions options;

    TargetCheck(TargetRedis target, RestoreOptions options) {
        this.target = target;
        this.options = options;
    }

    /** What is known of a target that may be filled. */
    record Facts(int majorVersion) {}

    Facts require(Settings settings, Set<String> sourceRunIds) {
        Map<String, String> server = target.info("server", UNTOUCHED);
        requirePrimary();
        requireOtherThanSource(server.getOrDefault("run_id", ""), settings, sourceRunIds);
        requireDatabases(settings);
        requireEmpty(0);
        return new Facts(target.majorVersion(UNTOUCHED));
    }

    /** @param ourKeys that this restore has put there itself */
    void requireEmpty(long ourKeys) {
        Map<Integer, Long> keys = target.keys(UNTOUCHED);
        long total = keys.values().stream().mapToLong(Long::longValue).sum();
        if (total > ourKeys && !options.replace()) {
            throw TargetRedis.refused(
                    "%s is not empty: it holds %d keys. Nothing was written to it. With --replace every key in all its databases is deleted first"
                            .formatted(target.address(), total - ourKeys));
        }
    }

    /** Before the first write: what is larger than it takes would stop the restore in the middle. */
    void requireTakes(long valueBytes) {
        if (valueBytes > 0 && valueBytes > target.valueBytesMax()) {
            throw TargetRedis.refused(
                    "%s takes values of %d bytes at most (its proto-max-bulk-len), and one of the source has %d. Nothing was written to it. Raise that limit there"
                            .formatted(target.address(), target.valueBytesMax(), valueBytes));
        }
    }

    private void requirePrimary() {
        String role = target.info("replication", UNTOUCHED).getOrDefault("role", "");
        if (!role.equals("master")) {
            throw TargetRedis.refused(
                    "%s is a replica, and what is written to one is lost. Nothing was written to it. Restore into its primary"
                            .formatted(target.address()));
        }
        if (target.info("cluster", UNTOUCHED)
                .getOrDefault("cluster_enabled", "0")
                .equals("1")) {
            throw TargetRedis.refused(
                    "%s is a node of a cluster, which this version cannot restore into. Nothing was written to it. Restore into a standalone Redis"
                            .formatted(target.address()));
        }
    }

    private void requireOtherThanSource(String runId, Settings settings, Set<String> sourceRunIds) {
        Set<String> captured = new HashSet<>(sourceRunIds);
        sourceRunId(settings.redis()).ifPresent(captured::add);
        if (captured.contains(runId) && !options.inPlace()) {
            throw TargetRedis.refused(
                    "%s is the captured source itself (run_id %s). Nothing was written to it. --in-place allows that; it needs --replace too unless the source is empty"
                            .formatted(target.address(), runId));
        }
    }

    /** The source may be gone, and most often is when a restore is needed: then the log alone tells. */
    private static Optional<String> sourceRunId(RedisSettings settings) {
        if (settings.uri().isEmpty()) {
            return Optional.empty();
        }
        URI uri = settings.uri().get();
        RestoreTarget plain = RestoreTarget.at(uri);
        RestoreTarget source =
                new RestoreTarget(plain.host(), plain.port(), plain.tls(), settings.username(), settings.password());
        try (TargetRedis redis = TargetRedis.open(source, SOURCE_ANSWER_LIMIT)) {
            return Optional.ofNullable(redis.info("server", "").get("run_id"));
        } catch (TidemarkError gone) {
            return Optional.empty();
        }
    }

    private void requireDatabases(Settings settings) {
        for (int db : settings.source().databases()) {
            if (db != 0) {
                target.open(db).close();
            }
        }
    }
}
