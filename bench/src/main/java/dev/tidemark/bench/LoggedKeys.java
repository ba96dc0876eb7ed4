package dev.tidemark.bench;

import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.Settings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.BitSet;
import java.util.Optional;

/** Which of many numbered keys capture has logged since it was asked to be looked at. */
final class LoggedKeys implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ShardLog log;
    private final long[] from;

    private LoggedKeys(Settings settings) {
        log = new ShardLog(settings.kafka(), LogTopics.first(settings.source().name()), PATIENCE);
        from = new long[settings.source().shards()];
        for (int shard = 0; shard < from.length; shard++) {
            from[shard] = log.changesEnd(shard);
        }
    }

    static LoggedKeys fromNowOn(Settings settings) {
        return new LoggedKeys(settings);
    }

    /** How many different keys there are of this prefix and a number. */
    int count(String prefix) {
        BitSet seen = new BitSet();
        for (int shard = 0; shard < from.length; shard++) {
            log.readChanges(shard, from[shard], log.changesEnd(shard), (offset, row) -> number(prefix, row)
                    .ifPresent(seen::set));
        }
        return seen.cardinality();
    }

    private static Optional<Integer> number(String prefix, LogRow row) {
        if (!(row instanceof LogRow.Change change) || change.value() instanceof Value.Absent) {
            return Optional.empty();
        }
        String key = new String(change.key().array(), StandardCharsets.US_ASCII);
        return key.startsWith(prefix)
                ? Optional.of(Integer.parseInt(key.substring(prefix.length())))
                : Optional.empty();
    }

    @Override
    public void close() {
        log.close();
    }
}
