package dev.tidemark.capture;

import dev.tidemark.schemas.settings.JournalSettings;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Where entries go that say nothing, for people to look at: a stream beside the journal's, of bounded length, in which they
 * keep their ids. Every watch of every capture finds the same ones, and the id is what makes it one of them that counts.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What becomes of it is told to whoever asked.
final class JournalAside {
    private static final int ENTRIES_MAX = 1_000;
    private static final int ENTRY_BYTES_MAX = 64 << 10;

    private final RedisAsyncCommands<byte[], byte[]> redis;
    private final byte[] stream;

    /** @param redis the connection that the journal is read on: what is set aside is there before the next read */
    JournalAside(RedisAsyncCommands<byte[], byte[]> redis, String journal) {
        this.redis = redis;
        this.stream = JournalSettings.asideOf(journal).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Sets one aside.
     *
     * @param done called if it was this call that did, with why it could not be kept; empty if it was kept
     */
    void put(String id, Map<byte[], byte[]> fields, String reason, Consumer<String> done) {
        List<Object> kept = new ArrayList<>(List.of(ascii("tidemark-reason"), reason.getBytes(StandardCharsets.UTF_8)));
        long bytes = fields.entrySet().stream()
                .mapToLong(field -> (long) field.getKey().length + field.getValue().length)
                .sum();
        if (bytes <= ENTRY_BYTES_MAX) {
            fields.forEach((name, value) -> kept.addAll(List.of(name, value)));
        } else {
            kept.addAll(List.of(ascii("tidemark-left-out-bytes"), ascii(Long.toString(bytes))));
        }
        redis.xadd(stream, new XAddArgs().id(id).maxlen(ENTRIES_MAX), kept.toArray())
                .whenComplete((added, failure) -> {
                    if (failure == null) {
                        done.accept("");
                    } else if (!isThereAlready(failure)) {
                        done.accept(String.valueOf(failure.getMessage()));
                    }
                });
    }

    private static boolean isThereAlready(Throwable failure) {
        return failure instanceof RedisCommandExecutionException
                && String.valueOf(failure.getMessage()).contains("equal or smaller");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
