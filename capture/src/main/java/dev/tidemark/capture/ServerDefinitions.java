package dev.tidemark.capture;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.redis.SearchIndex;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one server held beside its keys when it was asked.
 *
 * @param timeMicros the server's clock after the last answer
 * @param payloads by kind
 * @param refused of which kinds nothing is known, and why: all kinds that begin so
 */
record ServerDefinitions(long timeMicros, Map<String, Bytes> payloads, Map<String, String> refused) {
    /** A version and a checksum: the dump of no library at all. */
    private static final int EMPTY_DUMP_BYTES = 10;

    ServerDefinitions {
        payloads = Map.copyOf(payloads);
        refused = Map.copyOf(refused);
    }

    /** Whether it would be known if there were such definitions; of all indexes, only if each one's is. */
    boolean tellsOf(String kind) {
        return refused.keySet().stream()
                .noneMatch(each -> kind.startsWith(each)
                        || (kind.equals(Definitions.INDEX) && each.startsWith(Definitions.INDEX)));
    }

    /**
     * Asks a server; blocks.
     *
     * @param leftAlone what it refused before: it is not asked for that again
     * @param payloadBytesMax what is larger does not fit into the log
     */
    static ServerDefinitions read(
            RedisCommands<byte[], byte[]> redis, Map<String, String> leftAlone, long payloadBytesMax) {
        Map<String, Bytes> payloads = new TreeMap<>();
        Map<String, String> refused = new HashMap<>(leftAlone);
        ask(Definitions.FUNCTIONS, refused, () -> readFunctions(redis, payloads));
        ask(Definitions.INDEX, refused, () -> readIndexes(redis, payloads));
        payloads.forEach((kind, payload) -> {
            if (payload.length() > payloadBytesMax) {
                refused.put(kind, "%d bytes, more than capture.inline-bytes-max".formatted(payload.length()));
            }
        });
        payloads.keySet().removeAll(refused.keySet());
        // The clock last: whoever restores to this time or a later one is given what was there.
        return new ServerDefinitions(WatchLink.micros(redis.time()), payloads, refused);
    }

    private static void ask(String kind, Map<String, String> refused, Runnable question) {
        if (refused.containsKey(kind)) {
            return;
        }
        try {
            question.run();
        } catch (RedisCommandExecutionException | IllegalArgumentException e) {
            refused.put(kind, String.valueOf(e.getMessage()));
        }
    }

    private static void readFunctions(RedisCommands<byte[], byte[]> redis, Map<String, Bytes> payloads) {
        byte[] dump = redis.functionDump();
        if (dump.length > EMPTY_DUMP_BYTES) {
            payloads.put(Definitions.FUNCTIONS, Bytes.wrap(dump));
        }
    }

    private static void readIndexes(RedisCommands<byte[], byte[]> redis, Map<String, Bytes> payloads) {
        Map<String, Bytes> found = new HashMap<>();
        for (Object name : ask(redis, Search.LIST)) {
            byte[] index = (byte[]) name;
            try {
                String kind = Definitions.INDEX + new String(index, StandardCharsets.UTF_8);
                String create = SearchIndex.createdBy(index, ask(redis, Search.INFO, index));
                found.put(kind, Bytes.utf8(create));
            } catch (RedisCommandExecutionException e) {
                if (new RedisAnswer(String.valueOf(e.getMessage())).isDenial()) {
                    throw e;
                }
                // Dropped since the list was made.
            }
        }
        payloads.putAll(found);
    }

    private static List<Object> ask(RedisCommands<byte[], byte[]> redis, Search question, byte[]... arguments) {
        CommandArgs<byte[], byte[]> args = new CommandArgs<>(ByteArrayCodec.INSTANCE).addValues(List.of(arguments));
        return redis.dispatch(question, new NestedMultiOutput<>(ByteArrayCodec.INSTANCE), args);
    }

    /** A command of the search module, which the client knows by another way only. */
    private record Search(String spelling) implements ProtocolKeyword {
        private static final Search LIST = new Search("FT._LIST");
        private static final Search INFO = new Search("FT.INFO");

        @Override
        public byte[] getBytes() {
            return spelling.getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        public String toString() {
            return spelling;
        }
    }
}
