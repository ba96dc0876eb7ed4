package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.Spool;
import dev.tidemark.restorer.RestorePlan.PlannedShard;
import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.plan.RefusedValues;
import dev.tidemark.restorer.plan.SeenKeys;
import dev.tidemark.restorer.plan.TargetLimits;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What one restore reads, whatever it writes to, and how far it is. */
final class RestoreRun implements AutoCloseable {
    /** Of disk; a larger baseline is fetched once to be validated and once to be restored. */
    private static final long BASE_KEPT_BYTES_MAX = 4L << 30;

    private final Settings settings;
    private final Archive archive;
    private final VerifiedSegments segments;
    private final VerifiedSegments outlines;
    private final List<String> notes = new ArrayList<>();
    private final Set<BaselineKey> damagedBaselines = new HashSet<>();
    private RestorePlan plan;
    private Optional<BaseSnapshot> base = Optional.empty();
    private final RestoreOptions options;
    private final RestoreListener listener;
    private final KafkaTail tail;
    private final long beganNanos = System.nanoTime();
    private Optional<Set<String>> capturedRunIds = Optional.empty();
    private TailLog log;
    private long filesRead;
    private long bytesRead;

    RestoreRun(
            Settings settings,
            Archive archive,
            VerifiedSegments segments,
            RestorePlan plan,
            RestoreOptions options,
            RestoreListener listener) {
        this.settings = settings;
        this.archive = archive;
        this.segments = segments;
        this.outlines = VerifiedSegments.outlines(archive);
        this.plan = plan.only(options.part());
        this.options = options;
        this.listener = listener;
        this.tail = new KafkaTail(settings);
    }

    Settings settings() {
        return settings;
    }

    Shards shards() {
        return new Shards(settings.source().shards());
    }

    RestorePlan plan() {
        return plan;
    }

    RestoreOptions options() {
        return options;
    }

    /** Of the servers that are captured; a source that is gone is waited for once. */
    Set<String> capturedRunIds() {
        if (capturedRunIds.isEmpty()) {
            Set<String> captured = new HashSet<>(plan.sourceRunIds());
            captured.addAll(CapturedServers.runIds(settings.redis()));
            plan.baseline().ifPresent(base -> base.nodes().forEach(node -> captured.add(node.runId())));
            capturedRunIds = Optional.of(captured);
        }
        return capturedRunIds.get();
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - beganNanos);
    }

    SeenKeys newSeenKeys() {
        return new SeenKeys(settings.restorer().keysInMemoryMax(), new DiskRoom());
    }

    /**
     * For a snapshot that gets its name only when it was read back: all of the archive may turn out to be damaged while it is written.
     * Of the baseline that is a {@link DamagedBaseline}; the snapshot is then thrown away, and begun anew after {@link #validate()}.
     */
    References begin() throws InterruptedException {
        return prepared(BaseSnapshot::begin, TargetLimits.none(), "", false);
    }

    /** For what has its use only when it was read back: a damaged delta may be found on the way. */
    References validate() throws InterruptedException {
        return prepared(this::validate, TargetLimits.none(), "", false);
    }

    /** Everything that can be known of the archive before a server is written to, down to the last byte that it will read. */
    References validate(TargetLimits limits, String target) throws InterruptedException {
        return prepared(this::validate, limits, target, !segments.fitsAhead(plan));
    }

    private void validate(BaseSnapshot candidate) {
        candidate.validate(() -> report(Phase.VALIDATING, 0));
    }

    private References prepared(Consumer<BaseSnapshot> opening, TargetLimits limits, String target, boolean readsAll)
            throws InterruptedException {
        open(opening);
        segments.requireAllPresent(plan);
        References references = taken(limits, target, readsAll);
        references.requireWhole(archive, () -> report(Phase.VALIDATING, 0));
        segments.fetchAhead(plan, () -> report(Phase.VALIDATING, 0));
        return references;
    }

    /** Whether a target that came later takes everything, of what was validated before. */
    void requireTaken(TargetLimits limits, String target) throws InterruptedException {
        if (limits.mayRefuse()) {
            taken(limits, target, false);
        }
    }

    private References taken(TargetLimits limits, String target, boolean readsAll) throws InterruptedException {
        RefusedValues refused = new RefusedValues(limits);
        References references = References.of(
                plan,
                readsAll,
                new EarlierIndexes(plan, outlines, this::note),
                newSeenKeys(),
                this::outlines,
                base,
                refused,
                () -> report(Phase.VALIDATING, 0));
        if (!refused.isEmpty()) {
            throw TargetRedis.refused(
                    "%s cannot take a part of what is restored, for it is older than what was captured, or lacks a module: %s. Nothing was written to it. Restore into a server of the source's version or a later one, or choose other keys with --prefix or --match"
                            .formatted(target, refused));
        }
        return references;
    }

    /** A baseline that turns out to be damaged is done without, if the same time can be reached from another one. */
    private void open(Consumer<BaseSnapshot> opening) {
        base.ifPresent(BaseSnapshot::close);
        base = Optional.empty();
        filesRead = 0;
        bytesRead = 0;
        while (plan.baseline().isPresent()) {
            Baseline baseline = plan.baseline().get();
            BaseSnapshot candidate = new BaseSnapshot(
                    archive,
                    baseline,
                    settings.source(),
                    options.selection(),
                    settings.restorer().bytesInFlightMax(),
                    BASE_KEPT_BYTES_MAX);
            try {
                opening.accept(candidate);
                base = Optional.of(candidate);
                return;
            } catch (DamagedBaseline damaged) {
                candidate.close();
                planWithout(baseline, damaged);
            } catch (RuntimeException e) {
                candidate.close();
                throw e;
            }
        }
    }

    private void planWithout(Baseline baseline, DamagedBaseline damaged) {
        damagedBaselines.add(baseline.manifest());
        notes.add(damaged.getMessage() + "; the restore was planned anew without it");
        boolean withTail = plan.tail().state() != TailUse.State.LEFT_OUT;
        try {
            plan = Planning.plan(settings, archive, Optional.of(plan.to()), withTail, damagedBaselines)
                    .only(options.part());
        } catch (TidemarkError refused) {
            throw refused.code() == ExitCode.UNREACHABLE
                    ? refused
                    : new TidemarkError(
                            ExitCode.ARCHIVE_DAMAGED,
                            "%s. Without it: %s".formatted(damaged.getMessage(), refused.getMessage()),
                            damaged);
        }
    }

    /** The state that is restored. */
    PlannedState state() {
        return new PlannedState(plan, shards(), settings.restorer().readers(), this::rows, newSeenKeys(), base);
    }

    /** Of the baseline, if it has values so large that it matters. */
    long largestBaseBytes(long limit) {
        return base.map(each -> each.largestBytes(limit)).orElse(0L);
    }

    Spool fetch(Blob blob, Path spoolDirectory) throws IOException {
        BlobSource source = base.isPresent() ? base.get() : archive::fetch;
        return source.fetch(blob, spoolDirectory);
    }

    /** What happened on the way and whoever reads the report should know. */
    List<String> notes() {
        Set<String> all = new LinkedHashSet<>(notes);
        all.addAll(outlines.notes());
        all.addAll(segments.notes());
        return List.copyOf(all);
    }

    void note(String what) {
        notes.add(what);
    }

    private ShardRows rows(PlannedShard shard) {
        return rows(shard, segments);
    }

    private ShardRows outlines(PlannedShard shard) {
        return rows(shard, outlines);
    }

    private ShardRows rows(PlannedShard shard, VerifiedSegments from) {
        return new ShardRows(shard, from, options.selection(), this::readTail);
    }

    /** One shard after the other: a consumer is for one thread at a time. */
    private synchronized void readTail(int shard, long from, long to, ShardLog.RowSink rows) {
        if (log == null) {
            log = tail.open(plan.tail());
        }
        log.readChanges(shard, from, to, rows);
    }

    /** A file of the plan, or a part of one, was read to be written. */
    void read(long bytes, boolean isFileEnd, long keys) {
        filesRead += isFileEnd ? 1 : 0;
        bytesRead += bytes;
        report(Phase.WRITING, keys);
    }

    void report(Phase phase, long keys) {
        listener.progress(
                new RestoreProgress(phase, filesRead, plan.files(), bytesRead, plan.bytes(), keys, elapsed()));
    }

    /** Asked before what cannot be taken back, and now and then in what is long. */
    static void requireNotStopped() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("told to stop");
        }
    }

    @Override
    public void close() {
        segments.close();
        outlines.close();
        base.ifPresent(BaseSnapshot::close);
        if (log != null) {
            log.close();
        }
    }
}
