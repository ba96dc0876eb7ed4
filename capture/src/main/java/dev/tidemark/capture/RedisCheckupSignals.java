package dev.tidemark.capture;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.checkup.Mend;
import dev.tidemark.schemas.checkup.Mend.Place;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import io.lettuce.core.api.push.PushMessage;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Proves both signals as a barrier does: a canary that was written must come back on both connections. */
final class RedisCheckupSignals {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** A doctor that dies leaves nothing for long. */
    private static final Duration CANARY_LIFE = Duration.ofMinutes(1);

    /** Of what the canary goes through, the event of a kind that capture needs. */
    private static final Bytes EXPIRE = Bytes.utf8("expire");

    private static final String TRACKING = "tracking";
    private static final String NOTIFICATIONS = "notifications";

    private final RedisServerLink link;
    private final RedisCheckupNode node;
    private final CapturedKeys keys;
    private final RedisRights rights;
    private final RedisCheckupConfig config;
    private final Findings findings;
    private final CountDownLatch invalidated = new CountDownLatch(1);
    private final CountDownLatch notified = new CountDownLatch(1);
    private final Map<String, RedisAnswer> channels = new LinkedHashMap<>();
    private boolean expires;

    RedisCheckupSignals(
            RedisServerLink link,
            RedisCheckupNode node,
            CapturedKeys keys,
            RedisRights rights,
            RedisCheckupConfig config,
            Findings findings) {
        this.link = link;
        this.node = node;
        this.keys = keys;
        this.rights = rights;
        this.config = config;
        this.findings = findings;
    }

    void run(RedisCheckupLine line, byte[] canary) {
        try (StatefulRedisPubSubConnection<byte[], byte[]> tracking = link.signals();
                StatefulRedisPubSubConnection<byte[], byte[]> notifications = link.signals()) {
            boolean tracks = startTracking(tracking, canary);
            boolean listens = subscribe(notifications, canary);
            channels.forEach(this::channel);
            if (!written(line, canary)) {
                findings.skipped(TRACKING, "no canary could be written");
                findings.skipped(NOTIFICATIONS, "no canary could be written");
                return;
            }
            if (!tracks) {
                findings.skipped(TRACKING, "it could not be switched on, see above");
            } else if (came(invalidated)) {
                findings.ok(TRACKING, "the canary came back");
            } else {
                findings.missing(
                        TRACKING,
                        "switched on, and no invalidation of the canary came within %d s"
                                .formatted(PATIENCE.toSeconds()),
                        Mend.in(Place.HANDS, "use an address that leads to Redis itself, past any proxy"));
            }
            if (!listens) {
                findings.skipped(NOTIFICATIONS, "they could not be subscribed to, see above");
            } else if (!expires) {
                findings.skipped(NOTIFICATIONS, "the canary could not be given an expiry, see above");
            } else if (came(notified)) {
                findings.ok(NOTIFICATIONS, "the canary came back");
            } else {
                config.notificationsSilent(NOTIFICATIONS);
            }
        } finally {
            line.tried(RedisCheckupRights.FAREWELL, canary);
        }
    }

    private boolean startTracking(StatefulRedisPubSubConnection<byte[], byte[]> tracking, byte[] canary) {
        tracking.addListener((PushMessage push) -> {
            List<Object> content = push.getContent();
            if (push.getType().equals("invalidate")
                    && content.size() > 1
                    && content.get(1) instanceof List<?> names
                    && names.stream().anyMatch(name -> is(canary, Bytes.copyOf((ByteBuffer) name)))) {
                invalidated.countDown();
            }
        });
        subscribeUnused(tracking);
        CommandArgs<byte[], byte[]> args = new CommandArgs<>(ByteArrayCodec.INSTANCE)
                .add("TRACKING")
                .add("ON")
                .add("BCAST");
        for (Bytes prefix : keys.trackedPrefixes()) {
            args.add("PREFIX").add(prefix.array());
        }
        RedisAnswer answer = RedisCheckupLine.answer(
                tracking.async().dispatch(CommandType.CLIENT, new StatusOutput<>(ByteArrayCodec.INSTANCE), args));
        // A missing right has its own finding.
        if (!answer.isObeyed() && !answer.deniesCommand()) {
            findings.missing(
                    "tracking prefixes",
                    answer.error(),
                    Mend.in(Place.HANDS, "make source.prefixes distinct, or use the journal source"));
        }
        return answer.isObeyed();
    }

    private void subscribeUnused(StatefulRedisPubSubConnection<byte[], byte[]> tracking) {
        RedisAnswer answer = RedisCheckupLine.answer(
                tracking.async().subscribe("tidemark:unused".getBytes(StandardCharsets.US_ASCII)));
        right("subscribe", "the output-buffer limit of subscribers", answer);
        channels.put(rights.unusedChannelRule(), answer);
    }

    private boolean subscribe(StatefulRedisPubSubConnection<byte[], byte[]> notifications, byte[] canary) {
        notifications.addListener(new RedisPubSubAdapter<byte[], byte[]>() {
            @Override
            public void message(byte[] pattern, byte[] channel, byte[] message) {
                if (Bytes.wrap(channel)
                                .asUtf8()
                                .orElse("")
                                .endsWith(":" + Bytes.wrap(canary).asUtf8().orElseThrow())
                        && Bytes.wrap(message).equals(EXPIRE)) {
                    notified.countDown();
                }
            }
        });
        boolean all = true;
        boolean first = true;
        for (byte[] pattern : keys.channelPatterns()) {
            RedisAnswer answer = RedisCheckupLine.answer(notifications.async().psubscribe(pattern));
            if (first) {
                right("psubscribe", "the signal that tells expiry from deletion", answer);
                first = false;
            }
            // Several patterns may need the same rule.
            channels.merge(rights.channelRule(pattern), answer, (one, other) -> one.isObeyed() ? other : one);
            all &= answer.isObeyed();
        }
        return all;
    }

    private void right(String command, String why, RedisAnswer answer) {
        String check = "right +" + command;
        if (answer.deniesCommand()) {
            findings.missing(check, answer.error() + "; it is for " + why, node.granting("+" + command));
        } else {
            findings.ok(check, why);
        }
    }

    private void channel(String rule, RedisAnswer answer) {
        String check = "right " + rule;
        if (answer.deniesChannel()) {
            findings.missing(check, answer.error(), node.granting(rule));
        } else if (answer.isObeyed()) {
            findings.ok(check, "may be subscribed to");
        } else {
            findings.skipped(check, answer.error());
        }
    }

    private boolean written(RedisCheckupLine line, byte[] canary) {
        if (keys.canaryDatabase() != 0
                && !line.tried("select", Integer.toString(keys.canaryDatabase()))
                        .isObeyed()) {
            return false;
        }
        String until = Long.toString(System.currentTimeMillis() + CANARY_LIFE.toMillis());
        List<RedisAnswer> answers = line.tried(
                List.of(
                        List.of("hset", RedisRight.CANARY, "watch", "doctor"),
                        List.of("pexpireat", RedisRight.CANARY, until)),
                canary);
        RedisAnswer answer = answers.get(0);
        expires = answers.get(1).isObeyed();
        if (answer.isObeyed()) {
            findings.ok("canary", "written and deleted");
            return true;
        }
        refused(answer);
        return false;
    }

    private void refused(RedisAnswer answer) {
        // Missing rights and roles have findings of their own.
        if (answer.deniesCommand() || answer.deniesKey() || !node.isPrimary()) {
            findings.skipped("canary", answer.error());
        } else if (answer.error().startsWith("OOM")) {
            findings.warning(
                    "canary",
                    "memory is full; capture goes on with a canary that needs none: " + answer.error(),
                    Mend.in(Place.HANDS, "give Redis more memory, or delete what is not needed"));
        } else {
            findings.missing(
                    "canary",
                    "Redis takes no writes: " + answer.error(),
                    Mend.in(Place.HANDS, "cure what Redis says; nothing is claimed until it takes writes again"));
        }
    }

    private static boolean is(byte[] canary, Bytes key) {
        return Bytes.wrap(canary).equals(key);
    }

    private static boolean came(CountDownLatch signal) {
        try {
            return signal.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNREACHABLE, "interrupted while the canary was awaited", e);
        }
    }
}
