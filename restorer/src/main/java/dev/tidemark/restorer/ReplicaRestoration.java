package dev.tidemark.restorer;

import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.RestoreReport.RestoredIndex;
import dev.tidemark.restorer.plan.IndexDefinition;
import dev.tidemark.restorer.plan.TargetLimits;
import dev.tidemark.restorer.proof.ContentAccount;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * One restore as the primary of a replica, which loads a snapshot that is made while it is sent. The target itself puts
 * away what it had; whether it loaded everything it acknowledges, and then it is read back like any other.
 */
final class ReplicaRestoration {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);
    private static final Duration PINGS_APART = Duration.ofSeconds(5);
    /** Whoever is to follow is told by a person. */
    private static final Duration REPLICA_AWAITED_MAX = Duration.ofHours(1);
    /** One that we tell to follow comes within a second, and again each second. */
    private static final Duration CALLED_AWAITED_MAX = Duration.ofSeconds(30);

    /** Whoever waits for a connection notices no interrupt. */
    private static final Duration LOOKED_UP_APART = Duration.ofMillis(200);

    private static final String UNTOUCHED = "Nothing was written to it";
    private static final String UNFINISHED =
            "The target still follows this address, and keeps what it had until it has loaded a whole snapshot, unless"
                    + " repl-diskless-load says otherwise. Run the restore again, or end it there with REPLICAOF NO ONE";

    private final RestoreRun run;
    private final ReplicationPort port;
    private final Duration calledAwaitedMax;
    private Optional<String> refusal = Optional.empty();

    ReplicaRestoration(RestoreRun run, ReplicationPort port) {
        this(run, port, CALLED_AWAITED_MAX);
    }

    /** @param calledAwaitedMax how long a target may take to follow that was told to */
    ReplicaRestoration(RestoreRun run, ReplicationPort port, Duration calledAwaitedMax) {
        this.run = run;
        this.port = port;
        this.calledAwaitedMax = calledAwaitedMax;
    }

    RestoreReport run() {
        try (run;
                ServerSocket door = open()) {
            Optional<List<IndexDefinition>> configured = SearchIndexes.configured(run.settings());
            if (port.target().isPresent()) {
                return called(door, port.target().get(), configured);
            }
            References references = run.validate(TargetLimits.none(), port.address());
            SearchIndexes indexes = SearchIndexes.of(run, configured, references);
            run.report(Phase.WAITING, 0);
            try (ReplicaLink link = await(door, REPLICA_AWAITED_MAX)) {
                RestoreTarget itself = new RestoreTarget(
                        link.host(),
                        link.listeningPort(),
                        false,
                        Optional.empty(),
                        port.targetUser(),
                        port.targetPassword());
                try (TargetRedis target = TargetRedis.open(itself, ANSWER_LIMIT, UNTOUCHED)) {
                    requireMeant(target);
                    run.requireTaken(target.limits(false, UNTOUCHED), target.address());
                    RestoreReport report = fill(link, target, references);
                    return report.with(
                            indexes.left("a replica takes no FT.CREATE, and we do not say when it stands alone. Say"
                                    + " REPLICAOF NO ONE there first"),
                            run.elapsed());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNEXPECTED, "the restore was interrupted before its first write", e);
        } catch (IOException e) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "the replica at %s was lost: %s. %s".formatted(port.address(), e.getMessage(), UNFINISHED),
                    e);
        }
    }

    private ServerSocket open() {
        try {
            InetAddress host = InetAddress.getAllByName(port.host())[0];
            if (!host.isLoopbackAddress() && port.password().isEmpty()) {
                throw new TidemarkError(
                        ExitCode.USAGE,
                        "whoever reaches %s gets all data; give --serve-password-file, and the target its content as masterauth. Nothing was done"
                                .formatted(port.address()));
            }
            ServerSocket door = new ServerSocket();
            door.setReuseAddress(true);
            door.bind(new InetSocketAddress(host, port.port()));
            return door;
        } catch (IOException e) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "nobody can be served at %s: %s. Nothing was done; name another port with --serve"
                            .formatted(port.address(), e.getMessage()),
                    e);
        }
    }

    /** The target is ours to tell: to follow, and when it has everything, to stand alone again. */
    private RestoreReport called(ServerSocket door, RestoreTarget address, Optional<List<IndexDefinition>> configured)
            throws IOException, InterruptedException {
        // First what takes moments. It is asked once more when the archive has been read, which can take long.
        TargetLimits limits = requireFillable(address);
        References references = run.validate(limits, address.address());
        SearchIndexes indexes = SearchIndexes.of(run, configured, references);
        requireFillable(address);
        try (TargetRedis target = TargetRedis.open(address, ANSWER_LIMIT, UNTOUCHED)) {
            indexes.requireNoConflict(List.of(target));
            // Said first: one that is told to follow may do so though its answer never comes.
            run.report(Phase.WAITING, 0);
            RestoreRun.requireNotStopped();
            target.ask(
                    redis -> redis.replicaof(port.host(), port.port()),
                    "%s. If it follows %s all the same, say REPLICAOF NO ONE there"
                            .formatted(UNTOUCHED, port.address()));
            RestoreReport report;
            try (ReplicaLink link = awaitCalled(door, target)) {
                report = fill(link, target, references);
            }
            target.ask(
                    redis -> redis.replicaofNoOne(),
                    "It holds the restore and still follows " + port.address() + "; say REPLICAOF NO ONE there");
            // Only now: a replica takes no FT.CREATE.
            return report.with(made(indexes, target), run.elapsed());
        }
    }

    private static List<RestoredIndex> made(SearchIndexes indexes, TargetRedis target) {
        try {
            return indexes.make(List.of(target));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(
                    ExitCode.DIFFERENT,
                    "interrupted while search indexes were made. %s holds every key of the restore and follows nobody; see there by FT._LIST which indexes are missing"
                            .formatted(target.address()),
                    e);
        }
    }

    private TargetLimits requireFillable(RestoreTarget address) {
        try (TargetPrimaries primaries = TargetPrimaries.open(address, ANSWER_LIMIT, UNTOUCHED)) {
            TargetCheck check = new TargetCheck(primaries, run.options());
            check.requireStandalone();
            new TargetLock(primaries, run).requireFree();
            check.require(run, () -> false);
            return primaries.all().get(0).limits(false, UNTOUCHED);
        }
    }

    /** One that does not come is told to stand alone again, for it has nothing of ours and keeps what it had. */
    private ReplicaLink awaitCalled(ServerSocket door, TargetRedis target) throws IOException {
        try {
            return await(door, calledAwaitedMax);
        } catch (InterruptedException e) {
            standAlone(target);
            Thread.currentThread().interrupt();
            throw new TidemarkError(
                    ExitCode.UNEXPECTED,
                    "the restore was interrupted before %s came to be filled. Nothing was written to it, and it follows nobody any more"
                            .formatted(target.address()),
                    e);
        } catch (SocketTimeoutException absent) {
            standAlone(target);
            throw new TidemarkError(
                    ExitCode.TARGET_REFUSED,
                    "%s was told to follow %s, and did not within %d s: %s. Nothing was written to it, and it follows nobody any more"
                            .formatted(
                                    target.address(),
                                    port.address(),
                                    calledAwaitedMax.toSeconds(),
                                    refusal.orElse(
                                            "it must reach that address, so name in --serve one of this machine's that it reaches")),
                    absent);
        }
    }

    private void standAlone(TargetRedis target) {
        target.ask(
                redis -> redis.replicaofNoOne(),
                "It was told to follow %s and did not come; say REPLICAOF NO ONE there".formatted(port.address()));
    }

    private ReplicaLink await(ServerSocket door, Duration patience) throws IOException, InterruptedException {
        long beganNanos = System.nanoTime();
        while (true) {
            RestoreRun.requireNotStopped();
            long leftMillis = patience.toMillis()
                    - Duration.ofNanos(System.nanoTime() - beganNanos).toMillis();
            if (leftMillis <= 0) {
                throw new SocketTimeoutException("nobody followed for %d s".formatted(patience.toSeconds()));
            }
            door.setSoTimeout(Math.toIntExact(Math.min(leftMillis, LOOKED_UP_APART.toMillis())));
            Socket socket;
            try {
                socket = door.accept();
            } catch (SocketTimeoutException nobodyYet) {
                continue;
            }
            ReplicaLink link = new ReplicaLink(socket, port.password(), Duration.ofMillis(leftMillis));
            boolean isReplica = false;
            try {
                isReplica = link.awaitSync();
            } catch (IOException noReplica) {
                // Somebody looked whether the port is open; a replica comes again.
            } finally {
                refusal = link.refusal().or(() -> refusal);
                if (!isReplica) {
                    link.close();
                }
            }
            if (isReplica) {
                return link;
            }
        }
    }

    private void requireMeant(TargetRedis target) {
        String runId = target.info("server", UNTOUCHED).getOrDefault("run_id", "");
        if (run.capturedRunIds().contains(runId) && !run.options().inPlace()) {
            throw TargetRedis.refused(
                    "%s, which follows, is the captured source itself. Nothing was written to it. --in-place allows that"
                            .formatted(target.address()));
        }
    }

    private RestoreReport fill(ReplicaLink link, TargetRedis target, References references) throws IOException {
        try {
            return filled(link, target, references);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNEXPECTED, "the restore was interrupted. " + UNFINISHED, e);
        }
    }

    private RestoreReport filled(ReplicaLink link, TargetRedis target, References references)
            throws IOException, InterruptedException {
        int majorVersion = target.majorVersion(UNFINISHED);
        int dumpVersion = target.dumpVersion().orElse(-1);
        long beganMillis = target.timeMillis(UNFINISHED);
        ContentAccount expected = new ContentAccount(run.shards(), beganMillis, dumpVersion);
        Map<String, Bytes> libraries = Libraries.byName(references.definitions());
        run.report(Phase.WRITING, 0);
        RdbKeys keys = RdbKeys.begin(link.beginSnapshot(), run, target.address(), ExitCode.UNREACHABLE, UNFINISHED);
        keys.libraries(libraries.values());
        Filling filling = new Filling(run, keys, expected, beganMillis);
        filling.fill();
        link.endSnapshot();
        link.awaitLoaded();
        ScheduledExecutorService pings = Executors.newSingleThreadScheduledExecutor();
        ScheduledFuture<?> pinging =
                pings.scheduleAtFixedRate(() -> ping(link), 0, PINGS_APART.toMillis(), TimeUnit.MILLISECONDS);
        try {
            TargetProof proof = new TargetProof(run, majorVersion, key -> false);
            ContentAccount found = new ContentAccount(run.shards(), beganMillis, dumpVersion);
            proof.read(List.of(target), filling, expected, found, name -> true);
            RestoreReport report = RestoreReport.of(
                    run, target.address(), keys, filling, proof.shards(), proof.limits(filling, expected));
            proof.requireLibraries(references.definitions());
            return report;
        } finally {
            pinging.cancel(true);
            pings.shutdownNow();
        }
    }

    private static void ping(ReplicaLink link) {
        try {
            link.ping();
        } catch (IOException gone) {
            // The proof reads by a connection of its own, and says what it finds.
        }
    }
}
