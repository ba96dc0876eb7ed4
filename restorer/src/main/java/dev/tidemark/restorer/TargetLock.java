package dev.tidemark.restorer;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.errors.TidemarkError;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * The mark of a running restore in its target: a hash that tells which restore it is, and who does which part of it. It is
 * one key, so in a Cluster too nobody can hold half of it. It has no expiry: a target whose restore died is half full, and
 * whoever comes next must be told.
 */
final class TargetLock {
    private static final Bytes KEY = ReservedKeys.RESTORE_LOCK;
    private static final String NAME = KEY.asUtf8().orElseThrow();
    private static final byte[] RESTORE = word("restore");
    /** Set when the target is empty, or as it may be: the other parts may write from then on. */
    private static final byte[] OPENED = word("opened");

    private static final byte[] YES = word("yes");
    private static final byte[] DONE = word("done");
    /** A few for each part of a restore, of a line each. */
    private static final int FIELDS_MAX = 4_096;

    private static final long BYTES_MAX = 1 << 20;

    private static final Duration FLUSH_LIMIT = Duration.ofMinutes(10);
    private static final String UNTOUCHED = "Nothing was written to it";
    private static final String MAY_BE_EMPTIED =
            "Whether it was emptied is not known; nothing was restored into it. Look at it, and run again with --replace";
    private static final String MAY_BE_THERE = "Its key " + NAME + " may still be there";

    private final TargetPrimaries target;
    private final RestorePart part;
    private final boolean goesOn;
    private final RestoreTerms terms;
    private final byte[] restore;
    private final byte[] ourPart;
    private final byte[] begunPart;
    private final byte[] us;
    private boolean held;

    TargetLock(TargetPrimaries target, RestoreRun run) {
        this.target = target;
        this.part = run.options().part();
        this.goesOn = run.options().merge();
        this.terms = RestoreTerms.of(run);
        this.restore = word(terms.words());
        this.ourPart = partName(part.number());
        this.begunPart = word("begun part " + part.number());
        this.us = word("%s (pid %d, run %s) since %s"
                .formatted(
                        host(),
                        ProcessHandle.current().pid(),
                        UUID.randomUUID().toString().substring(0, 8),
                        Instant.ofEpochMilli(target.of(KEY).timeMillis(UNTOUCHED))));
    }

    private static byte[] partName(int number) {
        return word("part " + number);
    }

    /** Refuses a target that somebody holds, but for those who do other parts of the same restore. */
    void requireFree() {
        othersWrite();
    }

    /** The same, and whether there are any who do other parts. */
    boolean othersWrite() {
        return agreeing(read(UNTOUCHED));
    }

    private boolean agreeing(Map<String, String> found) {
        if (found.isEmpty()) {
            return false;
        }
        if (!isOurs(found) || found.containsKey(text(ourPart))) {
            throw heldBy(found);
        }
        if (isBegun(found) && !goesOn) {
            throw TargetRedis.refused(
                    "%s holds what a failed run left of %s. Nothing was written to it. Run this part again with --merge, or DEL %s there and restore every part anew with --replace"
                            .formatted(target.address(), part, NAME));
        }
        return true;
    }

    /** Whether it is the lock of a restore that this is a part of. */
    private boolean isOurs(Map<String, String> found) {
        return !part.isWhole() && terms.agreeWith(theirs(found), goesOn && isBegun(found));
    }

    /** Whether our part has written before. */
    private boolean isBegun(Map<String, String> found) {
        return found.containsKey(text(begunPart));
    }

    private static RestoreTerms theirs(Map<String, String> found) {
        return RestoreTerms.read(found.getOrDefault(text(RESTORE), "a restore that has just ended"));
    }

    /** Whether nobody of this restore was there before. */
    boolean take() {
        boolean first = target.ask(KEY, redis -> redis.hsetnx(KEY.array(), RESTORE, restore), UNTOUCHED);
        if (!first) {
            if (part.isWhole()) {
                throw heldBy(read(UNTOUCHED));
            }
            requireFree();
            // Before we enter our name: whoever came first may delete all that is there, names too.
            awaitOpened();
        }
        if (!target.ask(KEY, redis -> redis.hsetnx(KEY.array(), ourPart, us), UNTOUCHED)) {
            throw heldBy(read(UNTOUCHED));
        }
        Map<String, String> entered = read(UNTOUCHED);
        entered.remove(text(ourPart));
        // They may have given up, and another restore begun, since we looked.
        if (!first && !isOurs(entered)) {
            target.ask(KEY, redis -> redis.hdel(KEY.array(), ourPart), MAY_BE_THERE);
            throw heldBy(entered);
        }
        held = true;
        if (!part.isWhole()) {
            // Stays until the part is done, also if a person takes the name of one away that died.
            target.ask(KEY, redis -> redis.hset(KEY.array(), begunPart, us), UNTOUCHED);
        }
        return first;
    }

    /** Lets the other parts write. */
    void openToOthers() {
        target.ask(KEY, redis -> redis.hset(KEY.array(), OPENED, YES), UNTOUCHED);
    }

    /** Waits until whoever came first has looked at the target. */
    private void awaitOpened() {
        long beganNanos = System.nanoTime();
        Map<String, String> found = read(UNTOUCHED);
        while (!agreeing(found) || !found.containsKey(text(OPENED))) {
            if (found.isEmpty() || System.nanoTime() - beganNanos > FLUSH_LIMIT.toNanos()) {
                throw TargetRedis.refused(
                        "the part of this restore that came to %s first has not made it ready. Nothing was written to it by this one. See what became of that run; if it is dead, DEL %s there and run every part again as before"
                                .formatted(target.address(), NAME));
            }
            TargetPrimaries.pause();
            found = read(UNTOUCHED);
        }
    }

    /** Deletes everything in the target but this mark; on the server that has the mark at one instant. */
    void clearTarget() {
        TargetRedis ours = target.of(KEY);
        for (TargetRedis node : target.all()) {
            if (node != ours) {
                node.askPatiently(RedisAsyncCommands::flushall, FLUSH_LIMIT, MAY_BE_EMPTIED);
            }
        }
        ours.inTransaction(() -> clear(ours));
    }

    private void clear(TargetRedis ours) {
        String refused = target.isCluster() ? MAY_BE_EMPTIED : "It was not emptied, and nothing was restored into it";
        // Nothing is sent before this is granted: outside of a transaction each of the others would be carried out.
        ours.ask(RedisAsyncCommands::multi, refused);
        List<RedisFuture<?>> queued = new ArrayList<>();
        try {
            ours.askPatiently(
                    redis -> {
                        queued.add(redis.flushall());
                        queued.add(redis.hset(KEY.array(), fields()));
                        return redis.exec();
                    },
                    FLUSH_LIMIT,
                    MAY_BE_EMPTIED);
        } catch (TidemarkError failed) {
            if (failed.getCause() instanceof RedisCommandExecutionException aborted) {
                // Because of one of them, which says more.
                requireCarriedOut(queued, ours, refused);
                throw RedisReplies.failed(ours.address(), aborted, refused);
            }
            // What a lost connection leaves undone is told as errors of the commands too.
            throw failed;
        }
        requireCarriedOut(queued, ours, MAY_BE_EMPTIED);
    }

    private static void requireCarriedOut(List<RedisFuture<?>> commands, TargetRedis node, String consequence) {
        for (RedisFuture<?> command : commands) {
            if (command.getError() != null) {
                throw RedisReplies.failed(
                        node.address(), new RedisCommandExecutionException(command.getError()), consequence);
            }
        }
    }

    private Map<byte[], byte[]> fields() {
        return part.isWhole()
                ? Map.of(RESTORE, restore, ourPart, us)
                : Map.of(RESTORE, restore, ourPart, us, begunPart, us);
    }

    /**
     * Gives it up. Only ours is removed: a person may have removed it, and another run taken it.
     *
     * @param done whether our part is there and read back; a part that is not stays marked, for the others know nothing of it
     */
    void release(boolean done) {
        if (!held) {
            return;
        }
        Map<String, String> found = read(MAY_BE_THERE);
        if (text(us).equals(found.get(text(ourPart)))) {
            if (!part.isWhole()) {
                mark(done);
                found = read(MAY_BE_THERE);
            }
            if (part.isWhole() || isAllDone(found)) {
                target.ask(KEY, redis -> redis.del(KEY.array()), MAY_BE_THERE);
            }
        }
        held = false;
    }

    /** The same before anything was written. */
    void giveBack() {
        if (!part.isWhole() && held) {
            target.ask(KEY, redis -> redis.hdel(KEY.array(), ourPart, begunPart), MAY_BE_THERE);
            boolean isLast = read(MAY_BE_THERE).keySet().stream().noneMatch(field -> field.contains("part "));
            if (isLast) {
                target.ask(KEY, redis -> redis.del(KEY.array()), MAY_BE_THERE);
            }
            held = false;
            return;
        }
        release(false);
    }

    /**
     * What a person does whose run could not remove its mark.
     *
     * @param done whether our part is there and read back
     */
    String remedy(boolean done) {
        if (part.isWhole()) {
            return done
                    ? "DEL %s there".formatted(NAME)
                    : "DEL %s there, and restore with --replace, or with --merge over what is there".formatted(NAME);
        }
        return done
                ? "HSET %s \"part %d\" %s there, and DEL that key when all parts are done"
                        .formatted(NAME, part.number(), text(DONE))
                : "HDEL %s \"part %d\" there, and run this part again with --merge".formatted(NAME, part.number());
    }

    private void mark(boolean done) {
        if (done) {
            target.ask(KEY, redis -> redis.hset(KEY.array(), ourPart, DONE), MAY_BE_THERE);
            target.ask(KEY, redis -> redis.hdel(KEY.array(), begunPart), MAY_BE_THERE);
        } else {
            target.ask(KEY, redis -> redis.hdel(KEY.array(), ourPart), MAY_BE_THERE);
        }
    }

    private boolean isAllDone(Map<String, String> found) {
        for (int number = 1; number <= part.of(); number++) {
            if (!text(DONE).equals(found.get(text(partName(number))))) {
                return false;
            }
        }
        return true;
    }

    private Map<String, String> read(String consequence) {
        String type = target.ask(KEY, redis -> redis.type(KEY.array()), consequence);
        Map<String, String> found = new LinkedHashMap<>();
        if (type.equals("hash") && isSmall(consequence)) {
            target.ask(KEY, redis -> redis.hgetall(KEY.array()), consequence)
                    .forEach((field, value) -> found.put(text(field), text(value)));
        } else if (!type.equals("none")) {
            found.put(text(RESTORE), "something that is none of this build's locks");
        }
        return found;
    }

    /** Anybody may have filled a hash of that name, and what is read is held in memory. */
    private boolean isSmall(String consequence) {
        return target.ask(KEY, redis -> redis.hlen(KEY.array()), consequence) <= FIELDS_MAX
                && Objects.requireNonNullElse(target.ask(KEY, TargetLock::bytes, consequence), 0L) <= BYTES_MAX;
    }

    /** With as many samples as there may be fields, the server counts each of them and does not guess. */
    private static RedisFuture<Long> bytes(RedisAsyncCommands<byte[], byte[]> redis) {
        CommandArgs<byte[], byte[]> usage = new CommandArgs<>(ByteArrayCodec.INSTANCE)
                .add("USAGE".getBytes(StandardCharsets.US_ASCII))
                .addKey(KEY.array())
                .add("SAMPLES".getBytes(StandardCharsets.US_ASCII))
                .add(FIELDS_MAX);
        return redis.dispatch(CommandType.MEMORY, new IntegerOutput<>(ByteArrayCodec.INSTANCE), usage);
    }

    private TidemarkError heldBy(Map<String, String> found) {
        RestoreTerms theirs = theirs(found);
        boolean isOurs = isOurs(found);
        String owner = isOurs ? found.getOrDefault(text(ourPart), "somebody") : ownerOfAny(found);
        if (isOurs && owner.equals(text(DONE))) {
            return TargetRedis.refused(
                    "%s of this restore is in %s already, and was read back. Nothing was written to it. Run the parts that are missing"
                            .formatted(part, target.address()));
        }
        return TargetRedis.refused(
                "%s is locked: %s by %s (%s ago). %sNothing was written to it. If that run is dead, %s"
                        .formatted(
                                target.address(),
                                theirs.headline(),
                                owner,
                                age(owner),
                                isOurs ? "" : disagreement(theirs, isBegun(found)),
                                wayOut(isOurs, found.containsKey(text(OPENED)))));
    }

    /** Only to a part: who restores the whole does not want to join. */
    private String disagreement(RestoreTerms theirs, boolean isBegun) {
        List<String> differences = part.isWhole() ? List.of() : terms.differences(theirs, goesOn && isBegun);
        return differences.isEmpty()
                ? ""
                : "This part does not agree with it: %s. Give every part the same. "
                        .formatted(String.join("; ", differences));
    }

    private String wayOut(boolean isOurs, boolean isOpened) {
        if (isOurs && !isOpened) {
            return "no key was restored yet: DEL %s there, then run every part again as before".formatted(NAME);
        }
        String wayOut = isOurs
                ? remedy(false)
                : "DEL %s there, then restore with --replace, or with --merge over what is there".formatted(NAME);
        return "the target may be partly filled: " + wayOut;
    }

    private static String ownerOfAny(Map<String, String> found) {
        return found.entrySet().stream()
                .filter(field -> field.getKey().startsWith("part "))
                .map(Map.Entry::getValue)
                .filter(owner -> !owner.equals(text(DONE)))
                .findFirst()
                .orElse("somebody whose other parts are missing");
    }

    private String age(String owner) {
        int since = owner.lastIndexOf(" since ");
        try {
            Instant taken = Instant.parse(owner.substring(Math.max(0, since) + " since ".length()));
            long seconds = Duration.between(
                            taken, Instant.ofEpochMilli(target.of(KEY).timeMillis(UNTOUCHED)))
                    .toSeconds();
            return String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60);
        } catch (DateTimeParseException | StringIndexOutOfBoundsException notOurs) {
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

    private static byte[] word(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] word) {
        return new String(word, StandardCharsets.UTF_8);
    }
}
