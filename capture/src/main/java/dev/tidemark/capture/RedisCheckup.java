package dev.tidemark.capture;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.checkup.Mend;
import dev.tidemark.schemas.checkup.Mend.Place;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;

/**
 * Examines one node for what a capture needs of it: each thing is tried, none is believed. Writes one key below the canaries'
 * prefix, which no capture takes for its own and which expires by itself.
 */
final class RedisCheckup {
    /** Which fields tell that a section is there; providers hide some. */
    private static final Map<String, String> SECTIONS = Map.of(
            "server", "run_id",
            "commandstats", "cmdstat_info",
            "replication", "master_replid",
            "stats", "total_commands_processed");

    private static final Pattern DENIED = Pattern.compile("run the '([a-z|._-]+)' command");
    private static final int KEY_TRIES_MAX = 2_000;

    private final RedisServerLink link;
    private final RedisSettings settings;
    private final SourceSettings source;
    private final CapturedKeys keys;
    private final Clock clock;
    private final Findings findings;
    private boolean connected;

    RedisCheckup(RedisServerLink link, RedisSettings settings, SourceSettings source, Clock clock, Findings findings) {
        this.link = link;
        this.settings = settings;
        this.source = source;
        this.keys = new CapturedKeys(source);
        this.clock = clock;
        this.findings = findings;
    }

    /** Adds what it finds; what cannot be judged for want of something else is left out, and that is said. */
    void run() {
        try (RedisCheckupLine line = new RedisCheckupLine(link.commands(0))) {
            examine(line);
        } catch (TidemarkError | RedisException e) {
            unusable(e);
        }
    }

    private void examine(RedisCheckupLine line) {
        RedisAnswer first = line.tried("info", "server");
        if (!first.isObeyed() && !first.deniesCommand()) {
            unusable(first.error());
            return;
        }
        connected = true;
        reached();
        boolean configless = line.tried("config", "get", "maxmemory-policy").isUnknown();
        ServerInfo info = first.isObeyed() ? info(line) : new ServerInfo();
        RedisCheckupNode node = new RedisCheckupNode(link.node(), user(), info, configless);
        if (!first.isObeyed()) {
            findings.missing(
                    "right +info", first.error() + "; all else is judged by what it tells", node.granting("+info"));
            findings.skipped("all else", "INFO is refused");
            return;
        }
        new RedisCheckupServer(node, line, clock, findings).run(keys.databases());
        sections(info);
        prefixes();
        byte[] canary = canaryHere(line);
        RedisRights rights = new RedisRights(
                keys, info.version(), node.isCluster(), section(line, "modules").contains("name=search"));
        RedisCheckupRights trials = new RedisCheckupRights(node, source.prefixes(), rights, findings);
        try (RedisCheckupLine own = new RedisCheckupLine(link.commands(0))) {
            trials.run(own, canary);
        }
        if (source.journaled()) {
            new RedisCheckupJournal(node, settings, source, rights, findings).run(line, canary);
            return;
        }
        RedisCheckupConfig config = new RedisCheckupConfig(line, findings);
        new RedisCheckupSignals(link, node, keys, rights, config, findings).run(line, canary);
        config.run();
    }

    private static ServerInfo info(RedisCheckupLine line) {
        ServerInfo info = new ServerInfo();
        for (String section : List.of("server", "commandstats", "replication", "stats", "keyspace", "memory")) {
            info.add(section(line, section).getBytes(StandardCharsets.UTF_8));
        }
        return info;
    }

    /** A section that is refused shows as one without its fields. */
    private static String section(RedisCheckupLine line, String name) {
        try {
            return line.connection().sync().info(name);
        } catch (RedisCommandExecutionException refused) {
            return "";
        }
    }

    private void reached() {
        findings.ok("reachable", link.node() + " answers");
        findings.ok("tls", isTls() ? "encrypted, and the certificate is trusted" : "in clear, as redis.uri says");
        findings.ok(
                "authentication",
                settings.password().isPresent() ? "let in as user " + user() : "let in without a password");
    }

    private void sections(ServerInfo info) {
        SECTIONS.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(section -> {
            String check = "info " + section.getKey();
            if (info.text(section.getValue()).isEmpty()) {
                findings.missing(
                        check,
                        "INFO %s has no %s, without which a replaced data set would not be noticed"
                                .formatted(section.getKey(), section.getValue()),
                        Mend.in(Place.HANDS, "ask the provider to show INFO " + section.getKey()));
            } else {
                findings.ok(check, "has " + section.getValue());
            }
        });
    }

    private void prefixes() {
        List<String> ours = source.prefixes().stream()
                .filter(prefix -> Bytes.utf8(prefix).startsWith(ReservedKeys.CANARY_PREFIX))
                .toList();
        if (ours.isEmpty()) {
            findings.ok("prefixes", source.prefixes().size() + " captured, none overlaps another or the canaries'");
        } else {
            findings.missing(
                    "prefixes",
                    "a captured prefix lies below that of the canaries, which are never captured",
                    Mend.in(
                            Place.TIDEMARK_YML,
                            source.prefixes().stream()
                                    .filter(prefix -> !ours.contains(prefix))
                                    .map(prefix ->
                                            '"' + prefix.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
                                    .collect(Collectors.joining(", ", "source.prefixes: [", "]"))));
        }
    }

    /** A canary of our own that this node of a Cluster owns. */
    private byte[] canaryHere(RedisCheckupLine line) {
        String prefix = new String(ReservedKeys.CANARY_PREFIX.array(), StandardCharsets.US_ASCII);
        for (int tries = 1; ; tries++) {
            String key = prefix + source.name() + ":doctor-" + UUID.randomUUID();
            if (!line.tried("type", key).isRedirection() || tries == KEY_TRIES_MAX) {
                return key.getBytes(StandardCharsets.US_ASCII);
            }
        }
    }

    private String user() {
        return settings.username().orElse("default");
    }

    private void unusable(RuntimeException e) {
        Throwable root = e;
        while (root.getCause() != null) {
            if (root instanceof SSLException) {
                break;
            }
            root = root.getCause();
        }
        String said = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        if (root instanceof SSLException) {
            findings.missing(
                    "tls",
                    "no TLS with %s: %s".formatted(link.node(), said),
                    Mend.in(
                            Place.TIDEMARK_YML,
                            "redis.ca-file: /path/to/the/ca-that-signed-the-servers-certificate.pem"));
            return;
        }
        unusable(said);
    }

    private void unusable(String said) {
        Matcher denied = DENIED.matcher(said);
        if (denied.find()) {
            String rule = "+" + denied.group(1);
            RedisCheckupNode node = new RedisCheckupNode(link.node(), user(), new ServerInfo(), false);
            findings.missing("right " + rule, said, node.granting(rule));
        } else if (new RedisAnswer(said).wantsAuthentication() || said.contains("without any password")) {
            findings.missing("authentication", said, letIn());
        } else if (connected) {
            findings.missing("answers", "it answered at first, and then: " + said, ping());
        } else {
            findings.missing(
                    "reachable", "%s cannot be used: %s; %s".formatted(link.node(), said, guess(said)), ping());
        }
    }

    private String guess(String said) {
        if (said.contains("Connection refused")) {
            return "does a Redis listen there?";
        }
        if (said.contains("NXDOMAIN")) {
            return "is the name right?";
        }
        // A server that expects the other of the two hangs up or stays silent, and cannot say why.
        return isTls() ? "does it take TLS?" : "does it take TLS only (rediss://)?";
    }

    private Mend ping() {
        int colon = link.node().lastIndexOf(':');
        return Mend.in(
                Place.SHELL,
                "redis-cli -h %s -p %s%s ping"
                        .formatted(
                                link.node().substring(0, colon),
                                link.node().substring(colon + 1),
                                isTls() ? " --tls" : ""));
    }

    private boolean isTls() {
        return settings.uri().orElseThrow().getScheme().equals("rediss");
    }

    private Mend letIn() {
        // The version is not known to those who are not let in: the rules of 7.0 are the strictest that it has.
        RedisRights rights = new RedisRights(keys, 70_000, false, false);
        return settings.password().isPresent() && settings.username().isPresent()
                ? Mend.in(Place.REDIS_CLI, rights.setUser(user()))
                : Mend.in(Place.TIDEMARK_YML, "redis.password-file: /path/to/the/password");
    }
}
