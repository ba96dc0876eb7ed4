package dev.tidemark.capture;

import dev.tidemark.capture.proof.EntryId;
import dev.tidemark.schemas.Bytes;
import io.lettuce.core.Range;
import io.lettuce.core.RedisBusyException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.XGroupCreateArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * The consumer group of a source on one stream of its journal. Its last delivered id is what has been acknowledged: a new
 * watch reads on from there, and nothing behind it is trimmed.
 *
 * <p>No consumer reads through it: a group gives each entry to one consumer alone, and here every watch of every capture has to
 * see them all.
 */
final class JournalGroup {
    /**
     * In one piece, and never back: several watches acknowledge the same stream, and what one of them trims must not lie
     * before what another one says was acknowledged.
     */
    private static final String ACKNOWLEDGE = """
            local function before(a, b)
                local am, as = string.match(a, '(%d+)-(%d+)')
                local bm, bs = string.match(b, '(%d+)-(%d+)')
                if am ~= bm then return tonumber(am) < tonumber(bm) end
                return tonumber(as) < tonumber(bs)
            end
            local least = ARGV[2]
            for _, words in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
                local group = {}
                for i = 1, #words, 2 do group[words[i]] = words[i + 1] end
                local delivered = group['last-delivered-id']
                if group['name'] == ARGV[1] then
                    if before(delivered, ARGV[2]) then
                        redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], ARGV[2])
                    end
                else
                    if group['pending'] > 0 then delivered = redis.call('XPENDING', KEYS[1], group['name'])[2] end
                    if before(delivered, least) then least = delivered end
                end
            end
            redis.call('XTRIM', KEYS[1], 'MINID', least)
            return redis.call('XLEN', KEYS[1])
            """;

    private static final String EVER_ADDED = "entries-added";

    private final StatefulRedisConnection<byte[], byte[]> connection;
    private final byte[] stream;
    private final byte[] group;

    JournalGroup(StatefulRedisConnection<byte[], byte[]> connection, String stream, String source) {
        this.connection = connection;
        this.stream = stream.getBytes(StandardCharsets.UTF_8);
        this.group = name(source).getBytes(StandardCharsets.UTF_8);
    }

    static String name(String source) {
        return "tidemark:" + source;
    }

    /**
     * Where a watch begins to read.
     *
     * @param anchored whether that entry is there: then nothing behind it can have been trimmed by somebody else
     * @param whole whether nothing was ever removed from the stream, as far as the server tells
     * @param wasThere whether the group was
     */
    record Begin(EntryId acknowledged, boolean anchored, boolean whole, boolean wasThere) {
        /** Whether all that was ever added behind what is acknowledged is there. */
        boolean intact() {
            return anchored || (wasThere && isFromTheFirst());
        }

        /** Whether the first entry that is read must be the first that there ever was. */
        boolean isFromTheFirst() {
            return whole && acknowledged.equals(EntryId.NONE);
        }
    }

    /** Makes the stream and the group, where there are none; blocks. */
    Begin enter() {
        RedisCommands<byte[], byte[]> redis = connection.sync();
        boolean wasThere = false;
        try {
            redis.xgroupCreate(
                    StreamOffset.from(stream, EntryId.NONE.toString()), group, XGroupCreateArgs.Builder.mkstream());
        } catch (RedisBusyException alreadyThere) {
            // Whoever made it, its position is what counts.
            wasThere = true;
        }
        EntryId acknowledged = ours(redis.xinfoGroups(stream));
        Range<String> itself = Range.create(acknowledged.toString(), acknowledged.toString());
        boolean anchored = !redis.xrange(stream, itself).isEmpty();
        return new Begin(acknowledged, anchored, isWhole(redis), wasThere);
    }

    private boolean isWhole(RedisCommands<byte[], byte[]> redis) {
        try {
            return isWhole(redis.xinfoStream(stream));
        } catch (RedisCommandExecutionException refused) {
            return false;
        }
    }

    /** A server before 7.0 does not tell how many there were, nor does one that gives no right to ask. */
    private static boolean isWhole(List<Object> words) {
        Map<String, Object> fields = fields(words);
        return fields.containsKey(EVER_ADDED) && fields.get(EVER_ADDED).equals(fields.get("length"));
    }

    /** Whether nothing was ever removed from the stream, as far as the server tells. */
    CompletionStage<Boolean> whole() {
        return connection.async().xinfoStream(stream).thenApply(JournalGroup::isWhole);
    }

    /** What has been acknowledged, by whichever capture. */
    CompletionStage<EntryId> acknowledged() {
        return connection.async().xinfoGroups(stream).thenApply(this::ours);
    }

    private EntryId ours(List<Object> found) {
        return groups(found).stream()
                .filter(each -> each.name().equals(Bytes.wrap(group)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the consumer group on the journal is gone"))
                .delivered();
    }

    /**
     * Everything up to this entry is behind tidemarks that count. It is trimmed, as far as no other group on the stream has
     * still to read or to acknowledge it. The entry itself stays: it is what whoever reads on begins with.
     *
     * @return how many entries are left, once all of it is done
     */
    CompletionStage<Long> acknowledge(EntryId through) {
        return connection
                .async()
                .eval(ACKNOWLEDGE, ScriptOutputType.INTEGER, new byte[][] {stream}, group, ascii(through.toString()));
    }

    /** A group as XINFO tells of it. */
    private record Group(Bytes name, EntryId delivered) {}

    private static List<Group> groups(List<Object> found) {
        List<Group> groups = new ArrayList<>();
        for (Object each : found) {
            Map<String, Object> fields = fields((List<?>) each);
            groups.add(new Group(
                    Bytes.wrap((byte[]) fields.get("name")), EntryId.parse(text(fields.get("last-delivered-id")))));
        }
        return groups;
    }

    private static Map<String, Object> fields(List<?> words) {
        Map<String, Object> fields = new HashMap<>();
        for (int i = 0; i + 1 < words.size(); i += 2) {
            fields.put(text(words.get(i)), words.get(i + 1));
        }
        return fields;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(Object word) {
        return word instanceof byte[] bytes ? new String(bytes, StandardCharsets.US_ASCII) : String.valueOf(word);
    }
}
