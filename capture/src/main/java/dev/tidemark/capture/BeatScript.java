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
            local time = redis.call('TIME')
            local before = redis.call('HGETALL', KEYS[1])
            local expired = redis.call('PERSIST', KEYS[1]) == 1 and 'yes' or 'no'
            redis.call('HSET', KEYS[1], unpack(ARGV, 3))
            redis.call('PEXPIREAT', KEYS[1], ARGV[2])
            redis.call('PERSIST', KEYS[1])
            local info = redis.call('INFO', 'server') .. redis.call('INFO', 'commandstats')
                .. redis.call('INFO', 'replication') .. redis.call('INFO', 'stats')
            local nodes = ''
            if ARGV[1] == 'cluster' then nodes = redis.call('CLUSTER', 'NODES') end
            return {time[1], time[2], info, nodes, expired, unpack(before)}
            """;

    private BeatScript() {}

    static RedisFuture<List<byte[]>> send(
            RedisAsyncCommands<byte[], byte[]> redis, Canary canary, long n, long nowMicros, boolean cluster) {
        byte[][] fields = canary.fields(n, nowMicros);
        byte[][] arguments = new byte[fields.length + 2][];
        arguments[0] = (cluster ? "cluster" : "alone").getBytes(StandardCharsets.US_ASCII);
        arguments[1] = Long.toString(Canary.FAR_AHEAD_MILLIS).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(fields, 0, arguments, 2, fields.length);
        return redis.eval(TEXT, ScriptOutputType.MULTI, new byte[][] {canary.key()}, arguments);
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

    static String clusterNodes(List<byte[]> answer) {
        return new String(answer.get(3), StandardCharsets.UTF_8);
    }
}
