package dev.tidemark.capture;

import dev.tidemark.capture.proof.BeatReply;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.HashSlot;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.CommandArgs;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * The hash that a watch writes with each beat. There are a few places for it, so that several captures of one source do not
 * satisfy each other's barriers, and no more than a few, so that crashes leave nothing that grows.
 */
final class Canary {
    private static final int PLACES = 16;

    /** A live capture beats each second; after this long without a beat its place is free. */
    private static final Duration FORSAKEN = Duration.ofSeconds(10);

    /**
     * The event by which notifications tell of a beat. Writing a hash is none that they have to tell of; so a beat gives the
     * canary an expiry too, and takes it away again: at no time can it be seen to be volatile, and be evicted for that.
     */
    static final String BEAT_EVENT = "persist";

    /** In the year 2286: whatever the clock says, not in the past. */
    static final long FAR_AHEAD_MILLIS = 9_999_999_999_999L;

    /** In place of the time of a beat. */
    private static final long NOT_OURS = Long.MAX_VALUE;

    private static final byte[] WATCH = ascii("watch");
    private static final byte[] NODE = ascii("node");
    private static final byte[] RUN_ID = ascii("run_id");
    private static final byte[] N = ascii("n");
    private static final byte[] AT = ascii("at");

    private final Bytes key;
    private final String watch;
    private final String node;
    private final String runId;

    private Canary(Bytes key, String watch, String node, String runId) {
        this.key = key;
        this.watch = watch;
        this.node = node;
        this.runId = runId;
    }

    /**
     * Finds a place that nobody has, or that its owner forsook longest ago.
     *
     * @param slot of the node's, in which the canary has to live
     */
    static Canary settle(
            StatefulRedisConnection<byte[], byte[]> connection,
            String source,
            String watch,
            String node,
            String runId,
            OptionalInt slot,
            long nowMicros) {
        String name = names(source, slot);
        Bytes best = null;
        long bestAt = NOT_OURS;
        int foreign = 0;
        // Not everybody at the first: captures that lost Redis at the same moment come back at the same moment.
        int first = Math.floorMod(watch.hashCode(), PLACES);
        for (int i = 0; i < PLACES; i++) {
            Bytes key = Bytes.utf8(name + (first + i) % PLACES);
            long beatAt = beatAt(connection, key);
            foreign += beatAt == NOT_OURS ? 1 : 0;
            if (beatAt < bestAt) {
                best = key;
                bestAt = beatAt;
            }
        }
        if (bestAt > nowMicros - FORSAKEN.toNanos() / 1_000) {
            throw noPlace(source, node, name, foreign);
        }
        return new Canary(best, watch, node, runId);
    }

    private static TidemarkError noPlace(String source, String node, String name, int foreign) {
        if (foreign > 0) {
            return new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "of %d places for canaries of source %s on %s, watches have %d, and in %d lies what is no canary; delete what is large, or no hash, of %s0 to %d"
                            .formatted(PLACES, source, node, PLACES - foreign, foreign, name, PLACES - 1));
        }
        return new TidemarkError(
                ExitCode.UNREACHABLE,
                "%d watches of source %s are on %s already; stop a capture, or wait %d s if one has just died"
                        .formatted(PLACES, source, node, FORSAKEN.toSeconds()));
    }

    /** What the names of all that a source keeps in that slot begin with. */
    static String names(String source, OptionalInt slot) {
        return new String(ReservedKeys.CANARY_PREFIX.array(), StandardCharsets.US_ASCII)
                + source
                + slot.stream()
                        .mapToObj(each -> ":{" + HashSlot.tagIn(each) + "}")
                        .collect(Collectors.joining())
                + ":";
    }

    /** When the canary at this place was last written; a place where somebody put something else is nobody's to take. */
    private static long beatAt(StatefulRedisConnection<byte[], byte[]> connection, Bytes key) {
        try {
            return OwnHash.read(connection, key.array(), List.of(AT))
                    .map(fields -> fields.isEmpty()
                            ? 0
                            : number(ascii(fields.get(Bytes.wrap(AT)).array())).orElse(0))
                    .orElse(NOT_OURS);
        } catch (RedisCommandExecutionException e) {
            if (new RedisAnswer(e.getMessage()).isOfOtherType()) {
                return NOT_OURS;
            }
            throw e;
        }
    }

    boolean is(Bytes touched) {
        return key.equals(touched);
    }

    byte[] key() {
        return key.array();
    }

    /** What is wrong where somebody put so much into it. */
    String filled(OwnHash.Size size) {
        return "somebody filled the canary %s: it takes %d fields and %d bytes, and is not read; another place is looked for. Delete it"
                .formatted(new String(key.array(), StandardCharsets.UTF_8), size.fields(), size.bytes());
    }

    /** What is wrong where somebody put something else in its place. */
    String replaced() {
        return "the canary %s is no hash any more; another place is looked for. Delete it"
                .formatted(new String(key.array(), StandardCharsets.UTF_8));
    }

    /**
     * What the canary was.
     *
     * @param fields names and values, all of them; none where there was none
     * @param expired whether an expiry was taken off it
     */
    static Optional<BeatReply.Canary> readBack(Map<Bytes, Bytes> fields, boolean expired) {
        Map<Bytes, Bytes> foreign = new HashMap<>(fields);
        Bytes watch = foreign.remove(Bytes.wrap(WATCH));
        Bytes n = foreign.remove(Bytes.wrap(N));
        if (watch == null || n == null) {
            return Optional.empty();
        }
        List.of(NODE, RUN_ID, AT).forEach(own -> foreign.remove(Bytes.wrap(own)));
        // A canary that somebody filled with anything else is not beat n of ours, whatever n is.
        return Optional.of(new BeatReply.Canary(
                ascii(watch.array()), number(ascii(n.array())).orElse(-1), expired, foreign));
    }

    /**
     * The fields and values that make it beat n.
     *
     * @param nowMicros Redis's clock, as far as is known
     */
    byte[][] fields(long n, long nowMicros) {
        return new byte[][] {
            WATCH,
            ascii(watch),
            NODE,
            ascii(node),
            RUN_ID,
            ascii(runId),
            N,
            ascii(Long.toString(n)),
            AT,
            ascii(Long.toString(nowMicros))
        };
    }

    /** The arguments of the HSET that writes beat n. */
    CommandArgs<byte[], byte[]> write(long n, long nowMicros) {
        return new CommandArgs<>(ByteArrayCodec.INSTANCE).addKey(key.array()).addValues(List.of(fields(n, nowMicros)));
    }

    /** Somebody else may have written anything there. */
    private static OptionalLong number(String text) {
        return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String ascii(byte[] text) {
        return new String(text, StandardCharsets.US_ASCII);
    }
}
