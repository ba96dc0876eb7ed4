package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.TopicSetup.TopicIds;
import dev.tidemark.schemas.layout.ArchiveKey.LogKey;
import java.util.Map;
import java.util.Optional;

/** Which Kafka topics each generation of the source's log is, so that offsets are never compared with those of others. */
public final class LogGenerations {
    private static final int LOG_BYTES_MAX = 64 << 10;

    private final ObjectStore store;
    private final String prefix;
    private final String source;

    LogGenerations(ObjectStore store, String prefix, String source) {
        this.store = store;
        this.prefix = prefix;
        this.source = source;
    }

    /** Makes these topics the log of the generation, or shows that they already are; other topics are refused. */
    public void claim(int generation, TopicIds topics) {
        String key = prefix + new LogKey(generation).path();
        if (store.create(key, ObjectBody.of(LogJson.of(topics)), Map.of()) == Creation.CREATED) {
            return;
        }
        TopicIds claimed = topics(generation)
                .orElseThrow(() -> new TidemarkError(
                        ExitCode.UNREACHABLE, store.uri(key) + " is there and then is not; try again"));
        if (!claimed.equals(topics)) {
            throw new TidemarkError(
                    ExitCode.ARCHIVE_DAMAGED,
                    "generation %d of the log of source %s was written to topics with the ids %s, but Kafka's topics now have %s: they were deleted and created again, or this is another cluster. Their offsets mean something else, so nothing was written; what the archive holds stays restorable. Point kafka.bootstrap to the old cluster, or begin a new archive by another source.name"
                            .formatted(generation, source, claimed, topics));
        }
    }

    /** The topics that are a generation of the log, if it was ever claimed. */
    public Optional<TopicIds> topics(int generation) {
        String key = prefix + new LogKey(generation).path();
        return store.get(key, LOG_BYTES_MAX).map(bytes -> {
            try {
                return LogJson.parse(bytes);
            } catch (IllegalArgumentException e) {
                throw new TidemarkError(
                        ExitCode.ARCHIVE_DAMAGED,
                        "%s is damaged: %s. The segments are not affected".formatted(store.uri(key), e.getMessage()),
                        e);
            }
        });
    }
}
