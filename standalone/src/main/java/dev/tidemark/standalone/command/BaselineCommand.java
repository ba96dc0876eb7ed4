package dev.tidemark.standalone.command;

import dev.tidemark.compactor.baseline.BaselineTaker;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.Mode;
import dev.tidemark.schemas.layout.Baseline.Node;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "baseline",
        description = {
            "Put a snapshot of Redis on S3, from which a restore can start; capture must be running.",
            "",
            "replication (the default) streams it from a replica, or from a primary that has had one, as if",
            "another replica came; nothing touches a disk. file lets the server save (BGSAVE) and reads the",
            "file. import reads an export or a copy. Whatever the mode, the canary in it tells its date, and",
            "it is published only when it was read to its end and its checksum matched.",
            "",
            "Where Redis grants none of these, capture.resync-interval gives restores a base instead."
        },
        footer = {
            "  tidemark baseline                                         over the replication protocol",
            "  tidemark baseline --mode file                             BGSAVE, on this machine",
            "  tidemark baseline --mode file --path /mnt/redis/dump.rdb  where this machine sees the file",
            "  tidemark baseline --mode import --path s3://exports/rag.rdb"
        })
final class BaselineCommand implements Callable<Integer> {
    @ParentCommand
    private TidemarkCommand tidemark;

    @Spec
    private CommandSpec spec;

    @Option(names = "--mode", paramLabel = "MODE", description = "replication (the default), file or import.")
    private Mode mode = Mode.REPLICATION;

    @Option(names = "--path", paramLabel = "PATH", description = "Of the file; s3://bucket/key too, for import.")
    private Optional<String> path = Optional.empty();

    @Override
    public Integer call() {
        if (mode == Mode.REPLICATION && path.isPresent()) {
            throw new ParameterException(
                    spec.commandLine(), "--path is for --mode file and --mode import; replication has no file");
        }
        if (mode == Mode.IMPORT && path.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "--mode import needs --path, for example --path s3://exports/rag.rdb");
        }
        AtomicReference<Baseline> published = new AtomicReference<>();
        Settings settings = tidemark.settings(Role.BASELINE);
        Stop.Words words = tidemark.onStop(ended -> left(Optional.ofNullable(published.get()), ended));
        try (BaselineTaker taker = BaselineTaker.open(settings, Clock.systemUTC())) {
            published.set(
                    switch (mode) {
                        case REPLICATION -> taker.fromReplication();
                        case FILE -> taker.fromFile(path);
                        case IMPORT -> taker.fromExport(path.orElseThrow());
                    });
        } finally {
            words.close();
        }
        tidemark.answer(text(published.get()), json(published.get()));
        return ExitCode.DONE.number();
    }

    private static Optional<String> left(Optional<Baseline> published, boolean ended) {
        if (published.isPresent()) {
            return Optional.empty();
        }
        // What became of a request that was cut short, nobody knows.
        String nothing = "Unless its manifest was just being written, nothing was published, and what was uploaded ";
        return Optional.of(
                ended
                        ? "stopped. " + nothing + "was given up"
                        : "stopped; Redis or S3 does not answer. " + nothing + "is given up by the next baseline");
    }

    private static String text(Baseline baseline) {
        StringBuilder text = new StringBuilder("%s   baseline %s%n"
                .formatted(baseline.source(), baseline.manifest().path()));
        for (Node node : baseline.nodes()) {
            text.append("           %s, %d keys, %d bytes, slots %s%n"
                    .formatted(node.name(), node.keys(), node.snapshot().bytes(), node.slots()));
        }
        text.append("forked     between %s and %s%n"
                .formatted(RedisTime.instant(baseline.beginMicros()), RedisTime.instant(baseline.forkMicros())));
        return text.toString().stripTrailing();
    }

    private static Map<String, Object> json(Baseline baseline) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("source", baseline.source());
        json.put("manifest", baseline.manifest().path());
        json.put("mode", baseline.mode().name().toLowerCase(Locale.ROOT));
        json.put("begin", RedisTime.instant(baseline.beginMicros()));
        json.put("fork", RedisTime.instant(baseline.forkMicros()));
        json.put("nodes", baseline.nodes().stream().map(BaselineCommand::json).toList());
        return json;
    }

    private static Map<String, Object> json(Node node) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", node.name());
        json.put("redis_version", node.redisVersion());
        json.put("keys", node.keys());
        json.put("bytes", node.snapshot().bytes());
        json.put("slots", node.slots().toString());
        json.put("begin", RedisTime.instant(node.beginMicros()));
        json.put("fork", RedisTime.instant(node.forkMicros()));
        return json;
    }
}
