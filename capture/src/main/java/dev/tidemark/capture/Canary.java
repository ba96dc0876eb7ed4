package dev.tidemark.capture;

import dev.tidemark.capture.proof.BeatReply;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import io.lettuce.core.KeyValue;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.CommandArgs;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The hash that a watch writes with each beat. There are a few places for it, so that several captures of one source do not
 * satisfy each other's barriers, and no more than a few, so that crashes leave nothing that grows.
 */
final class Canary {
    private static final int PLACES = 8;

    /** A live capture beats each second; after this long without a beat its place is free. */
    private static final Duration FORSAKEN = Duration.ofSeconds(10);

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

    /** Finds a place that nobody has, or that its owner forsook longest ago. */
    static Canary settle(
            RedisCommands<byte[], byte[]> redis,
            String source,
            String watch,
            String node,
            String runId,
            long nowMicros) {
        Bytes best = null;
        long bestAt = Long.MAX_VALUE;
        for (int place = 0; place < PLACES; place++) {
            Bytes key = Bytes.utf8(
                    new String(ReservedKeys.CANARY_PREFIX.array(), StandardCharsets.US_ASCII) + source + ":" + place);
            byte[] at = redis.hget(key.array(), AT);
            long beatAt = at == null ? 0 : number(ascii(at)).orElse(0);
            if (beatAt < bestAt) {
                best = key;
                bestAt = beatAt;
            }
        }
        if (bestAt > nowMicros - FORSAKEN.toNanos() / 1_000) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "%d captures already watch source %s on %s; stop one, or wait %d s if it has just died"
                            .formatted(PLACES, source, node, FORSAKEN.toSeconds()));
        }
        return new Canary(best, watch, node, runId);
    }

    boolean is(Bytes touched) {
        return key.equals(touched);
    }

    byte[] key() {
        return key.array();
    }

    static byte[][] proofFields() {
        return new byte[][] {WATCH, N};
    }

    static Optional<BeatReply.Canary> readBack(List<KeyValue<byte[], byte[]>> fields) {
        if (!fields.get(0).hasValue() || !fields.get(1).hasValue()) {
            return Optional.empty();
        }
        // A canary that somebody filled with anything else is not beat n of ours, whatever n is.
        return Optional.of(new BeatReply.Canary(
                ascii(fields.get(0).getValue()),
                number(ascii(fields.get(1).getValue())).orElse(-1)));
    }

    /**
     * The arguments of the HSET that writes beat n.
     *
     * @param nowMicros Redis's clock, as far as is known
     */
    CommandArgs<byte[], byte[]> write(long n, long nowMicros) {
        return new CommandArgs<>(ByteArrayCodec.INSTANCE)
                .addKey(key.array())
                .add(WATCH)
                .add(ascii(watch))
                .add(NODE)
                .add(ascii(node))
                .add(RUN_ID)
                .add(ascii(runId))
                .add(N)
                .add(ascii(Long.toString(n)))
                .add(AT)
                .add(ascii(Long.toString(nowMicros)));
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
