package dev.tidemark.restorer;

import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.proof.ContentAccount;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
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
    private static final Duration REPLICA_AWAITED_MAX = Duration.ofHours(1);
    private static final String UNTOUCHED = "Nothing was written to it";
    private static final String UNFINISHED =
            "The target still follows this address, and keeps what it had until it has loaded a whole snapshot, unless repl-diskless-load says otherwise. Run the restore again, or end it there with REPLICAOF NO ONE";

    private final RestoreRun run;
    private final ReplicationPort port;

    ReplicaRestoration(RestoreRun run, ReplicationPort port) {
        this.run = run;
        this.port = port;
    }

    RestoreReport run() {
        try (run;
                ServerSocket door = open()) {
            References references = run.validate();
            Map<String, Bytes> libraries = Libraries.byName(references.definitions());
            run.fetchAhead();
            if (port.target().isPresent()) {
                return called(door, references, libraries, port.target().get());
            }
            try (ReplicaLink link = await(door)) {
                RestoreTarget itself = new RestoreTarget(
                        link.host(), link.listeningPort(), false, port.targetUser(), port.targetPassword());
                try (TargetRedis target = TargetRedis.open(itself, ANSWER_LIMIT)) {
                    requireMeant(target);
                    return fill(link, target, references, libraries);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNEXPECTED, "the restore was interrupted. " + UNFINISHED, e);
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
                    "nobody can be served at %s: %s. Nothing was done; name another address"
                            .formatted(port.address(), e.getMessage()),
                    e);
        }
    }

    /** The target is ours to tell: to follow, and when it has everything, to stand alone again. */
    private RestoreReport called(
            ServerSocket door, References references, Map<String, Bytes> libraries, RestoreTarget address)
            throws IOException, InterruptedException {
        try (TargetRedis target = TargetRedis.open(address, ANSWER_LIMIT)) {
            TargetLock lock =
                    TargetLock.of(target, run.plan().source(), run.plan().to());
            lock.requireFree();
            new TargetCheck(target, run.options())
                    .require(run.settings(), run.plan().sourceRunIds());
            target.ask(redis -> redis.replicaof(port.host(), port.port()), UNTOUCHED);
            RestoreReport report;
            try (ReplicaLink link = await(door)) {
                report = fill(link, target, references, libraries);
            }
            target.ask(
                    redis -> redis.replicaofNoOne(),
                    "It holds the restore and still follows " + port.address() + "; say REPLICAOF NO ONE there");
            return report;
        }
    }

    private ReplicaLink await(ServerSocket door) throws IOException {
        run.report(Phase.WAITING, 0);
        door.setSoTimeout(Math.toIntExact(REPLICA_AWAITED_MAX.toMillis()));
        while (true) {
            Socket socket = door.accept();
            ReplicaLink link = new ReplicaLink(socket, port.password());
            boolean isReplica = false;
            try {
                isReplica = link.awaitSync();
            } catch (IOException noReplica) {
                // Somebody looked whether the port is open; a replica comes again.
            } finally {
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
        if (run.plan().sourceRunIds().contains(runId) && !run.options().inPlace()) {
            throw TargetRedis.refused(
                    "%s, which follows, is the captured source itself. Nothing was written to it. --in-place allows that"
                            .formatted(target.address()));
        }
    }

    private RestoreReport fill(
            ReplicaLink link, TargetRedis target, References references, Map<String, Bytes> libraries)
            throws IOException, InterruptedException {
        int majorVersion = target.majorVersion(UNTOUCHED);
        int dumpVersion = target.dumpVersion().orElse(-1);
        long beganMillis = target.timeMillis(UNTOUCHED);
        Shards shards = new Shards(run.settings().source().shards());
        ContentAccount expected = new ContentAccount(shards, beganMillis, dumpVersion);
        RdbKeys keys = RdbKeys.begin(link.beginSnapshot(), run, libraries, target.address(), UNFINISHED);
        Filling filling = new Filling(run, keys, expected, beganMillis);
        filling.fill();
        link.endSnapshot();
        link.awaitLoaded();
        ScheduledExecutorService pings = Executors.newSingleThreadScheduledExecutor();
        ScheduledFuture<?> pinging =
                pings.scheduleAtFixedRate(() -> ping(link), 0, PINGS_APART.toMillis(), TimeUnit.MILLISECONDS);
        try {
            TargetProof proof = new TargetProof(run, target, majorVersion, ANSWER_LIMIT);
            ContentAccount found = new ContentAccount(shards, beganMillis, dumpVersion);
            RestoreReport report = RestoreReport.of(
                    run,
                    target.address(),
                    keys,
                    filling,
                    proof.of(filling, expected, found),
                    proof.limits(filling, expected, references));
            proof.requireLibraries(Libraries.of(target, references.definitions()));
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
