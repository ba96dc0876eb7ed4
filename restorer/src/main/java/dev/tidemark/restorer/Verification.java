package dev.tidemark.restorer;

import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.plan.SeenKeys;
import dev.tidemark.restorer.verify.Difference;
import dev.tidemark.restorer.verify.Differences;
import dev.tidemark.restorer.verify.VerifyReport;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One comparison of a live Redis with the archive. Each key's state comes from the archive once, newest rows first, and the
 * live Redis is asked for that key at once; then it is scanned for keys that the archive does not have.
 */
final class Verification {
    static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);

    private final Settings settings;
    private final Restorer restorer;
    private final RestorePlan plan;
    private final RestoreTarget address;
    private final RestoreListener listener;
    private final Differences differences;
    private long filesRead;
    private long bytesRead;
    private long outside;

    Verification(
            Settings settings,
            Restorer restorer,
            RestorePlan plan,
            RestoreTarget address,
            int namesMax,
            RestoreListener listener) {
        this.settings = settings;
        this.restorer = restorer;
        this.plan = plan;
        this.address = address;
        this.listener = listener;
        this.differences = new Differences(namesMax);
    }

    VerifyReport run() {
        try (RestoreRun run = restorer.run(plan, RestoreOptions.careful(), listener);
                TargetRedis entry = TargetRedis.open(address, ANSWER_LIMIT, LiveRedis.UNTOUCHED);
                LiveRedis live =
                        LiveRedis.of(entry, address, settings.restorer().bytesInFlightMax())) {
            References references = run.validate();
            LiveComparison comparison = new LiveComparison(live, run::fetch, settings, differences);
            SeenKeys present = run.newSeenKeys();
            PlannedState state = run.state();
            state.read(new Readers.Taker() {
                @Override
                public void take(Change change) throws InterruptedException {
                    present.add(new KeyName(change.db(), change.key()));
                    comparison.add(change);
                }

                @Override
                public void read(long bytes, boolean isFileEnd) {
                    filesRead += isFileEnd ? 1 : 0;
                    bytesRead += bytes;
                    report(run, Phase.COMPARING, comparison.compared());
                }
            });
            comparison.finish();
            extras(run, live, present, comparison.compared());
            return new VerifyReport(
                    plan.source(),
                    plan.to(),
                    entry.address(),
                    plan.exactness(),
                    present.size(),
                    comparison.same(),
                    comparison.expired(),
                    comparison.notCompared(),
                    outside,
                    state.uncertain(),
                    differences,
                    missing(live, references.definitions()),
                    run.elapsed(),
                    limits(run, live, comparison));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(
                    ExitCode.UNEXPECTED,
                    "the comparison was interrupted; nothing was written to " + address.address(),
                    e);
        }
    }

    /** Of a Cluster each node has libraries of its own. */
    private static List<String> missing(LiveRedis live, List<Definitions> inForce) {
        return live.nodes().stream()
                .flatMap(node -> node.missing(inForce).stream())
                .distinct()
                .toList();
    }

    private void extras(RestoreRun run, LiveRedis live, SeenKeys present, long compared) {
        SeenKeys extra = run.newSeenKeys();
        SourceKeys keys = new SourceKeys(settings.source());
        for (LiveNode node : live.nodes()) {
            for (int db : node.keysByDatabase().keySet()) {
                node.scan(db, page -> {
                    for (Bytes key : page) {
                        judge(new KeyName(db, key), keys, present, extra);
                    }
                    report(run, Phase.SCANNING, compared);
                });
            }
        }
    }

    private void judge(KeyName name, SourceKeys keys, SeenKeys present, SeenKeys extra) {
        if (ReservedKeys.isReserved(name.key()) || present.contains(name)) {
            return;
        }
        boolean captured = settings.source().databases().contains(name.db()) && keys.contain(name.key());
        // A scan may tell of a key twice.
        if (!extra.add(name)) {
            return;
        }
        if (captured) {
            differences.add(Difference.EXTRA, name);
        } else {
            outside++;
        }
    }

    private static List<String> limits(RestoreRun run, LiveRedis live, LiveComparison comparison) {
        List<String> limits = new ArrayList<>(run.notes());
        if (comparison.notCompared() > 0) {
            limits.add(
                    "%d keys were compared by type and expiry alone, because their values are too large or were dumped by another version of Redis"
                            .formatted(comparison.notCompared()));
        }
        if (!live.tellsExpiry()) {
            limits.add("expiries were compared to the second only: the server is older than Redis 7");
        }
        return limits;
    }

    private void report(RestoreRun run, Phase phase, long keys) {
        listener.progress(
                new RestoreProgress(phase, filesRead, plan.files(), bytesRead, plan.bytes(), keys, run.elapsed()));
    }
}
