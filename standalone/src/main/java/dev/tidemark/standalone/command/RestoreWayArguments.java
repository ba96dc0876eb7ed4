package dev.tidemark.standalone.command;

import dev.tidemark.restorer.ReplicationPort;
import dev.tidemark.restorer.RestoreFile;
import dev.tidemark.restorer.RestoreObject;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where to restore to: a Redis, a snapshot file, or a replica that comes to us. */
final class RestoreWayArguments {
    private static final Pattern PORT = Pattern.compile("(?:(.+):)?(\\d{1,5})");

    @Option(
            names = "--into",
            paramLabel = "URI",
            description = "The Redis to fill: redis://HOST:PORT, or rediss:// for TLS; user:password@ before the host.")
    private Optional<URI> into = Optional.empty();

    @Option(
            names = "--rdb",
            paramLabel = "FILE",
            description = "The snapshot to write, also s3://BUCKET/KEY; it gets this name when it is whole and was read"
                    + " back. With .indexes behind it: the commands that make its search indexes, if there are any.")
    private Optional<String> rdb = Optional.empty();

    @Option(
            names = "--serve",
            paramLabel = "[HOST:]PORT",
            description = "Where one replica may follow this restore; 127.0.0.1 unless a host is named.")
    private Optional<String> serve = Optional.empty();

    @Option(
            names = "--serve-password-file",
            paramLabel = "FILE",
            description = "Holds what the replica must say, its masterauth; needed beyond this machine.")
    private Optional<Path> servePasswordFile = Optional.empty();

    @Mixin
    private TargetAccess access = new TargetAccess();

    RestoreWay way() {
        if (into.isEmpty()) {
            access.requireNoCaFile();
        }
        if (rdb.isPresent() && into.isEmpty() && serve.isEmpty()) {
            return rdb.get().startsWith(RestoreObject.SCHEME)
                    ? object(RestoreObject.at(rdb.get()))
                    : file(new RestoreFile(Path.of(rdb.get())));
        }
        if (serve.isPresent() && rdb.isEmpty()) {
            return port(serve.get());
        }
        if (into.isPresent() && rdb.isEmpty()) {
            return target(access.of(into.get()));
        }
        throw new TidemarkError(
                ExitCode.USAGE,
                "where to restore to is not clear: give one of --into, --rdb and --serve, or --serve with --into;"
                        + " nothing was done");
    }

    private static RestoreWay file(RestoreFile file) {
        return new RestoreWay(
                file.address(),
                false,
                Stake.ofSnapshot(file.address()),
                "What is there of it has .unfinished behind its name; the next run begins it anew",
                Optional.empty(),
                (restorer, plan, options, listener) -> restorer.restore(plan, file, options, listener));
    }

    private static RestoreWay object(RestoreObject object) {
        return new RestoreWay(
                object.address(),
                false,
                Stake.ofSnapshot(object.address()),
                "Nothing of it is visible there; the parts that were sent take room until the bucket's rule for"
                        + " unfinished uploads, or you, abort them",
                Optional.empty(),
                (restorer, plan, options, listener) -> restorer.restore(plan, object, options, listener));
    }

    private static RestoreWay target(RestoreTarget target) {
        return new RestoreWay(
                target.address(),
                true,
                Stake.ofServer(target.address()),
                "It holds the lock of this run: DEL its key tidemark:restore-lock and restore again with --replace, or"
                        + " with --merge over what is there",
                Optional.empty(),
                (restorer, plan, options, listener) -> restorer.restore(plan, target, options, listener));
    }

    private RestoreWay port(String address) {
        Matcher parts = PORT.matcher(address);
        if (!parts.matches() || Integer.parseInt(parts.group(2)) > 65_535) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "'%s' is no port for --serve; for example 7000, or 10.0.0.5:7000. Nothing was done"
                            .formatted(address));
        }
        ReplicationPort port = new ReplicationPort(
                parts.group(1) == null ? "127.0.0.1" : parts.group(1),
                Integer.parseInt(parts.group(2)),
                servePasswordFile.map(file -> TargetAccess.secretIn(file, "--serve-password-file")),
                into.map(access::of),
                Optional.empty(),
                access.password());
        return new RestoreWay(
                port.address(),
                false,
                Stake.ofReplica(port.target().map(RestoreTarget::address).orElse("whoever follows " + port.address())),
                "A replica that was loading drops what it has; run this again and let it follow",
                into.isPresent() ? Optional.empty() : Optional.of("say REPLICAOF NO ONE to the target"),
                (restorer, plan, options, listener) -> restorer.restore(plan, port, options, listener));
    }
}
