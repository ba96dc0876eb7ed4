package dev.tidemark.capture;

import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.checkup.Mend;
import dev.tidemark.schemas.checkup.Mend.Place;
import io.lettuce.core.RedisCommandExecutionException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Settings of the server that can only be read by CONFIG GET, which the least rights do not hold. */
final class RedisCheckupConfig {
    private static final String BUFFER_LIMIT = "client-output-buffer-limit";
    private static final String PUBSUB = "pubsub 33554432 8388608 60";

    /** Redis's own default; less than half of it breaks watches under loads that others bear. */
    private static final long PUBSUB_BYTES_LEAST = 16L << 20;

    private static final String FLAGS = "notify-keyspace-events";

    private final RedisCheckupLine line;
    private final Findings findings;

    RedisCheckupConfig(RedisCheckupLine line, Findings findings) {
        this.line = line;
        this.findings = findings;
    }

    void run() {
        outputBuffers();
        clientMemory();
    }

    private void outputBuffers() {
        String check = BUFFER_LIMIT + " pubsub";
        Optional<String> limits = get(BUFFER_LIMIT);
        if (limits.isEmpty()) {
            findings.skipped(check, "CONFIG GET is refused; Redis's default, 32mb 8mb 60, is enough");
            return;
        }
        // normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60
        List<String> words = Arrays.asList(limits.get().split(" ", -1));
        int at = words.indexOf("pubsub");
        if (at < 0 || words.size() < at + 4) {
            findings.skipped(check, "CONFIG GET tells no limit for subscribers");
            return;
        }
        long hard = Long.parseLong(words.get(at + 1));
        String found = String.join(" ", words.subList(at + 1, at + 4));
        Mend mend = Mend.in(Place.REDIS_CLI, "CONFIG SET %s \"%s\"".formatted(BUFFER_LIMIT, PUBSUB));
        if (hard == 0) {
            findings.warning(check, found + ": a reader that stalls costs Redis memory without bound", mend);
        } else if (hard < PUBSUB_BYTES_LEAST) {
            findings.warning(check, found + ": a burst breaks watches, and each break may be a gap", mend);
        } else {
            findings.ok(check, found);
        }
    }

    private void clientMemory() {
        Optional<String> limit = get("maxmemory-clients");
        if (limit.isEmpty()) {
            findings.skipped("maxmemory-clients", "CONFIG GET is refused, or the server is older than 7.0");
        } else if (limit.get().equals("0")) {
            findings.ok("maxmemory-clients", "no limit");
        } else {
            findings.warning(
                    "maxmemory-clients",
                    limit.get() + ": Redis may close a watch to keep to it, and each break may be a gap",
                    Mend.in(Place.REDIS_CLI, "CONFIG SET maxmemory-clients 0"));
        }
    }

    /** The canary was written and its notification did not come: why, and what mends it. */
    void notificationsSilent(String check) {
        Optional<String> flags = get(FLAGS);
        if (flags.isEmpty()) {
            findings.missing(
                    check,
                    "no notification of the canary came",
                    Mend.in(Place.REDIS_CONF, FLAGS + " " + KeyspaceFlags.NEEDED));
            return;
        }
        String set = flags.get();
        if (KeyspaceFlags.suffice(set)) {
            findings.missing(
                    check,
                    "notify-keyspace-events is %s and still no notification of the canary came".formatted(set),
                    Mend.in(Place.HANDS, "use an address that leads to Redis itself, past any proxy"));
            return;
        }
        Mend mend = Mend.in(Place.REDIS_CLI, "CONFIG SET %s %s".formatted(FLAGS, KeyspaceFlags.with(set)));
        // Setting what is set changes nothing and shows whether capture could.
        boolean settable = line.tried("config", "set", FLAGS, set).isObeyed();
        String found = "notify-keyspace-events is \"%s\"".formatted(set);
        if (settable) {
            findings.warning(
                    check,
                    found
                            + "; capture sets it when it starts, but a restart of Redis forgets that: put it into redis.conf",
                    mend);
        } else {
            findings.missing(check, found, mend);
        }
    }

    private Optional<String> get(String name) {
        try {
            return Optional.ofNullable(line.connection().sync().configGet(name).get(name));
        } catch (RedisCommandExecutionException refused) {
            return Optional.empty();
        }
    }
}
