package dev.tidemark.compactor.baseline;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.BaselineTurn;
import dev.tidemark.archive.Baselines;
import dev.tidemark.compactor.dating.ForkDate;
import dev.tidemark.rdb.RdbItem.Entry;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.Mode;
import dev.tidemark.schemas.layout.Baseline.Node;
import dev.tidemark.schemas.redis.HostPort;
import dev.tidemark.schemas.redis.SourceDoor;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceKeys;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes baselines of a source, one at a time. For one thread. */
public final class BaselineTaker implements AutoCloseable {
    /** A server that prepares a snapshot sends an empty line each second. */
    static final Duration SILENCE_MAX = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(BaselineTaker.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** The barrier after a fork is a second away, and its claim perhaps another. */
    private static final int DATE_TRIES_MAX = 5;

    private static final Duration BETWEEN_DATE_TRIES = Duration.ofSeconds(1);

    private final Settings settings;
    private final Archive archive;
    private final Baselines baselines;
    private final SourceDoor door;
    private final SourceSurvey survey;
    private final SourceKeys keys;
    private final Clock clock;

    /** Where the bytes of a node's snapshot come from. */
    private interface Giver {
        Stream open(SourcePart part, Runnable alive) throws IOException;
    }

    /**
     * What {@link Giver} gives.
     *
     * @param isPrimarys whether a primary made it, which holds what replicas lack
     * @param behind what ends with it
     */
    private record Stream(String node, boolean isPrimarys, InputStream bytes, Closeable behind) implements Closeable {
        @Override
        public void close() throws IOException {
            behind.close();
        }
    }

    private BaselineTaker(Settings settings, Archive archive, Clock clock) {
        this.settings = settings;
        this.archive = archive;
        this.baselines = archive.baselines();
        this.door = new SourceDoor(settings.redis(), SILENCE_MAX);
        this.survey = new SourceSurvey(door);
        this.keys = new SourceKeys(settings.source());
        this.clock = clock;
    }

    public static BaselineTaker open(Settings settings, Clock clock) {
        return new BaselineTaker(
                settings, Archive.open(settings.s3(), settings.source().name()), clock);
    }

    /** Streams a snapshot of each primary over the replication protocol: from a replica, unless it may lack something. */
    public Baseline fromReplication() {
        try {
            return take(Mode.REPLICATION, (part, alive) -> replicated(part, survey.giverFor(part), alive));
        } catch (VectorSetsUnproven ofAReplica) {
            LOG.info("event=baseline-from-primaries source={} reason=\"a replica has vector sets\"", archive.source());
            return take(Mode.REPLICATION, (part, alive) -> replicated(part, survey.primaryOf(part), alive));
        }
    }

    private Stream replicated(SourcePart part, HostPort giver, Runnable alive) throws IOException {
        ReplicationStream stream = ReplicationStream.open(door, giver, alive);
        return new Stream(giver.toString(), giver.equals(part.primary()), stream.snapshot(), stream);
    }

    /**
     * Lets the server save to its disk and reads the file.
     *
     * @param path of the file as this process sees it; by default as the server names it
     */
    public Baseline fromFile(Optional<String> path) {
        requireOnePrimary("--mode file");
        return take(Mode.FILE, (part, alive) -> {
            InputStream file = SavedFile.of(door, part.primary(), alive).open(path);
            return new Stream(part.primary().toString(), true, file, file);
        });
    }

    /** Reads a snapshot that somebody else made, from a path or from {@code s3://bucket/key}. */
    public Baseline fromExport(String where) {
        requireOnePrimary("--mode import");
        return take(Mode.IMPORT, (part, alive) -> {
            InputStream export = Export.open(where, settings.s3());
            return new Stream(part.primary().toString(), false, export, export);
        });
    }

    private void requireOnePrimary(String option) {
        if (settings.redis().cluster()) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    option
                            + " reads one file, and a Redis Cluster has one a primary; nothing was written. Take the baseline with --mode replication");
        }
    }

    private Baseline take(Mode mode, Giver giver) {
        BaselineTurn turn = baselines.takeTurn(
                ProcessHandle.current().pid() + "@" + settings.source().name(), clock);
        if (turn instanceof BaselineTurn.Taken taken) {
            throw new TurnTaken(
                    "process %s takes a baseline of source %s already, until %s at least; nothing was written. Wait for it: one at a time is what Redis is asked for"
                            .formatted(taken.owner(), archive.source(), taken.until()));
        }
        try (BaselineTurn.Ours ours = (BaselineTurn.Ours) turn) {
            abortAbandoned();
            return take(mode, giver, ours);
        }
    }

    private void abortAbandoned() {
        try {
            int aborted = baselines.abortAbandoned();
            if (aborted > 0) {
                LOG.info("event=abandoned-uploads-aborted source={} uploads={}", archive.source(), aborted);
            }
        } catch (TidemarkError e) {
            // Not every store tells, and not every user may ask: the bucket's rule for abandoned uploads does it then.
            LOG.warn("event=abandoned-uploads-unknown source={} reason=\"{}\"", archive.source(), e.getMessage());
        }
    }

    private Baseline take(Mode mode, Giver giver, BaselineTurn.Ours turn) {
        BaselineKey manifest = newManifest();
        List<SourcePart> parts = survey.parts();
        List<Node> nodes = new ArrayList<>();
        try (ShardLog log = new ShardLog(settings.kafka(), LogTopics.first(archive.source()), PATIENCE)) {
            KnownBeats beats = new KnownBeats(log, new Shards(settings.source().shards()));
            for (SourcePart part : parts) {
                nodes.add(node(manifest, nodes.size(), mode, part, giver, beats, turn));
            }
            if (!survey.parts().equals(parts)) {
                throw new TidemarkError(
                        ExitCode.UNREACHABLE,
                        "the source's primaries or their slots changed while the baseline was taken; nothing was published. Take it again");
            }
        } catch (RuntimeException e) {
            discard(manifest, parts.size());
            throw e;
        }
        Baseline baseline = new Baseline(manifest, archive.source(), mode, nodes);
        // Manifest last: a crash before it leaves bytes nobody will ever read, never a baseline that lies. And nothing
        // is
        // discarded after it: whether a request whose answer was lost made it visible, nobody knows.
        baselines.publish(baseline);
        return baseline;
    }

    private BaselineKey newManifest() {
        byte[] nonce = new byte[4];
        new SecureRandom().nextBytes(nonce);
        return new BaselineKey(
                RedisTime.micros(clock.instant()), HexFormat.of().formatHex(nonce), BaselineKey.MANIFEST);
    }

    private Node node(
            BaselineKey manifest,
            int number,
            Mode mode,
            SourcePart part,
            Giver giver,
            KnownBeats beats,
            BaselineTurn.Ours turn) {
        Runnable alive = () -> {
            requireNotStopped();
            turn.renew();
        };
        try (Stream stream = giver.open(part, alive)) {
            InputStream paced =
                    new PacedInput(stream.bytes(), settings.compactor().baselineBytesPerSecond());
            Predicate<Entry> mayLack = entry -> !stream.isPrimarys() && isCaptured(entry);
            CopiedSnapshot copied =
                    CopiedSnapshot.of(paced, mayLack, baselines, manifest, number, archive.source(), alive);
            if (mode == Mode.REPLICATION && !copied.replId().equals(Optional.of(part.replId()))) {
                // A replica that was promoted, or given to another primary, holds what nobody logged.
                throw new IOException("%s is of another history than its primary".formatted(stream.node()));
            }
            // Asked when the last byte is here, so that the fork was before it whatever else is known.
            long after = survey.timeMicros(part.primary());
            ForkDate date = date(copied, part, beats);
            if (!beats.areOf(keys)) {
                throw new TidemarkError(
                        ExitCode.USAGE,
                        "capture watches other source.prefixes or source.databases than this configuration names, in some shards at least; nothing was published. Give every service of source %s the same, and start again those that have others"
                                .formatted(archive.source()));
            }
            return new Node(
                    stream.node(),
                    date.canary().runId(),
                    copied.replId().orElse(""),
                    date.canary().watch(),
                    date.canary().n(),
                    part.slots(),
                    date.beginMicros(),
                    date.forkMicros().orElse(Math.max(after, date.beginMicros())),
                    copied.rdbVersion(),
                    copied.redisVersion(),
                    copied.keys(),
                    copied.snapshot());
        } catch (IOException e) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "no whole snapshot of %s came: %s. Nothing was published; take the baseline again when the cause is gone"
                            .formatted(part.primary(), e.getMessage()),
                    e);
        }
    }

    private boolean isCaptured(Entry entry) {
        return settings.source().databases().contains(entry.db()) && keys.contain(entry.key());
    }

    private static void requireNotStopped() {
        if (Thread.currentThread().isInterrupted()) {
            throw new TidemarkError(ExitCode.UNREACHABLE, "interrupted: nothing was published");
        }
    }

    private ForkDate date(CopiedSnapshot copied, SourcePart part, KnownBeats beats) {
        for (int tries = 1; ; tries++) {
            Optional<ForkDate> date = beats.date(copied.canaries(), copied.replId(), part.slots());
            boolean mayBecomeBetter = date.isEmpty()
                    || (date.get().forkMicros().isEmpty()
                            && copied.replId().equals(Optional.of(date.get().replId())));
            if (date.isPresent() && (!mayBecomeBetter || tries == DATE_TRIES_MAX)) {
                return date.get();
            }
            if (tries == DATE_TRIES_MAX) {
                throw new TidemarkError(
                        ExitCode.UNREACHABLE,
                        "the snapshot of %s holds %d canaries of source %s, and tidemarks tells of none of them, so nobody can say when it was made; nothing was published. Capture must be running and claiming before the snapshot is taken"
                                .formatted(part.primary(), copied.canaries().size(), archive.source()));
            }
            sleep(BETWEEN_DATE_TRIES);
        }
    }

    private static void sleep(Duration duration) {
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNREACHABLE, "interrupted: nothing was published", e);
        }
    }

    /** What nobody can find need not be paid for. */
    private void discard(BaselineKey manifest, int nodes) {
        for (int node = 0; node < nodes; node++) {
            BaselineKey file = manifest.snapshotOf(node);
            try {
                baselines.discard(file);
            } catch (TidemarkError e) {
                LOG.warn(
                        "event=baseline-file-left-behind object={} reason=\"{}\"",
                        baselines.uriOf(file),
                        e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        archive.close();
    }
}
