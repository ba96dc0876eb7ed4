package dev.tidemark.capture;

import dev.tidemark.capture.proof.BeatReply;
import dev.tidemark.schemas.log.Tidemark.Beat;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/**
 * Since which beat the journal alone tells what changed on a node, in a hash beside the canaries. A watch finds there what
 * nobody could have seen while no capture ran: if the counters of the server are still those of that beat, no data set was
 * replaced and nothing was evicted since, and what is in the stream is all that there is to know.
 *
 * <p>It lies in the very data set that it speaks of: whatever loses the one loses the other.
 */
final class JournalLedger {
    private static final List<String> COUNTERS = List.of("run_id", "repl_id", "replacements", "evicted", "slots");
    private static final List<String> FIELDS =
            List.of("run_id", "repl_id", "replacements", "evicted", "slots", "beat", "time");

    private final StatefulRedisConnection<byte[], byte[]> connection;
    private final String node;
    private final byte[] key;
    private final Map<String, String> found = new TreeMap<>();

    /** Reads it; blocks. */
    JournalLedger(StatefulRedisConnection<byte[], byte[]> connection, String node, String source, OptionalInt slot) {
        this.connection = connection;
        this.node = node;
        this.key = ascii(Canary.names(source, slot) + "journal");
        // Filled by somebody, it says nothing: a watch that finds nothing to go on from begins anew.
        OwnHash.read(connection, key, FIELDS.stream().map(JournalLedger::ascii).toList())
                .ifPresent(
                        fields -> fields.forEach((name, value) -> found.put(text(name.array()), text(value.array()))));
    }

    /** Since when, if it holds for what the server answers now. */
    Optional<Beat> since(BeatReply now) {
        Map<String, String> counters = counters(now);
        if (!COUNTERS.stream().allMatch(name -> counters.get(name).equals(found.get(name)))
                || !isNumber(found.get("beat"))
                || !isNumber(found.get("time"))) {
            return Optional.empty();
        }
        return Optional.of(new Beat(
                node,
                now.runId(),
                now.replId(),
                "",
                0,
                Long.parseLong(found.get("beat")),
                Long.parseLong(found.get("time"))));
    }

    /** From this beat on, which the server answered so. */
    CompletionStage<Long> begin(Beat beat, BeatReply reply) {
        CommandArgs<byte[], byte[]> fields = new CommandArgs<>(ByteArrayCodec.INSTANCE).addKey(key);
        counters(reply).forEach((name, value) -> fields.add(ascii(name)).add(ascii(value)));
        fields.add(ascii("beat")).add(ascii(Long.toString(beat.beat())));
        fields.add(ascii("time")).add(ascii(Long.toString(beat.timeMicros())));
        return connection.async().dispatch(CommandType.HSET, new IntegerOutput<>(ByteArrayCodec.INSTANCE), fields);
    }

    /** It does not hold any more, though no counter tells. */
    CompletionStage<Long> forget() {
        return connection.async().del(key);
    }

    private static Map<String, String> counters(BeatReply reply) {
        return Map.of(
                "run_id", reply.runId(),
                "repl_id", reply.replId(),
                "replacements", Long.toString(reply.replacements()),
                "evicted", Long.toString(reply.evictedKeys()),
                "slots", reply.slots());
    }

    private static boolean isNumber(String text) {
        return text != null && text.matches("\\d{1,18}");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(byte[] ascii) {
        return new String(ascii, StandardCharsets.US_ASCII);
    }
}
