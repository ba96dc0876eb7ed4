package dev.tidemark.capture;

import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.checkup.Mend;
import dev.tidemark.schemas.checkup.Mend.Place;
import io.lettuce.core.RedisCommandExecutionException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the server is: its version, role, clock, memory and databases. */
final class RedisCheckupServer {
    private static final int LEAST = 60200;
    private static final int FULL = 70000;

    /** Beyond it capture neither dates nor claims anything. */
    private static final Duration CLOCK_AHEAD_MAX = Duration.ofSeconds(5);

    private static final Duration CLOCK_APART_MAX = Duration.ofSeconds(1);

    private final RedisCheckupNode node;
    private final RedisCheckupLine line;
    private final Clock clock;
    private final Findings findings;

    RedisCheckupServer(RedisCheckupNode node, RedisCheckupLine line, Clock clock, Findings findings) {
        this.node = node;
        this.line = line;
        this.clock = clock;
        this.findings = findings;
    }

    void run(List<Integer> databases) {
        version();
        role();
        clock();
        eviction();
        databases(databases);
    }

    private void version() {
        ServerInfo info = node.info();
        String name = info.text("valkey_version").isEmpty()
                ? "Redis " + info.text("redis_version")
                : "Valkey " + info.text("valkey_version");
        if (info.version() < LEAST) {
            findings.missing("version", name, Mend.in(Place.HANDS, "upgrade to Redis 6.2 or later; 7.0 is better"));
        } else if (info.version() < FULL) {
            findings.warning(
                    "version",
                    name
                            + ": expiries are read to a few milliseconds only, and a captured key can be granted only with the"
                            + " right to write it",
                    Mend.in(Place.HANDS, "upgrade to Redis 7.0 or later"));
        } else {
            findings.ok("version", name);
        }
    }

    private void role() {
        if (node.isPrimary()) {
            findings.ok("role", "primary");
            return;
        }
        ServerInfo info = node.info();
        findings.missing(
                "role",
                "a %s; capture needs the primary, which alone sees each change once"
                        .formatted(info.text("role").equals("slave") ? "replica" : info.text("role")),
                Mend.in(
                        Place.TIDEMARK_YML,
                        "redis.uri: redis://%s:%s".formatted(info.text("master_host"), info.text("master_port"))));
    }

    private void clock() {
        long apartMillis;
        try {
            long before = clock.millis();
            List<byte[]> time = line.connection().sync().time();
            apartMillis = number(time.get(0)) * 1_000 + number(time.get(1)) / 1_000 - (before + clock.millis()) / 2;
        } catch (RedisCommandExecutionException refused) {
            findings.skipped("clock", "TIME is refused");
            return;
        }
        String apart = String.format(
                Locale.ROOT,
                "%.3f s %s ours",
                Math.abs(apartMillis) / 1_000.0,
                apartMillis < 0 ? "behind" : "ahead of");
        Mend mend = Mend.in(Place.SHELL, "timedatectl set-ntp true");
        if (apartMillis > CLOCK_AHEAD_MAX.toMillis()) {
            findings.missing("clock", apart + ": nothing is dated by it beyond 5 s", mend);
        } else if (Math.abs(apartMillis) > CLOCK_APART_MAX.toMillis()) {
            findings.warning("clock", apart + "; times of restores are Redis's", mend);
        } else {
            findings.ok("clock", apart);
        }
    }

    private void eviction() {
        String policy = node.info().text("maxmemory_policy");
        if (policy.isEmpty()) {
            findings.skipped("eviction", "INFO memory does not tell maxmemory_policy");
        } else if (policy.equals("noeviction")) {
            findings.ok("eviction", "noeviction");
        } else if (node.info().number("maxmemory") == 0) {
            findings.ok("eviction", policy + ", without a limit of memory, so nothing is evicted");
        } else {
            findings.ok(
                    "eviction",
                    policy + ": what Redis evicts is gone from that moment on in the backup too (a journal would need"
                            + " noeviction)");
        }
    }

    private void databases(List<Integer> databases) {
        List<Integer> others = databases.stream().filter(db -> db != 0).toList();
        if (node.isCluster() && !others.isEmpty()) {
            findings.missing(
                    "databases",
                    "a Cluster has database 0 only, and source.databases is " + databases,
                    Mend.in(Place.TIDEMARK_YML, "source.databases: [0]"));
            return;
        }
        for (int db : others) {
            RedisAnswer selected = line.tried("select", Integer.toString(db));
            if (!selected.isObeyed() && !selected.deniesCommand()) {
                findings.missing(
                        "databases",
                        "database %d cannot be selected: %s".formatted(db, selected.error()),
                        Mend.in(Place.REDIS_CONF, "databases " + (db + 1)));
                return;
            }
        }
        List<Integer> leftOut = node.info().databases().stream()
                .filter(db -> !databases.contains(db))
                .toList();
        if (leftOut.isEmpty()) {
            findings.ok("databases", counted(databases));
        } else {
            findings.warning(
                    "databases",
                    "%s; not captured: %s".formatted(counted(databases), counted(leftOut)),
                    Mend.in(
                            Place.TIDEMARK_YML,
                            "source.databases: "
                                    + Stream.concat(databases.stream(), leftOut.stream())
                                            .sorted()
                                            .toList()));
        }
    }

    private String counted(List<Integer> databases) {
        return databases.stream()
                .map(db -> "%d has %s".formatted(db, counted(node.info().keysIn(db))))
                .collect(Collectors.joining(", "));
    }

    private static String counted(long keys) {
        if (keys == 0) {
            return "no keys";
        }
        return keys == 1 ? "1 key" : keys + " keys";
    }

    private static long number(byte[] digits) {
        return Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
    }
}
