package dev.tidemark.restorer;

import dev.tidemark.schemas.ReservedKeys;
import io.lettuce.core.SetArgs;
import io.lettuce.core.TransactionResult;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;

/**
 * The mark of a running restore in its target. It has no expiry: a target whose restore died is half full, and whoever
 * comes next must be told.
 */
final class TargetLock {
    private static final byte[] KEY = ReservedKeys.RESTORE_LOCK.array();
    private static final Duration FLUSH_LIMIT = Duration.ofMinutes(10);
    private static final String UNTOUCHED = "Nothing was written to it";

    private final TargetRedis target;
    private final byte[] mine;
    private boolean held;

    private TargetLock(TargetRedis target, String source, Instant to) {
        this.target = target;
        this.mine = "restore of %s to %s by %s (pid %d, run %s) since %s"
                .formatted(
                        source,
                        to,
                        host(),
                        ProcessHandle.current().pid(),
                        UUID.randomUUID().toString().substring(0, 8),
                        Instant.ofEpochMilli(target.timeMillis(UNTOUCHED)))
                .getBytes(StandardCharsets.UTF_8);
    }

    static TargetLock of(TargetRedis target, String source, Instant to) {
        return new TargetLock(target, source, to);
    }

    /** Refuses a target that somebody holds. */
    void requireFree() {
        byte[] found = target.ask(redis -> redis.get(KEY), UNTOUCHED);
        if (found != null) {
            throw heldBy(found);
        }
    }

    void take() {
        String answer = target.ask(redis -> redis.set(KEY, mine, SetArgs.Builder.nx()), UNTOUCHED);
        if (answer == null) {
            byte[] found = target.ask(redis -> redis.get(KEY), UNTOUCHED);
            throw heldBy(found == null ? new byte[0] : found);
        }
        held = true;
    }

    /** Deletes everything in the target but this mark, at one instant. */
    void clearTarget() {
        TransactionResult result = target.askPatiently(
                redis -> {
                    redis.multi();
                    redis.flushall();
                    redis.set(KEY, mine);
                    return redis.exec();
                },
                FLUSH_LIMIT,
                "Whether it was emptied is not known; nothing was restored into it. Look at it, and run again with"
                        + " --replace");
        for (Object reply : result) {
            if (reply instanceof Throwable refused) {
                throw RedisReplies.failed(target.address(), refused, "Nothing was restored into it");
            }
        }
    }

    /** Whether it is gone now. Only ours is removed: a person may have removed it, and another run taken it. */
    boolean release() {
        if (!held) {
            return true;
        }
        byte[] found = target.ask(redis -> redis.get(KEY), "Its key tidemark:restore-lock may still be there");
        if (found != null && Arrays.equals(found, mine)) {
            target.ask(redis -> redis.del(KEY), "Its key tidemark:restore-lock may still be there");
        }
        held = false;
        return true;
    }

    private RuntimeException heldBy(byte[] found) {
        String owner = new String(found, StandardCharsets.UTF_8);
        return TargetRedis.refused(
                "%s is locked: %s (%s ago). Nothing was written to it. If that run is dead, the target may be partly filled: DEL tidemark:restore-lock there, then restore with --replace"
                        .formatted(target.address(), owner, age(owner)));
    }

    private String age(String owner) {
        int since = owner.lastIndexOf(" since ");
        try {
            Instant taken = Instant.parse(owner.substring(since + " since ".length()));
            long seconds = Duration.between(taken, Instant.ofEpochMilli(target.timeMillis(UNTOUCHED)))
                    .toSeconds();
            return String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60);
        } catch (java.time.format.DateTimeParseException notOurs) {
            return "who knows how long";
        }
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "an unnamed host";
        }
    }
}
