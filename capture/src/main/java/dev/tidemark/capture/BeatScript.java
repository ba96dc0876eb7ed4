package dev.tidemark.capture;

import dev.tidemark.capture.proof.BeatReply;
import dev.tidemark.schemas.Bytes;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A beat as a script, for a server whose memory is full and evicts nothing: it refuses every transaction then, but not a
 * script that says it may run (Redis 7.0 and later). What the script writes takes no more room than the beat before did.
 */
final class BeatScript {
    private static final String TEXT = """
            #!lua flags=allow-oom
            local fields = redis.call('HLEN', KEYS[1])
            local bytes = redis.call('MEMORY', 'USAGE', KEYS[1], 'SAMPLES', ARGV[3]) or 0
            if fields > tonumber(ARGV[3]) or bytes > tonumber(ARGV[4]) then
                return {tostring(fields), tostring(bytes)}
            end
            local time = redis.call('TIME')
            local before = redis.call('HGETALL', KEYS[1])
            local expired = redis.call('PERSIST', KEYS[1]) == 1 and 'yes' or 'no'
            redis.call('HSET', KEYS[1], unpack(ARGV, 5))
            redis.call('PEXPIREAT', KEYS[1], ARGV[2])
            redis.call('PERSIST', KEYS[1])
            local info = redis.call('INFO', 'server') .. redis.call('INFO', 'commandstats')
                .. redis.call('INFO', 'replication') .. redis.call('INFO', 'stats')
            local nodes = ''
            if ARGV[1] == 'cluster' then nodes = redis.call('CLUSTER', 'NODES') end
            return {time[1], time[2], info, nodes, expired, unpack(before)}
            """;

    /** Of the script's arguments, those before the fields. */
    private static final int OPTIONS = 4;

    private BeatScript() {}

    static RedisFuture<List<byte[]>> send(
            RedisAsyncCommands<byte[], byte[]> redis, Canary canary, long n, long nowMicros, boolean cluster) {
        byte[][] fields = canary.fields(n, nowMicros);
        byte[][] arguments = new byte[fields.length + OPTIONS][];
        arguments[0] = ascii(cluster ? "cluster" : "alone");
        arguments[1] = ascii(Long.toString(Canary.FAR_AHEAD_MILLIS));
        arguments[2] = ascii(Integer.toString(OwnHash.FIELDS_MAX));
        arguments[3] = ascii(Integer.toString(OwnHash.BYTES_MAX));
        System.arraycopy(fields, 0, arguments, OPTIONS, fields.length);
        return redis.eval(TEXT, ScriptOutputType.MULTI, new byte[][] {canary.key()}, arguments);
    }

    /** How large the canary is that was neither read nor written for that. */
    static Optional<OwnHash.Size> tooLarge(List<byte[]> answer) {
        return answer.size() == 2
                ? Optional.of(new OwnHash.Size(number(answer.get(0)), number(answer.get(1))))
                : Optional.empty();
    }

    static long timeMicros(List<byte[]> answer) {
        return WatchLink.micros(answer.subList(0, 2));
    }

    static Optional<BeatReply.Canary> readBack(List<byte[]> answer) {
        boolean expired = new String(answer.get(4), StandardCharsets.US_ASCII).equals("yes");
        Map<Bytes, Bytes> fields = new HashMap<>();
        for (int i = 5; i < answer.size(); i += 2) {
            fields.put(Bytes.wrap(answer.get(i)), Bytes.wrap(answer.get(i + 1)));
        }
        return Canary.readBack(fields, expired);
    }

    static ServerInfo info(List<byte[]> answer) {
        return new ServerInfo().add(answer.get(2));
    }

    private static long number(byte[] ascii) {
        return Long.parseLong(new String(ascii, StandardCharsets.US_ASCII));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static String clusterNodes(List<byte[]> answer) {
        return new String(answer.get(3), StandardCharsets.UTF_8);
    }
}
